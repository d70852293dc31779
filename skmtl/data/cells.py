"""One cell of a table: is it missing, and what is it?"""

import os
from datetime import date, time, timedelta
from numbers import Number

import numpy as np
import pandas as pd


def is_missing(cell) -> bool:
    """Return whether a cell is None, NaN, NaT or pandas' NA.

    Parameters
    ----------
    cell : object
        Anything that a table can hold.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing("nan"), is_missing(0)
    (True, True, False, False)
    """
    return cell is None or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))


def as_objects(column) -> np.ndarray:
    """Return a column of cells as an object array ``(n_samples,)``, cells as Python's own."""
    if isinstance(column, pd.Series):
        return column.to_numpy(dtype=object)
    if isinstance(column, np.ndarray) and column.ndim == 1 and column.dtype.kind in "ObiufU":
        return column.astype(object, copy=False)
    # np.array(list of equal-sized arrays) would build one big array: fill cell by cell
    cells = np.empty(len(column), dtype=object)
    for row, cell in enumerate(column):
        cells[row] = cell
    return cells


def split_tags(text, separator) -> list[str]:
    """Return the tags that stand in a string, without the blanks around them.

    Examples
    --------
    >>> split_tags("new | 2nd hand|", "|"), split_tags("", "|")
    (['new', '2nd hand'], [])
    """
    return [tag for tag in (part.strip() for part in text.split(separator)) if tag]


def missing_mask(cells) -> np.ndarray:
    """Return a bool array ``(n_samples,)``: which cells of an object array are missing."""
    return pd.isna(as_objects(cells))


IMAGE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".avif", ".jp2", ".heic",
)  # fmt: skip


def kind_of_cell(cell) -> str:
    """Return what a single cell that is not missing looks like.

    Parameters
    ----------
    cell : object
        Anything that a table can hold.

    Returns
    -------
    {"image", "text", "tokens", "ids", "number", "date", "other"}
        A string is a text, unless it ends like the name of an image file; a list of strings are
        tokens, a 1-D array of integers token ids; bytes, paths, Pillow images, arrays of two or
        three axes, and dicts with "bytes" or "path" are images.

    Examples
    --------
    >>> kind_of_cell("cat.png"), kind_of_cell("a cat"), kind_of_cell(["a", "cat"]), kind_of_cell(3)
    ('image', 'text', 'tokens', 'number')
    """
    if isinstance(cell, str):
        return "image" if cell.lower().endswith(IMAGE_SUFFIXES) else "text"
    if isinstance(cell, Number | np.bool_) and not isinstance(cell, complex | np.timedelta64):
        return "number"
    if isinstance(cell, bytes | bytearray | memoryview | os.PathLike) or hasattr(cell, "convert"):
        return "image"
    if isinstance(cell, np.ndarray):
        if cell.ndim in (2, 3):
            return "image"
        if cell.ndim == 1 and cell.dtype.kind in "iu":
            return "ids"
        return "tokens" if cell.ndim == 1 and cell.dtype.kind in "UO" else "other"
    if isinstance(cell, list | tuple):
        return "tokens" if all(isinstance(token, str) for token in cell) else "other"
    if isinstance(cell, dict):
        return "image" if cell.keys() & {"bytes", "path"} else "other"
    if isinstance(cell, date | time | timedelta | np.datetime64 | np.timedelta64 | pd.Period):
        return "date"
    return "other"
