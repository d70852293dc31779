"""The kind of labels, as the labels themselves show it, and tags as indicators."""

from collections.abc import Set

import numpy as np

_KINDS = {  # of labels that a metric is for
    "accuracy": ("class", "tags"),
    "balanced_accuracy": ("class",),
    "f1_macro": ("class", "tags"),
    "f1_micro": ("class", "tags"),
    "jaccard": ("tags",),
    "neg_log_loss": ("class",),
    "roc_auc": ("class",),
    "r2": ("number",),
    "neg_mean_absolute_error": ("number",),
    "neg_root_mean_squared_error": ("number",),
    "default": ("class", "tags", "number"),
}
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


def as_plain_kind(kind) -> str | None:
    """Return the kind as metrics know it: ordinal classes are classes."""
    return "class" if kind == "ordinal" else kind


def check_metric(metric, kind, task, labels):
    """Refuse a metric that the labels of a task do not have.

    Parameters
    ----------
    metric : str
        Those of scikit-learn are not checked.
    kind : {"class", "tags", "number"}
        What the labels are; a number of an order or a count may also be a class.
    task : str
        For the error.
    labels : ndarray of shape (n_labels,)
        True labels.

    Raises
    ------
    ValueError
        If the metric is of other kinds of labels.
    """
    if metric not in _KINDS:  # one of scikit-learn
        return
    fits = kind in _KINDS[metric] or (
        _KINDS[metric] == ("number",) and kind == "class" and labels.dtype.kind in "biuf"
    )
    if not fits:
        known = ", ".join(repr(name) for name, kinds in _KINDS.items() if kind in kinds)
        raise ValueError(
            f"Task {task!r} has labels of the kind {kind!r}, whose metrics are {known}; got "
            f"{metric!r}. Metrics that suit every kind: 'default'."
        )


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
            raise TypeError(
                f"Tags must be lists, tuples, sets or arrays; got {value!r}. Make lists of strings "
                "that hold several tags, for instance with pandas' str.split."
            )
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
