"""The kind of labels, as the labels themselves show it, and tags as indicators."""

from collections.abc import Set

import numpy as np

_COLLECTIONS = list | tuple | Set | np.ndarray


def kind_of_labels(y_true, y_pred=None) -> str:
    """Return "tags" for collections, "number" for fractions on either side, else "class".

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Labels, none of them missing.
    """
    kinds = [_kind(np.asarray(values)) for values in (y_true, y_pred) if values is not None]
    return next((kind for kind in ("tags", "number") if kind in kinds), "class")


def _kind(values):
    if values.dtype == object:
        if any(isinstance(value, _COLLECTIONS) for value in values):
            return "tags"
        if any(isinstance(value, str) for value in values):
            return "class"
        try:
            values = values.astype(float)
        except (TypeError, ValueError):
            return "class"
    return "number" if values.dtype.kind == "f" and (values != np.round(values)).any() else "class"


def tag_sets(values) -> list[frozenset]:
    """Return each label as a set of tags.

    Raises
    ------
    TypeError
        If a label is no collection.
    """
    sets = []
    for value in values:
        if not isinstance(value, _COLLECTIONS):
            raise TypeError(f"Tags must be lists, tuples, sets or arrays; got {value!r}.")
        sets.append(frozenset(value.ravel().tolist() if isinstance(value, np.ndarray) else value))
    return sets


def tag_indicators(*columns) -> tuple[list, list[np.ndarray]]:
    """Return all tags, sorted, and for each column of tags a bool array (n_samples, n_tags)."""
    sets = [tag_sets(column) for column in columns]
    tags = sorted(frozenset().union(*(one for column in sets for one in column)), key=_order)
    place = {tag: position for position, tag in enumerate(tags)}
    found = [np.zeros((len(column), len(tags)), bool) for column in sets]
    for indicators, column in zip(found, sets, strict=True):
        for row, one in enumerate(column):
            indicators[row, [place[tag] for tag in one]] = True
    return tags, found


def _order(tag):
    return (isinstance(tag, str), tag)
