"""An append-only file of finished runs, one JSON object per line."""

import json
import os
import re
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing

from skmtl.data.labels import read_labels

_SAMPLED_ROWS = 100  # of X, for telling one table from another


class ResultsFile:
    """Finished runs by what determines them.

    A line is written in one piece and forced to the disk. What a killed process left of a last
    line is cut off on opening.

    Parameters
    ----------
    path : str, path or None
        The file; it is made if it is not there. None keeps the runs in memory alone.
    """

    def __init__(self, path):
        self.path = None if path is None else Path(path)
        self._runs = {}
        if self.path is not None and self.path.exists():
            self._read()

    def __len__(self):
        return len(self._runs)

    def find(self, key):
        """Return the run with this key, a dict, or None."""
        return self._runs.get(key)

    def append(self, key, run):
        """Add a run, a dict that JSON can hold."""
        self._runs[key] = run
        if self.path is None:
            return
        line = json.dumps({"key": key, **run}, ensure_ascii=False) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _read(self):
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                run = json.loads(line)
                self._runs[run.pop("key")] = run
            except (ValueError, KeyError, AttributeError, UnicodeDecodeError) as error:
                raise ValueError(
                    f"results_path: line {number} of {self.path} is no run of a comparison."
                ) from error
        if whole < len(content):
            os.truncate(self.path, whole)


def table_key(X, y):
    """Return a hash of the labels, and of some rows of the table."""
    table = read_labels(y)
    labels = [[c.name, list(map(repr, c.with_none()))] for c in table.columns]
    n_rows = table.n_rows
    rows = np.unique(np.linspace(0, n_rows - 1, _SAMPLED_ROWS).astype(int))
    some = _safe_indexing(X, rows)
    if isinstance(some, pd.DataFrame):
        # cell by cell: how pandas lays out the same columns varies
        some = {str(name): some[name].astype(object).tolist() for name in some}
    return joblib.hash([n_rows, labels, some])


def text_key(thing):
    """Return a text of a parameter that tells values apart and is the same in every process.

    Parameters
    ----------
    thing : object
        A metric, or a parameter of an estimator.

    Returns
    -------
    str
        Its repr where that tells all; else its configuration (Keras) or a hash of its content.
    """
    if isinstance(thing, str):
        return thing
    if hasattr(thing, "get_config"):
        return f"{type(thing).__qualname__}({thing.get_config()})"
    text = repr(thing)
    if " at 0x" in text or isinstance(thing, np.ndarray | pd.DataFrame | pd.Series):
        try:
            return joblib.hash(thing)
        except Exception:  # what cannot be pickled, a lambda for instance, is told by its name
            return re.sub(r" at 0x[0-9a-fA-F]+", "", text)
    return text
