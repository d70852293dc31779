"""How far the resident memory of the process rises."""

import importlib
import os
import threading
from pathlib import Path

_STATM = Path("/proc/self/statm")
_MIB = 2**20


class MemoryRise:
    """Context that watches the resident memory of the process.

    A thread looks every few milliseconds, which sees what allocators hand back in between; what
    lives on an accelerator is not seen. Without ``/proc`` it takes `psutil`, and without that the
    rise is NaN.

    Parameters
    ----------
    interval : float, default=0.01
        Seconds between two looks.

    Attributes
    ----------
    rise_mib : float
        Highest resident memory inside the context minus that at its start, in MiB.
    """

    def __init__(self, interval=0.01):
        self.interval = interval

    def __enter__(self):
        self._start = self._highest = resident_mib()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._done.set()
        self._thread.join()
        self._look()

    @property
    def rise_mib(self):
        return self._highest - self._start

    def _watch(self):
        while not self._done.wait(self.interval):
            self._look()

    def _look(self):
        self._highest = max(self._highest, resident_mib())


def resident_mib():
    """Return the resident memory of the process in MiB, or NaN where it cannot be told."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB
    try:
        return importlib.import_module("psutil").Process().memory_info().rss / _MIB
    except ImportError:
        return float("nan")
