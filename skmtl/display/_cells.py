"""A cell of a table as a picture or a text to be drawn."""

import io
import re

import numpy as np
import pandas as pd

_WIDE = "[\u2e80-\U0010ffff]"


def read_picture(cell):
    """Return the pixels of a cell, or None if it is missing.

    Parameters
    ----------
    cell : ndarray, PIL image, path, bytes or missing
        A picture; pixels of type uint8, or floats.

    Returns
    -------
    ndarray of shape (height, width) or (height, width, 3 or 4), or None
        uint8, or floats from 0 to 1.
    """
    if is_missing(cell):
        return None
    if isinstance(cell, str | bytes) or hasattr(cell, "__fspath__"):
        from PIL import Image

        with Image.open(io.BytesIO(cell) if isinstance(cell, bytes) else cell) as image:
            cell = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    pixels = np.asarray(cell)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype == np.uint8:
        return pixels
    pixels = pixels.astype(np.float64)
    low, high = pixels.min(), pixels.max()
    if low < 0 or high > 1:  # normalised pictures have no scale of their own
        pixels = (pixels - low) / (high - low if high > low else 1.0)
    return pixels


def is_missing(cell):
    """Tell whether a cell is None, NaN or NA."""
    return cell is None or (np.isscalar(cell) and pd.isna(cell)) or cell is pd.NA


def shorten(text, width, n_lines):
    """Break a text into lines, and cut it off after some of them.

    Parameters
    ----------
    text : object
        The text; white space counts as one blank.
    width : int
        Columns of a line; a wide (Chinese) character takes two.
    n_lines : int
        Most lines.

    Returns
    -------
    str
        Ends in "…" if something was cut off.
    """
    lines = [""]
    for piece in re.findall(rf"{_WIDE}|[^\s{_WIDE[1:]}+|\s+", str(text).strip()):
        parts = [piece[i : i + width] for i in range(0, len(piece), width)]
        for part in [" "] if piece.isspace() else parts:
            if n_columns(lines[-1] + part) > width:
                lines.append("")
            lines[-1] += part if lines[-1] else part.lstrip()
    if len(lines) > n_lines:
        lines = lines[:n_lines]
        while n_columns(lines[-1]) > width - 1:
            lines[-1] = lines[-1][:-1]
        lines[-1] += "…"
    return "\n".join(line.rstrip() for line in lines)


def n_columns(text):
    """Return the width of a text, a wide character counting two."""
    return len(text) + len(re.findall(_WIDE, text))
