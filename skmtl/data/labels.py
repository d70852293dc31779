"""The one reader of labels: a column and a mask per task, whatever table `y` came as."""

from collections.abc import Sized
from dataclasses import dataclass, replace
from numbers import Number

import numpy as np
import pandas as pd

from skmtl.data.cells import as_objects, is_missing, missing_mask
from skmtl.data.frames import as_pandas
from skmtl.exceptions import describe

_SHAPE = "(n_samples,) or (n_samples, n_tasks)"


@dataclass(frozen=True, eq=False)
class LabelColumn:
    """The labels of one task.

    Parameters
    ----------
    name : str
        The task.
    values : ndarray of shape (n_samples,)
        Labels in the dtype of the column, or Python objects; undefined where one is missing.
    is_labelled : ndarray of bool, shape (n_samples,)
        False where the label is missing.
    categories : ndarray of shape (n_categories,) or None
        All labels that the column may have, in their order, where its dtype says so.
    """

    name: str
    values: np.ndarray
    is_labelled: np.ndarray
    categories: np.ndarray | None = None

    @property
    def labels(self) -> np.ndarray:
        """The labels that are not missing; numbers as numbers, texts as objects."""
        return as_label_array(self.values[self.is_labelled])

    def take(self, rows) -> "LabelColumn":
        """Return some rows, in their order."""
        return replace(self, values=self.values[rows], is_labelled=self.is_labelled[rows])

    def with_none(self) -> np.ndarray:
        """Return the labels as Python objects, None where one is missing."""
        cells = self.values.astype(object)
        cells[~self.is_labelled] = None
        return cells

    def to_series(self) -> pd.Series:
        """Return the labels with None where one is missing; categories stay categories."""
        if self.categories is None:
            return pd.Series(self.with_none(), dtype=object)
        return pd.Series(pd.Categorical(self.with_none(), self.categories))


@dataclass(frozen=True, eq=False)
class LabelTable:
    """The labels of all tasks.

    Parameters
    ----------
    columns : tuple of LabelColumn
        One per task.
    is_one_dimensional : bool
        Whether `y` was 1-D.
    has_names : bool
        Whether `y` names its tasks.
    """

    columns: tuple[LabelColumn, ...]
    is_one_dimensional: bool
    has_names: bool

    @property
    def names(self) -> list[str]:
        """The tasks."""
        return [column.name for column in self.columns]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0].values)

    def to_pandas(self):
        """Return a DataFrame, or a Series for a 1-D `y`, with None where a label is missing."""
        frame = pd.DataFrame({column.name: column.to_series() for column in self.columns})
        return frame.iloc[:, 0] if self.is_one_dimensional else frame


def read_labels(y, *, missing_label=None, parameter="y", n_rows=None) -> LabelTable:
    """Return the labels of each task and a mask of those that are there.

    Parameters
    ----------
    y : array-like, DataFrame or Series of shape (n_samples,) or (n_samples, n_tasks)
        Labels; also a frame of polars or pyarrow. Columns without a name are called ``"task_0"``,
        ``"task_1"``, ...; 1-D labels without a name are called ``"y"``. None, NaN, NaT and NA are
        missing labels.
    missing_label : str, number or bool, optional
        One more label that is missing. It is compared within its kind: 0 is neither False nor "0",
        and -1 is -1.0.
    parameter : str, default="y"
        Name of the parameter, for error texts.
    n_rows : int, optional
        Number of rows of `X`, which `y` must have too.

    Returns
    -------
    LabelTable

    Raises
    ------
    TypeError, ValueError
        If `y` is no table of labels, has another number of rows, or two tasks of one name.

    Examples
    --------
    >>> from skmtl.data.labels import read_labels
    >>> table = read_labels([["cat", 1], ["dog", None]])
    >>> [(column.name, column.labels.tolist()) for column in table.columns]
    [('task_0', ['cat', 'dog']), ('task_1', [1])]
    """
    is_scalar = isinstance(missing_label, str | Number | np.bool_) or is_missing(missing_label)
    if not is_scalar:
        raise TypeError(
            "missing_label must be None, a string, a number or a bool; "
            f"got {describe(missing_label)}."
        )
    names, columns, is_one_dimensional = _split(as_pandas(y), parameter, n_rows)
    has_names = names is not None
    if not has_names:
        names = ["y"] if is_one_dimensional else [f"task_{i}" for i in range(len(columns))]
    if len(set(names)) < len(names):
        raise ValueError(f"{parameter} has tasks of the same name: {names}.")
    if n_rows is not None and len(columns[0]) != n_rows:
        raise ValueError(
            f"X and {parameter} must have the same number of rows; got {n_rows} and "
            f"{len(columns[0])}."
        )
    read = [_read_column(*item, missing_label) for item in zip(names, columns, strict=True)]
    return LabelTable(tuple(read), is_one_dimensional, has_names)


def as_label_array(values) -> np.ndarray:
    """Return labels as scikit-learn's metrics take them: numbers as numbers, texts as objects."""
    if values.dtype != object or any(isinstance(value, str) for value in values):
        return values
    return pd.Series(values, dtype=object).infer_objects().to_numpy()


def stack_labels(columns) -> np.ndarray:
    """Return a column of labels per task as one array; labels of different kinds become objects.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n_samples,)
        Labels of the tasks.

    Returns
    -------
    ndarray of shape (n_samples, n_tasks)
    """
    if len({column.dtype.kind for column in columns}) > 1:
        columns = [column.astype(object) for column in columns]
    return np.column_stack(columns)


def _split(y, parameter, n_rows):
    """Return names (None without any), columns, and whether `y` is 1-D."""
    if y is None:
        raise ValueError(f"requires y to be passed, but the target {parameter} is None")
    if isinstance(y, pd.DataFrame):
        if not len(y.columns):
            raise ValueError(f"{parameter} must have at least one task; it has no column.")
        return list(map(str, y.columns)), [y.iloc[:, i] for i in range(y.shape[1])], False
    if isinstance(y, pd.Series):
        return None if y.name is None else [str(y.name)], [y], True
    array = _as_array(y, parameter, n_rows)
    if array.dtype.kind == "c":
        raise ValueError(
            f"Complex data not supported: {parameter} must be labels; got {describe(array)}."
        )
    if array.ndim == 1:
        return None, [array], True
    if array.ndim == 2 and array.shape[1]:
        return None, list(array.T), False
    raise ValueError(f"{parameter} must have shape {_SHAPE}; got shape {array.shape}.")


def _as_array(y, parameter, n_rows) -> np.ndarray:
    """Make an array of array-likes and nested lists; labels keep their own types."""
    if not isinstance(y, list | tuple):
        if hasattr(y, "__array__"):
            y = np.asarray(y)
        elif isinstance(y, dict):
            raise ValueError(
                f"{parameter} must have shape {_SHAPE}; got a dict: make a frame of it with "
                "pandas.DataFrame."
            )
        elif isinstance(y, str | bytes | set | frozenset) or not isinstance(y, Sized):
            raise ValueError(f"{parameter} must have shape {_SHAPE}; got {describe(y)}.")
    if isinstance(y, np.ndarray):
        if y.ndim == 0:
            raise ValueError(f"{parameter} must have shape {_SHAPE}; got {describe(y)}.")
        return y
    rows = list(y)
    if not rows or not all(isinstance(row, list | tuple | np.ndarray | pd.Series) for row in rows):
        return as_objects(rows)
    widths = {len(row) for row in rows}
    if any(isinstance(row, pd.Series) for row in rows) or (
        n_rows is not None and len(rows) < n_rows and widths == {n_rows}
    ):
        raise ValueError(
            f"{parameter} is a list of {len(rows)} columns; it must have a row per sample. Make a "
            "table of the columns: pandas.DataFrame({'first': y1, 'second': y2})."
        )
    if len(widths) > 1:
        raise ValueError(
            f"{parameter} must have one label per task in every row; got rows of "
            f"{sorted(widths)[:5]} labels. Lists of tags, one for each row, are a column: "
            "pandas.Series(y)."
        )
    array = np.empty((len(rows), widths.pop()), object)
    for row, labels in enumerate(rows):
        if any(isinstance(label, list | tuple | np.ndarray) for label in labels):  # tags
            for column, label in enumerate(labels):
                array[row, column] = label
        else:
            array[row] = labels
    return array


def _read_column(name, column, missing_label) -> LabelColumn:
    # pandas' extension dtypes have cells that do not compare: they are read as objects
    is_plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufUS"
    values = np.asarray(column) if is_plain else as_objects(column)
    if values.dtype.kind == "f":
        is_labelled = ~np.isnan(values)
    else:
        is_labelled = np.ones(len(values), bool) if is_plain else ~missing_mask(values)
    categories = None
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = as_objects(column.dtype.categories)
    if not is_missing(missing_label):
        is_labelled &= ~_equal(values, missing_label)
        if categories is not None:
            categories = categories[~_equal(categories, missing_label)]
    return LabelColumn(name, values, is_labelled, categories)


def _kind(label) -> str:
    """Return what a label is compared with: texts, bools or numbers, never across them."""
    if isinstance(label, bool | np.bool_):
        return "b"
    return "n" if isinstance(label, Number) else "U" if isinstance(label, str) else "O"


def _equal(values, label) -> np.ndarray:
    kind = _kind(label)
    if values.dtype != object:
        own = {"b": "b", "U": "U"}.get(values.dtype.kind, "n")
        return values == label if own == kind else np.zeros(len(values), bool)
    return np.array([_kind(cell) == kind and bool(cell == label) for cell in values], bool)
