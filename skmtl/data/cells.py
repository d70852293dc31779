"""One cell of a table: is it missing, and what is it?"""

import os

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


def missing_mask(cells) -> np.ndarray:
    """Return a bool array ``(n_samples,)``: which cells of an object array are missing."""
    return pd.isna(as_objects(cells))


IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def modality_of(cell) -> str | None:
    """Guess the modality of a single cell that stands in no named column.

    A string is a text, unless it ends like the name of a picture file; a list of strings and a
    1-D integer array are tokenised texts; everything else that could be a picture is one.
    """
    if isinstance(cell, str):
        return "image" if cell.lower().endswith(IMAGE_SUFFIXES) else "text"
    if isinstance(cell, bytes | os.PathLike) or hasattr(cell, "convert"):
        return "image"
    if isinstance(cell, np.ndarray):
        if cell.ndim in (2, 3):
            return "image"
        return "text" if cell.ndim == 1 and cell.dtype.kind in "iuUO" else None
    if isinstance(cell, list | tuple) and all(isinstance(token, str) for token in cell):
        return "text"
    return None
