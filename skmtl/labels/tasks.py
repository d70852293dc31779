"""Label columns to integer codes and back."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

from skmtl.data.cells import as_objects, missing_mask
from skmtl.exceptions import describe


@dataclass(frozen=True)
class Tasks:
    """The tasks of a classifier: their names and classes.

    Parameters
    ----------
    names : tuple of str
        One name per task.
    classes : tuple of ndarray
        The classes of each task, sorted.
    one_dimensional : bool
        Whether `y` was 1-D, so that predictions are 1-D too.
    missing_label : object
        The label that says "missing", beside None, NaN and NA.

    Examples
    --------
    >>> from skmtl.labels import Tasks
    >>> tasks = Tasks.of(["no", "yes", None])
    >>> tasks.encode(["yes", None]).tolist(), tasks.one_dimensional
    ([[1], [-1]], True)
    """

    names: tuple[str, ...]
    classes: tuple[np.ndarray, ...]
    one_dimensional: bool
    missing_label: object = None

    @classmethod
    def of(cls, y, *, missing_label=None, classes=None) -> "Tasks":
        """Read the tasks off the label columns.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; None, NaN, NA or `missing_label` where there is none.
        missing_label : object, optional
            One more value that says "missing".
        classes : array-like of shape (n_classes,), or dict of task to such, optional
            All classes, where `y` does not hold them.

        Returns
        -------
        Tasks

        Raises
        ------
        ValueError
            If a task has no label, a single class, or continuous labels.
        TypeError
            If the labels of a task mix kinds (strings and numbers).

        Examples
        --------
        >>> tasks = Tasks.of([["cat", 1], ["dog", None], ["cat", 0]])
        >>> tasks.names, [classes.tolist() for classes in tasks.classes]
        (('task_0', 'task_1'), [['cat', 'dog'], [0, 1]])
        """
        names, columns, one_dimensional = _label_columns(y)
        if classes is not None and not isinstance(classes, dict):
            classes = (
                {names[0]: classes} if one_dimensional else dict(zip(names, classes, strict=True))
            )
        if classes is not None and set(classes) - set(names):
            raise ValueError(f"classes names unknown tasks {sorted(set(classes) - set(names))}.")
        found = []
        for name, column in zip(names, columns, strict=True):
            labels = column if classes is None or name not in classes else classes[name]
            labels = labels if hasattr(labels, "dtype") else as_objects(labels)
            found.append(_classes_of(name, _labelled(labels, missing_label)))
        return cls(names, tuple(found), one_dimensional, missing_label)

    def encode(self, y) -> np.ndarray:
        """Return the codes ``(n_samples, n_tasks)``, int32, -1 where a label is missing.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels of the same tasks. A frame's columns are found by their names.

        Returns
        -------
        ndarray of int32, shape (n_samples, n_tasks)

        Raises
        ------
        ValueError
            If a task is missing or unknown, or a label is a class unseen in fit.
        """
        names, columns, _ = _label_columns(y)
        if isinstance(y, pd.DataFrame) and set(names) == set(self.names):
            columns = [columns[names.index(name)] for name in self.names]
        elif isinstance(y, pd.DataFrame) or len(names) != len(self.names):
            raise ValueError(f"y must have the tasks {list(self.names)}; got {list(names)}.")
        codes = [self._encode_task(task, column) for task, column in enumerate(columns)]
        return np.stack(codes, axis=1)

    def _encode_task(self, task, column) -> np.ndarray:
        classes = self.classes[task]
        # pandas' nullable columns have a kind too, and cells that do not compare
        is_plain = isinstance(getattr(column, "dtype", None), np.dtype)
        kind = column.dtype.kind if is_plain else "O"
        if kind in "biu" and classes.dtype.kind == kind and self.missing_label is None:
            codes = np.searchsorted(classes, column).clip(max=len(classes) - 1)
            if (classes[codes] == column).all():
                return codes.astype(np.int32)
        cells = as_objects(column)
        missing = _missing(cells, self.missing_label)
        code_of = {label: code for code, label in enumerate(classes.tolist())}
        codes = np.full(len(cells), -1, np.int32)
        for row in np.flatnonzero(~missing):
            try:
                codes[row] = code_of[cells[row]]
            except (KeyError, TypeError):
                raise ValueError(
                    f"y: task {self.names[task]!r}, row {row}: class {cells[row]!r} was not seen "
                    f"in fit; known classes: {_some(classes)}."
                ) from None
        return codes

    def decode(self, codes) -> np.ndarray:
        """Return the labels of codes.

        Parameters
        ----------
        codes : ndarray of int, shape (n_samples, n_tasks)
            None of them missing.

        Returns
        -------
        ndarray of shape (n_samples, n_tasks), or (n_samples,) if `y` was 1-D
            Labels of different kinds share an object array.
        """
        columns = [classes[codes[:, task]] for task, classes in enumerate(self.classes)]
        if self.one_dimensional:
            return columns[0]
        if len({classes.dtype.kind for classes in self.classes}) > 1:
            columns = [column.astype(object) for column in columns]
        return np.stack(columns, axis=1)


def _some(classes, limit=10) -> str:
    text = ", ".join(repr(label) for label in classes[:limit].tolist())
    return text + (f", … ({len(classes)} in all)" if len(classes) > limit else "")


def _label_columns(y):
    """Return names, columns and whether y is 1-D."""
    if hasattr(y, "to_pandas"):  # polars, pyarrow
        y = y.to_pandas()
    if y is None or isinstance(y, str | bytes | dict) or np.isscalar(y):
        raise ValueError(
            "requires y to be passed, but the target y is None"
            if y is None
            else f"y must have shape (n_samples,) or (n_samples, n_tasks); got {describe(y)}."
        )
    if isinstance(y, pd.DataFrame):
        if not y.columns.is_unique:
            raise ValueError(f"y has tasks of the same name: {list(y.columns)}.")
        if not len(y.columns):
            raise ValueError("y must have at least one task; got a DataFrame without columns.")
        return tuple(map(str, y.columns)), [y[name] for name in y.columns], False
    if not isinstance(y, pd.Series | np.ndarray) and hasattr(y, "__array__"):
        y = np.asarray(y)
    if isinstance(y, pd.Series):
        return (str(y.name) if y.name is not None else "y",), [y], True
    array = y if isinstance(y, np.ndarray) else _as_array(y)
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: y must be labels; got {describe(array)}.")
    if array.ndim == 1:
        return ("y",), [array], True
    if array.ndim == 2 and array.shape[1]:
        names = tuple(f"task_{task}" for task in range(array.shape[1]))
        return names, list(array.T), False
    raise ValueError(
        f"y must have shape (n_samples,) or (n_samples, n_tasks); got shape {array.shape}."
    )


def _as_array(y) -> np.ndarray:
    """Make an array of nested lists whose labels keep their own types."""
    rows = list(y)
    if rows and all(isinstance(row, list | tuple | np.ndarray) for row in rows):
        widths = {len(row) for row in rows}
        if len(widths) > 1:
            raise ValueError(f"y must have one label per task in every row; got {widths} labels.")
        array = np.empty((len(rows), widths.pop()), object)
        for row, labels in enumerate(rows):
            array[row] = labels
        return array
    return as_objects(rows)


def _missing(cells, missing_label) -> np.ndarray:
    missing = missing_mask(cells)
    if missing_label is not None:
        same = [type(c) is not bool and _equals(c, missing_label) for c in cells]
        missing |= np.array(same, bool)
    return missing


def _equals(cell, label) -> bool:
    return isinstance(cell, str) == isinstance(label, str) and bool(cell == label)


def _labelled(column, missing_label):
    """Return the labels that are there, in the column's own dtype where it has one."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "biu" and missing_label is None:
        return column
    cells = as_objects(column)
    present = ~_missing(cells, missing_label)
    if isinstance(column, np.ndarray) and column.dtype.kind in "biufUS":
        return column[present]
    return cells[present]


def _classes_of(name, labels) -> np.ndarray:
    if not len(labels):
        raise ValueError(f"y: task {name!r} has no label at all; drop the task or add labels.")
    if labels.dtype == object:
        labels = _typed(name, labels)
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all():
            raise ValueError(f"y: task {name!r} contains infinity; labels must be classes.")
        check_classification_targets(labels)
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(
            f"y: task {name!r} has only one class, {classes.tolist()[0]!r}; a classifier needs at "
            "least two classes per task."
        )
    return classes


def _typed(name, labels) -> np.ndarray:
    """Turn objects of one kind into a typed array, so that classes sort and compare."""
    kinds = {_kind(name, label) for label in labels}
    if len(kinds) > 1:
        raise TypeError(
            f"y: task {name!r} mixes labels of the kinds {sorted(kinds)}; use one kind per task."
        )
    # strings stay objects in memory if they came so; their classes are a fixed-width array
    values = labels.tolist()
    typed = np.array(values)
    is_whole = all(isinstance(value, int) for value in values)
    if kinds == {"number"} and (typed.dtype == object or (is_whole and typed.dtype.kind == "f")):
        raise ValueError(
            f"y: task {name!r} has integers that do not fit into 64 bits, up to "
            f"{max(values, key=abs)}; make them strings."
        )
    return typed


def _kind(name, label) -> str:
    if isinstance(label, str):
        return "str"
    if isinstance(label, bool | np.bool_):
        return "bool"
    if isinstance(label, Integral | Real):
        return "number"
    raise TypeError(
        f"y: task {name!r} has a label that is no string, number or bool: {describe(label)}."
    )
