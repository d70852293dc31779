"""Batches that fit the memory of the device, and what to do where they do not."""

import gc
from functools import cache

from skmtl._runtime.checks import as_count
from skmtl._runtime.keras_state import keras_names
from skmtl._runtime.siblings import workers_per_device
from skmtl.exceptions import DeviceMemoryError
from skmtl.training import backend
from skmtl.training.memory import GIB, MemoryEstimate, estimate_memory
from skmtl.training.optimizers import make_optimizer

LARGEST_AUTO = 1024
CPU_AUTO = 32  # a CPU's memory is not scarce, and more steps learn more in an epoch


def fit_in_memory(attempt, batch_size, n_rows, estimate):
    """Train with a batch size that fits.

    Parameters
    ----------
    attempt : callable
        ``attempt(batch_size)`` trains from the start.
    batch_size : int or "auto"
        The parameter. With "auto" a batch that does not fit after all is halved.
    n_rows : int
        Number of rows to train on.
    estimate : callable
        ``estimate(batch_size)`` returns a `MemoryEstimate`.

    Returns
    -------
    batch_size : int
        What was trained with.
    result : object
        What `attempt` returned.

    Raises
    ------
    DeviceMemoryError
        If the device ran out of memory, or the workers that share it would make it so.
    ValueError
        If `batch_size` is neither an int >= 1 nor "auto".

    Examples
    --------
    >>> fit_in_memory(lambda size: f"trained on batches of {size}", 8, 100, None)
    (8, 'trained on batches of 8')
    """
    auto = is_auto(batch_size)
    _check_workers(batch_size, estimate)
    size = auto_batch_size(n_rows, estimate) if auto else as_count("batch_size", batch_size)
    while True:
        try:
            return size, attempt(size)
        except Exception as error:
            if not backend.is_out_of_memory(error):
                raise
            _forget(error)
            if not auto or size == 1:
                raise DeviceMemoryError(_advice(size, estimate)) from error
        size //= 2


def auto_batch_size(n_rows, estimate) -> int:
    """Return the largest power of two that is estimated to fit the memory of the device.

    Parameters
    ----------
    n_rows : int
        Number of rows to train on; no batch is larger.
    estimate : callable
        ``estimate(batch_size)`` returns a `MemoryEstimate`.

    Returns
    -------
    int
        At most `LARGEST_AUTO`; `CPU_AUTO` where the device is a CPU.
    """
    if _memory_share() is None:
        return CPU_AUTO
    return _largest_fitting(1 << (min(LARGEST_AUTO, max(n_rows, 1)).bit_length() - 1), estimate)


def memory_of(estimator, network):
    """Return what estimates the memory that a fit of an estimator's network takes on the device.

    Parameters
    ----------
    estimator : MultiTaskClassifier
        Gives the optimizer.
    network : Network
        Built.

    Returns
    -------
    callable
        ``estimate(batch_size)`` returns a `MemoryEstimate`; the first call looks at the network.
    """

    @cache
    def look():
        with keras_names():
            return estimate_memory(network, make_optimizer(estimator))

    return lambda batch_size: look()(batch_size)


def estimated_memory(estimator, network, batch_size=None) -> MemoryEstimate:
    """Return what `memory_of` says of a batch size.

    By default of the parameter; for "auto" of what it has chosen or, before a fit, begins with.
    """
    estimate = memory_of(estimator, network)
    if batch_size is None:
        batch_size = estimator.batch_size
        if is_auto(batch_size):
            chosen = getattr(estimator, "batch_size_", None)
            batch_size = chosen or auto_batch_size(LARGEST_AUTO, estimate)
    return estimate(as_count("batch_size", batch_size))


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
                f"the memory of the device does not hold {what} for a single row; a smaller "
                "image_size or tokenizer__max_len, or half precision, takes less."
            ) from error
    middle = (start + stop) // 2
    first = in_fitting_parts(compute, start, middle, what)
    return first + in_fitting_parts(compute, middle, stop, what)


def _forget(error):
    """Free what a failed attempt has left on the device; the text of its error stays.

    Its frames hold arrays: of an error that a notebook keeps, and on PyTorch in circles of Keras'
    making, which Python has found to be in use while the error was on its way.
    """
    error.__traceback__ = error.__context__ = error.__cause__ = None
    gc.collect()


def is_auto(batch_size) -> bool:
    """Return whether a batch size is to be found, or say what it must be."""
    if isinstance(batch_size, str) and batch_size != "auto":
        raise ValueError(f"batch_size must be an int >= 1 or 'auto'; got {batch_size!r}.")
    return isinstance(batch_size, str)


def _memory_share() -> int | None:
    """Return the bytes of the device for each of the workers that share it, None for a CPU."""
    size = backend.device_memory()
    return None if size is None else size // workers_per_device()


def _check_workers(batch_size, estimate):
    """Refuse to train where so many workers share a device that none of them could finish."""
    memory = backend.device_memory()
    n_workers = 1 if memory is None else workers_per_device()
    if n_workers == 1:
        return
    needed = estimate(1 if is_auto(batch_size) else as_count("batch_size", batch_size))
    if needed.fits(memory // n_workers):
        return
    fitting = next((k for k in range(n_workers - 1, 0, -1) if needed.fits(memory // k)), None)
    raise DeviceMemoryError(
        f"{n_workers} workers share the device, and a fit with batch_size={needed.batch_size} is "
        f"estimated to take {needed.total / GIB:.3g} GiB of its {memory / GIB:.3g} GiB; "
        + (f"n_jobs={fitting} fits." if fitting else "not even n_jobs=1 fits: lower it.")
    )


def _largest_fitting(size, estimate) -> int:
    limit = _memory_share()
    while limit is not None and size > 1 and not estimate(size).fits(limit):
        size //= 2
    return size


def _advice(size, estimate) -> str:
    text = f"the memory of the device does not hold the training with batch_size={size}; "
    if size == 1:
        return text + (
            "a smaller image_size, half precision (precision='mixed_bfloat16') or "
            "freeze_backbones=True takes less."
        )
    fitting = _largest_fitting(1 << ((size - 1).bit_length() - 1), estimate)
    return text + f"batch_size={fitting} should fit, and batch_size='auto' looks for one."
