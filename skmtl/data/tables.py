"""Any X as named columns of cells."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from skmtl.data.cells import as_objects, is_missing, kind_of_cell
from skmtl.data.frames import as_pandas
from skmtl.exceptions import describe

FEW_ROWS = 64
_MOST_COLUMNS = 16  # of a list that may be one of columns


class TableCells(NamedTuple):
    """The columns of X.

    Parameters
    ----------
    columns : dict of object to array-like of shape (n_samples, ...)
        Cells by name of the column: a pandas Series, an object array, or an array with one entry
        per row.
    n_samples : int
        Number of rows.
    numbers : ndarray, sparse matrix or None
        Numbers of shape (n_samples, n_features), where X is one array of them; `columns` is then
        empty.
    """

    columns: dict
    n_samples: int
    numbers: object = None


def as_table(X):
    """Return X as a frame, an array or a sequence, whatever table it came as.

    Frames of other libraries become pandas frames; array-likes and nested lists of numbers become
    arrays.

    Parameters
    ----------
    X : table
        Anything.

    Returns
    -------
    DataFrame, Series, ndarray, sparse matrix, or X itself
        What `split_table` takes.

    Raises
    ------
    ValueError
        If X is a list of columns, or of records.

    Examples
    --------
    >>> from skmtl.data import as_table
    >>> as_table([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    X = as_pandas(X)
    if isinstance(X, pd.DataFrame | pd.Series | np.ndarray) or issparse(X):
        return X
    if isinstance(X, list | tuple):
        _refuse_columns_and_records(X)
    if isinstance(X, list | tuple) and len(X) and _is_number_row(X[0]):
        try:
            return np.asarray(X)
        except ValueError:
            return X  # rows of different lengths: the error comes where cells are looked at
    if hasattr(X, "__array__") and not np.isscalar(X):
        return np.asarray(X)
    return X


def count_rows(X) -> int | None:
    """Return the number of rows, None for what is no table: `split_table` refuses it.

    Examples
    --------
    >>> from skmtl.data.tables import count_rows
    >>> count_rows(["一个", None]), count_rows(3)
    (2, None)
    """
    if hasattr(X, "__array__") and not hasattr(X, "shape"):
        X = np.asarray(X)
    if hasattr(X, "shape"):
        return X.shape[0] if len(X.shape) else None
    return len(X) if isinstance(X, list | tuple) else None


def _refuse_columns_and_records(X):
    """Refuse a list of columns, as Keras takes it, and a list of dicts by column."""
    if len(X) <= _MOST_COLUMNS and any(map(_is_column, X)):
        raise ValueError(
            f"X is a list of {len(X)} columns; it must have a row per sample. Make a table of the "
            "columns: pandas.DataFrame({'image': list(images), 'text': texts})."
        )
    if len(X) and isinstance(X[0], dict) and not X[0].keys() <= {"bytes", "path"}:
        raise ValueError(
            "X is a list of records, one dict per sample; make a table of them: "
            "pandas.DataFrame(X)."
        )


def _is_column(entry) -> bool:
    """Return whether an entry of a list is a whole column: images, or a Series."""
    if isinstance(entry, np.ndarray):
        return entry.ndim == 4
    if isinstance(entry, list | tuple):
        first = entry[0] if len(entry) else ""
        return not isinstance(first, str) and kind_of_cell(first) == "image"
    return isinstance(entry, pd.Series | pd.DataFrame)


def _is_number_row(row) -> bool:
    return isinstance(row, list | tuple) and len(row) > 0 and not isinstance(row[0], str)


def split_table(X) -> TableCells:
    """Return the columns of X.

    Parameters
    ----------
    X : DataFrame, ndarray, Series, sparse matrix or list, as `as_table` returns it
        A frame; or only images (4-D array, 3-D array of grey images, list), which become a column
        "image"; or only texts (list, Series), a column "text"; or numbers, 2-D.

    Returns
    -------
    TableCells

    Raises
    ------
    ValueError
        If X is no table.

    Examples
    --------
    >>> from skmtl.data.tables import split_table
    >>> split_table(["一个", None]).columns
    {'text': array(['一个', None], dtype=object)}
    """
    known = pd.DataFrame | pd.Series | np.ndarray | list | tuple
    if not isinstance(X, known) and not issparse(X):
        raise not_a_table(X)
    if isinstance(X, pd.DataFrame):
        return TableCells(_frame_columns(X), len(X))
    if issparse(X):
        return TableCells({}, X.shape[0], X)
    if isinstance(X, np.ndarray) and X.ndim != 1:
        return _split_array(X)
    return _split_sequence(X)


def not_a_table(X) -> ValueError:
    """Return the error that says what X may be."""
    return ValueError(
        "X must be a table: a DataFrame, an array of images, a list of texts or images, or a "
        f"2-D array of numbers; got {describe(X)}."
    )


def _frame_columns(X) -> dict:
    names = X.columns.tolist()
    # all cells at once: pandas takes its time for a column by name
    if len(X) <= FEW_ROWS and not any(isinstance(d, pd.CategoricalDtype) for d in X.dtypes):
        cells = X.to_numpy(dtype=object)
        return {name: cells[:, place] for place, name in enumerate(names)}
    return {name: X[name] for name in names}


def _split_array(X) -> TableCells:
    if X.ndim == 4:
        return TableCells({"image": X}, len(X))
    if X.ndim == 3 and X.dtype.kind in "buif":
        return TableCells({"image": X[..., np.newaxis]}, len(X))
    if X.ndim == 2 and X.dtype == object and len(X):
        kinds = {kind_of_cell(cell) for cell in X.ravel() if not is_missing(cell)}
        if kinds & {"image", "text", "tokens", "ids"}:
            raise ValueError(
                "X is a 2-D object array of images or texts without column names; pass a DataFrame "
                "(after a ColumnTransformer: .set_output(transform='pandas')); "
                f"got {describe(X)}."
            )
    return TableCells({}, len(X) if X.ndim else 0, X)


def _split_sequence(X) -> TableCells:
    if isinstance(X, np.ndarray) and X.dtype.kind in "buifc":
        return TableCells({}, len(X), X)  # 1-D numbers: scikit-learn's own check explains
    cells = as_objects(X)
    name = getattr(X, "name", None)
    if name is not None:
        return TableCells({name: cells}, len(cells))
    kinds = {kind_of_cell(cell) for cell in cells if not is_missing(cell)}
    if kinds == {"image"}:
        return TableCells({"image": cells}, len(cells))
    if kinds and kinds <= {"text", "tokens", "ids"}:
        return TableCells({"text": cells}, len(cells))
    if "image" in kinds and kinds & {"text", "tokens"}:
        raise ValueError(
            "X mixes images and texts in one list; put them into the columns 'image' and 'text' "
            "of a DataFrame."
        )
    return TableCells({}, len(cells), X)


def check_column_names(estimator, X, *, reset):
    """Learn, or check, the names and the number of the columns of X.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets `feature_names_in_` and `n_features_in_`.
    X : table, as `as_table` returns it
        The rows.
    reset : bool
        Whether to learn them.

    Raises
    ------
    ValueError
        If names occur twice, or are not those of `fit`.
    """
    known = getattr(estimator, "feature_names_in_", None)
    is_frame = isinstance(X, pd.DataFrame)
    if not reset and is_frame and known is not None and X.columns.tolist() == known.tolist():
        return  # scikit-learn's own check takes a third of the time of a one-row predict
    if is_frame and not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()].tolist()
        raise ValueError(f"X has several columns of the same name: {twice}.")
    if is_frame or getattr(X, "ndim", 0) == 2:
        try:
            validate_data(estimator, X, reset=reset, skip_check_array=True)
        except ValueError as error:
            missing = [] if known is None or not is_frame else sorted(set(known) - set(X.columns))
            if not missing:
                raise
            hint = ", ".join(f"{name}=None" for name in missing)
            raise ValueError(f"{error}A column that no row has is X.assign({hint}).") from None
    elif reset:
        estimator.n_features_in_ = 1
        vars(estimator).pop("feature_names_in_", None)
