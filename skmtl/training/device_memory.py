"""Batch sizes that fit the memory of the device, and what to do where they do not."""

import gc

from skmtl._runtime.checks import as_count
from skmtl.exceptions import DeviceMemoryError
from skmtl.training import backend
from skmtl.training.programs import forget_programs

LARGEST_AUTO = 1024
CPU_AUTO = 32  # a CPU's memory is not scarce, and more steps learn more in an epoch


def fit_in_memory(attempt, batch_size, n_rows):
    """Train with a batch size that fits.

    Programs kept for later fits have their weights on the device, too: where memory runs out, they
    are dropped first, and the same batch size is tried once more.

    Parameters
    ----------
    attempt : callable
        ``attempt(batch_size)`` trains from the start.
    batch_size : int or "auto"
        The parameter. With "auto" a batch that does not fit is halved.
    n_rows : int
        Number of rows to train on.

    Returns
    -------
    batch_size : int
        What was trained with.
    result : object
        What `attempt` returned.

    Raises
    ------
    DeviceMemoryError
        If the device ran out of memory.
    ValueError
        If `batch_size` is neither an int >= 1 nor "auto".

    Examples
    --------
    >>> fit_in_memory(lambda size: f"trained on batches of {size}", 8, 100)
    (8, 'trained on batches of 8')
    """
    auto = isinstance(batch_size, str)
    if auto and batch_size != "auto":
        raise ValueError(f"batch_size must be an int >= 1 or 'auto'; got {batch_size!r}.")
    size = largest_auto(n_rows) if auto else as_count("batch_size", batch_size)
    may_hold_others = True
    while True:
        try:
            return size, attempt(size)
        except Exception as error:
            if not backend.is_out_of_memory(error):
                raise
            had_others = _forget(error) and may_hold_others
            may_hold_others = False
            if not had_others:
                if not auto or size == 1:
                    raise DeviceMemoryError(_advice(size)) from error
                size //= 2


def largest_auto(n_rows) -> int:
    """Return the batch size that "auto" starts from: a power of two, at most the number of rows."""
    if backend.is_on_cpu():
        return CPU_AUTO
    return 1 << (min(LARGEST_AUTO, max(n_rows, 1)).bit_length() - 1)


def in_fitting_parts(compute, start, stop, what) -> list:
    """Compute rows; of half of them at a time where the device has no memory for all.

    Parameters
    ----------
    compute : callable
        ``compute(start, stop)`` returns what belongs to some rows.
    start, stop : int
        The rows.
    what : str
        What does not fit even for one row, for the error.

    Returns
    -------
    list
        What `compute` returned, in the order of the rows.

    Raises
    ------
    DeviceMemoryError
        If the device has no memory for a single row.

    Examples
    --------
    >>> in_fitting_parts(lambda start, stop: list("abc")[start:stop], 0, 3, "a letter")
    [['a', 'b', 'c']]
    """
    try:
        return [compute(start, stop)]
    except Exception as error:
        if not backend.is_out_of_memory(error):
            raise
        _forget(error)
        if stop - start == 1:
            raise DeviceMemoryError(
                f"Out of device memory: {what} does not fit even one row; a smaller image_size or "
                "tokenizer__max_len, or half precision (precision='mixed_bfloat16'), takes less."
            ) from error
    middle = (start + stop) // 2
    first = in_fitting_parts(compute, start, middle, what)
    return first + in_fitting_parts(compute, middle, stop, what)


def _forget(error) -> bool:
    """Free what a failed attempt has left on the device; the text of its error stays.

    Its frames hold arrays: of an error that a notebook keeps, and on PyTorch in reference cycles
    that Keras makes, which Python has found to be in use while the error was on its way.

    Returns whether programs of other fits were dropped, too.
    """
    error.__traceback__ = error.__context__ = error.__cause__ = None
    had_others = forget_programs()
    gc.collect()
    return had_others


def _advice(size) -> str:
    text = f"Out of device memory: training with batch_size={size} does not fit; "
    if size == 1:
        text += (
            "a smaller image_size, half precision (precision='mixed_bfloat16') or "
            "freeze_backbones=True takes less."
        )
    else:
        half = 1 << ((size - 1).bit_length() - 1)
        text += f"try batch_size={half}, or batch_size='auto', which halves it until it fits."
    return text + " Workers of n_jobs that share the device share its memory."
