"""A cell of a table as an image or a text to be drawn."""

import re

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing

from skmtl.data.cells import is_missing, kind_of_cell
from skmtl.metrics._task_view import find_attribute
from skmtl.preprocessing import load_image

_WIDE = "[\u2e80-\U0010ffff]"
_ESCAPED = r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
_PIECES = re.compile(rf"{_WIDE}|{_ESCAPED}|\\|[^\s\\{_WIDE[1:]}+|\s+")


def find_columns(estimator, X, image_column=None, text_column=None):
    """Return the columns of a frame to draw.

    Parameters
    ----------
    estimator : estimator
        Its `columns_`, also inside a Pipeline or a search, say which column is what; for other
        estimators the cells do.
    X : DataFrame
        The table.
    image_column, text_column : str, optional
        Columns that the caller has chosen.

    Returns
    -------
    image_column, text_column : str or None
        The first column of each kind, None if there is none.

    Raises
    ------
    ValueError
        If a chosen column is not in `X`.
    """
    for name, parameter in ((image_column, "image_column"), (text_column, "text_column")):
        if name is not None and name not in X.columns:
            raise ValueError(f"{parameter}={name!r} is not a column of X: {list(X.columns)}.")
    known = find_attribute(estimator, "columns_")
    known = known if isinstance(known, dict) and set(known) <= set(X.columns) else {}
    found = {"image": image_column, "text": text_column}
    for name in X.columns:
        kind = known.get(name) or _kind_of_column(X[name])
        if kind in found and found[kind] is None:
            found[kind] = name
    return found["image"], found["text"]


def _kind_of_column(column) -> str | None:
    present = column[column.notna()]
    kind = kind_of_cell(present.iloc[0]) if len(present) else None
    return "text" if kind == "tokens" else kind


def cells_of_row(X, row, columns):
    """Return image and text of a row, None for what is missing; `columns` is for a frame."""
    if isinstance(X, pd.DataFrame):
        cells = [None if name is None else X[name].iloc[row] for name in columns]
        return tuple(None if cell is None or is_missing(cell) else cell for cell in cells)
    cell = X[row] if isinstance(X, list | tuple) else _safe_indexing(X, row, axis=0)
    return (None, cell) if kind_of_cell(cell) in ("text", "tokens") else (cell, None)


def drawable_pixels(cell, row, column):
    """Return the pixels of an image as matplotlib draws them, None for a missing one.

    Parameters
    ----------
    cell : object
        What `skmtl.preprocessing.load_image` reads, which also decodes for the estimators.
    row, column : int, str
        Where the cell is, for the error text.

    Returns
    -------
    ndarray of shape (height, width) or (height, width, 3 or 4), or None
        uint8, or floats from 0 to 1.
    """
    pixels = load_image(cell, row=row, column=column)
    if pixels is None:
        return None
    if pixels.shape[2] < 3:
        pixels = pixels[:, :, 0]
    if pixels.dtype == np.uint8:
        return pixels
    low, high = pixels.min(), pixels.max()
    if low < 0 or high > 1:  # normalized images have no fixed range
        pixels = (pixels - low) / (high - low if high > low else 1.0)
    return pixels


def shorten(text, width, n_lines):
    """Break a text into lines, and cut it off after some of them.

    Parameters
    ----------
    text : object
        The text; white space counts as one blank, and a backslash escape is kept together.
    width : int
        Columns of a line; a wide (Chinese) character takes two.
    n_lines : int
        Most lines.

    Returns
    -------
    str
        Ends in "…" if something was cut off.
    """
    lines = [[]]  # of pieces

    def used(pieces):
        return n_columns("".join(pieces))

    for piece in _PIECES.findall(str(text).strip()):
        is_whole = piece.startswith("\\") or piece.isspace()
        parts = [piece] if is_whole else [piece[i : i + width] for i in range(0, len(piece), width)]
        for part in [" "] if piece.isspace() else parts:
            if used([*lines[-1], part]) > width:
                lines.append([])
            if lines[-1] or part != " ":
                lines[-1].append(part)
    if len(lines) > n_lines:
        last = lines[n_lines - 1]
        while last and used(last) > width - 1:
            piece = last.pop()
            room = width - 1 - used(last)
            if not piece.startswith("\\") and n_columns(piece) == len(piece) and room > 0:
                last.append(piece[:room])
        last.append("…")
    return "\n".join("".join(line).rstrip() for line in lines[:n_lines])


def n_columns(text):
    """Return the width of a text, a wide character counting two."""
    return len(text) + len(re.findall(_WIDE, text))
