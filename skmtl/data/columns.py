"""Which column of X is which modality."""

import re

import numpy as np
import pandas as pd
from scipy.sparse import issparse

from skmtl.data.cells import as_objects, is_missing, modality_of
from skmtl.exceptions import describe


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
        What `split_columns` takes.

    Examples
    --------
    >>> from skmtl.data import as_table
    >>> as_table([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if hasattr(X, "to_pandas"):  # polars, pyarrow
        return X.to_pandas()
    if isinstance(X, pd.DataFrame | pd.Series | np.ndarray) or issparse(X):
        return X
    if isinstance(X, list | tuple) and len(X) and _is_number_row(X[0]):
        try:
            return np.asarray(X)
        except ValueError:
            return X  # rows of different lengths: said where the cells are looked at
    if hasattr(X, "__array__") and not np.isscalar(X):
        return np.asarray(X)
    return X


def _is_number_row(row) -> bool:
    return isinstance(row, list | tuple) and len(row) > 0 and not isinstance(row[0], str)


def split_columns(X, *, image_column=None, text_column=None) -> dict[str, object]:
    """Return the columns of X by modality.

    Parameters
    ----------
    X : DataFrame, ndarray, Series or list, as `as_table` returns it
        A frame with a column of images, a column of texts, or both; or only images (4-D array, 3-D
        array of grey pictures, list); or only texts (list, Series); or numbers, 2-D.
    image_column, text_column : str, optional
        Names of the columns in a frame. By default, the columns called "image" and "text", also
        behind the prefix that `ColumnTransformer` adds (``"scale__image"``). A run of columns
        ``text_0``, ``text_1``, ... holds the token ids of one text.

    Returns
    -------
    dict of str to ndarray
        ``"image"``: object array ``(n_samples,)`` or pixels ``(n_samples, h, w, c)``;
        ``"text"``: object array ``(n_samples,)`` or token ids ``(n_samples, max_len)``;
        ``"numeric"``: X itself, unchecked.

    Raises
    ------
    TypeError, ValueError
        If X is no table, or a column cannot be told apart.

    Examples
    --------
    >>> from skmtl.data import split_columns
    >>> split_columns(["一个", None])
    {'text': array(['一个', None], dtype=object)}
    """
    if isinstance(X, str | bytes) or X is None or np.isscalar(X) or isinstance(X, dict):
        raise ValueError(
            "X must be a table: a DataFrame with image and text columns, an array of images, a "
            f"list of texts or images, or a 2-D numeric array; got {describe(X)}."
        )
    if isinstance(X, pd.DataFrame):
        return _split_frame(X, image_column, text_column)
    if issparse(X):
        return {"numeric": X}
    for column, name in ((image_column, "image_column"), (text_column, "text_column")):
        if column is not None:
            raise ValueError(
                f"{name}={column!r} names a column, so X must be a DataFrame; got {describe(X)}."
            )
    if isinstance(X, np.ndarray) and X.ndim != 1:
        return _split_array(X)
    if isinstance(X, pd.Series | np.ndarray | list | tuple):
        return _split_sequence(X)
    return {"numeric": X}


def _split_array(X) -> dict:
    if X.ndim == 4:
        return {"image": X}
    if X.ndim == 3 and X.dtype.kind in "buif":
        return {"image": X[..., np.newaxis]}
    if X.ndim == 2 and X.dtype == object and X.shape[1] <= 2 and len(X):
        for cell in X.ravel():
            if not is_missing(cell) and modality_of(cell) is not None:
                raise ValueError(
                    "X is a 2-D object array of images or texts without column names; pass a "
                    "DataFrame with the columns 'image' and 'text' (after a ColumnTransformer: "
                    f".set_output(transform='pandas')); got {describe(X)}."
                )
    return {"numeric": X}


def _split_sequence(X) -> dict:
    if isinstance(X, np.ndarray) and X.dtype.kind in "buifc":
        return {"numeric": X}  # 1-D numbers: scikit-learn's own check explains what to do
    cells = as_objects(X)
    named = getattr(X, "name", None)
    if named in ("image", "text"):
        return {named: cells}
    found = {modality_of(cell) for cell in cells if not is_missing(cell)}
    if found == {"image"} or found == {"text"}:
        return {found.pop(): cells}
    if {"image", "text"} <= found:
        raise ValueError(
            "X mixes images and texts in one list; put them into the columns 'image' and 'text' "
            "of a DataFrame."
        )
    return {"numeric": X}


def _base_name(column) -> str:
    return str(column).rpartition("__")[2]


def _find(names, told, wanted, parameter) -> list:
    """Return the names of the columns that hold one modality: none, one, or a run of ids."""
    if told is not None:
        if told not in names:
            raise ValueError(f"{parameter}={told!r} is not a column of X: {names}.")
        return [told]
    found = [name for name in names if _base_name(name) == wanted]
    run = [name for name in names if re.fullmatch(rf"{wanted}_\d+", _base_name(name))]
    if len(found) > 1 or (found and run):
        raise ValueError(
            f"X has more than one {wanted} column: {found + run[:3]}; say which with {parameter}=."
        )
    return found or run


def _split_frame(X, image_column, text_column) -> dict:
    names = X.columns.tolist()  # once: pandas makes every string of its index anew
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()].tolist()
        raise ValueError(f"X has columns of the same name: {twice}.")
    images = _find(names, image_column, "image", "image_column")
    texts = _find(names, text_column, "text", "text_column")
    if not images and not texts:
        if names and all(_is_numeric(X[name]) for name in names):
            return {"numeric": X}
        raise ValueError(
            "X has no column called 'image' or 'text', and not all of its columns are numbers; "
            f"name the columns with image_column= or text_column=; got columns {names}."
        )
    rest = [name for name in names if name not in images and name not in texts]
    if rest:
        raise ValueError(
            f"X has columns that are neither image nor text: {rest}; drop them, or name the image "
            "and text columns with image_column= and text_column=."
        )
    if len(images) > 1:
        raise ValueError(
            f"X has more than one image column: {images}; say which with image_column=."
        )
    if texts and re.fullmatch(r"text_\d+", _base_name(texts[0])):
        columns = {"image": as_objects(X[images[0]])} if images else {}
        return columns | {"text": X[texts].to_numpy()}
    cells = X.to_numpy(dtype=object)  # all at once: pandas takes its time for a column by name
    found = {"image": images, "text": texts}
    return {name: cells[:, names.index(run[0])] for name, run in found.items() if run}


def _is_numeric(series) -> bool:
    # nullable numbers are numbers; categories are names, even where they look like numbers
    return pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype)
