"""Every error that a user can meet, and how an error describes what was received."""

import numpy as np

__all__ = ["ComparisonInterrupted", "DeviceMemoryError", "ForkedProcessError", "ModelFileError"]


class ForkedProcessError(RuntimeError):
    """A network is used in a process that was forked after the backend had started.

    Examples
    --------
    >>> from skmtl.exceptions import ForkedProcessError
    >>> issubclass(ForkedProcessError, RuntimeError)
    True
    """


class DeviceMemoryError(MemoryError):
    """The device has too little memory; the message says what was tried and what would fit.

    Examples
    --------
    >>> from skmtl.exceptions import DeviceMemoryError
    >>> issubclass(DeviceMemoryError, MemoryError)
    True
    """


class ModelFileError(ValueError):
    """A file is no model that this version may read: damaged, foreign, newer, or malicious.

    Examples
    --------
    >>> import pathlib, tempfile, skmtl
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.skmtl"
    >>> _ = path.write_bytes(b"no model")
    >>> skmtl.load(path)
    Traceback (most recent call last):
    skmtl.exceptions.ModelFileError: ... cannot be loaded: ...
    """


class ComparisonInterrupted(KeyboardInterrupt):
    """A comparison was interrupted; what it found so far is in `comparison`.

    Parameters
    ----------
    comparison : Comparison or None
        The runs that were finished; None if none was.

    Examples
    --------
    >>> from skmtl.comparison import ComparisonInterrupted
    >>> try:
    ...     raise ComparisonInterrupted(None)  # as `compare_techniques` does after Ctrl-C
    ... except ComparisonInterrupted as interrupt:
    ...     print(interrupt.comparison)
    None
    """

    def __init__(self, comparison: object) -> None:
        super().__init__("The comparison was interrupted; `comparison` holds the finished runs.")
        self.comparison = comparison


def describe(value, limit: int = 60) -> str:
    """Return a short text of what was received, for an error."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return f"{type(value).__name__} {shortened(value, limit)}"


def shortened(value, limit: int = 100) -> str:
    """Return the representation of a value, cut where it is long."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
