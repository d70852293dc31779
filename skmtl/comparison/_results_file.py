"""An append-only file of finished runs, one JSON object per line."""

import json
import math
import os
import re
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing

from skmtl.data.labels import read_labels

try:
    import fcntl
except ImportError:  # Windows: processes there need a file each
    fcntl = None

COSTS = ("fit_seconds", "predict_ms_per_row", "memory_mib", "n_parameters")
_SAMPLED_ROWS = 100  # of X, for telling one table from another
_NUMBER = int | float | None
_FIELDS = {
    "key": str,
    "technique": str,
    "error": str | None,
    **dict.fromkeys(("repeat", "fold", "seed", "n_train", "n_test"), int),
}


class ResultsFile:
    """Finished runs by what determines them.

    Several processes may append to one file. A line is written whole and forced to the disk, or not
    at all; what a killed process left of a last line is removed when the next one is written.

    Parameters
    ----------
    path : str, path or None
        The file; it is made if it is not there. None keeps the runs in memory alone.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If a line is not a run of a comparison.
    """

    def __init__(self, path):
        self.path = None if path is None else Path(path)
        self._runs = {}
        self._unwritten = b""
        if self.path is not None:
            try:
                with self.path.open("ab"):
                    pass
            except OSError as error:
                raise OSError(f"results_path cannot be written: {error}.") from error
            self._read()

    def __len__(self):
        return len(self._runs)

    def find(self, key):
        """Return the run with this key, a dict, or None."""
        return self._runs.get(key)

    def append(self, key, run):
        """Add a run, a dict that JSON can hold."""
        self._runs[key] = run
        line = json.dumps({"key": key, **run}, ensure_ascii=False) + "\n"
        # a lone surrogate has no UTF-8: its backslash escape is JSON
        self._unwritten += line.encode("utf-8", "backslashreplace")
        self.flush()

    def flush(self):
        """Write what is not written yet; warn, and keep it in memory, where that fails."""
        if self.path is None or not self._unwritten:
            return
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            with os.fdopen(descriptor, "r+b", buffering=0) as file, _locked(file):
                self._write(file)
        except OSError as error:
            warnings.warn(
                f"results_path: a finished run cannot be written, {error}. The comparison goes on, "
                "and tries again after the next run.",
                UserWarning,
                stacklevel=3,
            )

    def _write(self, file):
        """Write all that is not written yet, or nothing of it."""
        end, lines = _end_of_runs(file), self._unwritten
        file.seek(end)
        try:
            left = memoryview(lines)
            while left:
                left = left[file.write(left) :]  # a full disk takes a part before it fails
            self._unwritten = b""  # before the disk has it: Ctrl-C may come meanwhile
            os.fsync(file.fileno())
        except OSError:
            self._unwritten = lines
            file.truncate(end)
            raise

    def _read(self):
        *lines, last = self.path.read_bytes().split(b"\n")
        with suppress(ValueError):  # torn, if a process was killed while it wrote
            lines += [last] if _as_run(last) else []
        for number, line in enumerate(lines, start=1):
            try:
                if line.strip():
                    run = _as_run(line)
                    self._runs[run.pop("key")] = run
            except ValueError as error:
                raise ValueError(
                    f"results_path: line {number} of {self.path} is not a run of a comparison: "
                    f"{error}."
                ) from error


@contextmanager
def _locked(file):
    """Hold the file's lock; file systems without locks go without."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
    yield  # closing the file gives the lock back


def _end_of_runs(file) -> int:
    """Return where the last whole line ends, after repairing the end of the file."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    file.seek(0)
    content = file.read()
    whole = content.rfind(b"\n") + 1
    try:
        _as_run(content[whole:])
    except ValueError:
        file.truncate(whole)
        return whole
    file.write(b"\n")  # only the end of the line is missing
    return size + 1


def _as_run(line) -> dict:
    """Return the run of a line, or raise a ValueError that says what is wrong with it."""
    try:
        run = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(run, dict):
        raise ValueError("it is not a JSON object")
    for name, kind in _FIELDS.items():
        value = run.get(name, ...)
        if not isinstance(value, kind) or (kind is int and abs(value) >= 2**63):
            raise ValueError(f"{name!r} is missing or malformed")
    scores = run.get("scores", {} if run["error"] is not None else None)
    if not isinstance(scores, dict):
        raise ValueError("'scores' is missing or malformed")
    numbers = scores | {f"{cost} (cost)": run.get(cost) for cost in COSTS}
    for name, value in numbers.items():
        if not isinstance(value, _NUMBER) or not math.isfinite(value or 0):
            raise ValueError(f"the number {name!r} is malformed")
    return run


def table_key(X, y):
    """Return a hash of the labels, and of some rows of the table."""
    table = read_labels(y)
    labels = [[column.name, list(map(repr, column.with_none()))] for column in table.columns]
    n_rows = table.n_rows
    rows = np.unique(np.linspace(0, n_rows - 1, _SAMPLED_ROWS).astype(int))
    some = _safe_indexing(X, rows)
    if isinstance(some, pd.DataFrame):
        # cell by cell: how pandas lays out the same columns varies
        some = {str(name): some[name].astype(object).tolist() for name in some}
    return joblib.hash([n_rows, labels, some])


def text_key(thing):
    """Return a text of a parameter that differs between values and is the same in every process.

    Parameters
    ----------
    thing : object
        A metric, or a parameter of an estimator.

    Returns
    -------
    str
        Its repr where that is complete; else its configuration (Keras) or a hash of its content.
    """
    if isinstance(thing, str):
        return thing
    if hasattr(thing, "get_config"):
        return f"{type(thing).__qualname__}({thing.get_config()})"
    text = repr(thing)
    if " at 0x" in text or isinstance(thing, np.ndarray | pd.DataFrame | pd.Series):
        try:
            return joblib.hash(thing)
        except Exception:  # what cannot be pickled, such as a lambda, goes by its name
            return re.sub(r" at 0x[0-9a-fA-F]+", "", text)
    return text
