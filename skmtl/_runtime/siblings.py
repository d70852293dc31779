"""How many workers of a search compute on the same device."""

import multiprocessing
import os
from contextlib import suppress
from pathlib import Path

VARIABLE = "SKMTL_WORKERS_PER_DEVICE"
_WORKERS = ("popen_loky", "spawn_main")  # what joblib and multiprocessing start workers with


def workers_per_device() -> int:
    """Return the number of processes that share a device with this one, itself included.

    The environment variable SKMTL_WORKERS_PER_DEVICE says it. Without it, a worker of joblib or
    multiprocessing counts those that its parent has started, where there is a ``/proc``.

    Returns
    -------
    int
        1 for a process that is nobody's worker.

    Raises
    ------
    ValueError
        If the environment variable is no whole number above 0.

    Examples
    --------
    >>> workers_per_device()
    1
    """
    told = os.environ.get(VARIABLE)
    if told:
        if not told.isdecimal() or int(told) < 1:
            raise ValueError(f"{VARIABLE} must be a whole number >= 1; got {told!r}.")
        return int(told)
    if multiprocessing.parent_process() is None:
        return 1
    return max(1, sum(_is_sibling(process) for process in Path("/proc").glob("[0-9]*")))


def _is_sibling(process) -> bool:
    """Return whether a folder of ``/proc`` is that of a worker with this process' parent."""
    with suppress(OSError):  # it may have ended
        status = (process / "stat").read_text(encoding="utf-8", errors="replace")
        if int(status.rpartition(")")[2].split()[1]) != os.getppid():
            return False
        command = (process / "cmdline").read_text(encoding="utf-8", errors="replace")
        return any(name in command for name in _WORKERS)
    return False
