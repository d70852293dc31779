"""Labels as the numbers of their classes."""

import numpy as np
import pandas as pd


def encode_classes(column, classes) -> np.ndarray:
    """Return the number of the class of each row ``(n_rows, 1)``, 0 where the label is missing.

    Raises
    ------
    ValueError
        If a label is none of the classes.
    """
    found = find_classes(column.values[column.is_labelled], classes)
    if (found < 0).any():
        place = int(np.argmin(found))
        row = int(np.flatnonzero(column.is_labelled)[place])
        label = column.values[column.is_labelled].tolist()[place]
        raise ValueError(
            f"y: task {column.name!r}, row {row}: class {label!r} was not "
            f"seen in fit; known classes: {_some_classes(classes)}."
        )
    codes = np.zeros((len(column.values), 1), np.float32)
    codes[column.is_labelled, 0] = found
    return codes


def find_classes(labels, classes) -> np.ndarray:
    """Return the position of each label among the classes, -1 where it is none of them."""
    if labels.dtype.kind in "biuf" and labels.dtype.kind == classes.dtype.kind:
        order = np.argsort(classes)
        found = order[np.searchsorted(classes, labels, sorter=order).clip(max=len(classes) - 1)]
        return np.where(classes[found] == labels, found, -1)
    try:
        known, cells = (pd.Index(x.astype(object), dtype=object) for x in (classes, labels))
        return known.get_indexer(cells)
    except TypeError:  # a label that has no hash, such as a list
        code_of = {label: code for code, label in enumerate(classes.tolist())}
        cells = labels.tolist()
        return np.array([code_of.get(c, -1) if _has_hash(c) else -1 for c in cells], int)


def _has_hash(cell) -> bool:
    return getattr(type(cell), "__hash__", None) is not None


def _some_classes(classes, limit=10) -> str:
    """Return the first classes as text."""
    text = ", ".join(repr(label) for label in classes[:limit].tolist())
    return text + (f", … ({len(classes)} in all)" if len(classes) > limit else "")
