"""How far the resident memory of the process rises."""

import ctypes
import sys
from pathlib import Path

_PROC = Path("/proc/self")


class MemoryRise:
    """Context that measures the peak of the resident memory, as the kernel records it.

    It resets the peak that Linux keeps of the process, after what earlier work left behind has gone
    back to the system: a run that reuses such memory would otherwise seem to need none. Memory of
    an accelerator is not counted, and on other systems the rise is NaN.

    Attributes
    ----------
    rise_mib : float
        Highest resident memory inside the context minus that at its start, in MiB.
    """

    def __enter__(self):
        self.rise_mib = float("nan")
        if sys.platform == "linux":
            _give_back_free_memory()
        try:
            (_PROC / "clear_refs").write_text("5")
        except OSError:
            self._start = float("nan")
        else:
            self._start = resident_mib()
        return self

    def __exit__(self, *exception):
        self.rise_mib = max(resident_mib("VmHWM") - self._start, 0.0)


def _give_back_free_memory():
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only the C library of GNU has it
    if trim is not None:
        trim(0)


def resident_mib(field="VmRSS"):
    """Return the resident memory of the process ("VmHWM": its peak) in MiB, NaN if unknown."""
    try:
        lines = (_PROC / "status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith(field)), float("nan"))
