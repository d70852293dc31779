"""The embedded Chinese characters: a table with every kind of column and of label."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

_FOLDER = Path(__file__).parent / "hanzi"
_SIDE = 32
_MIN_RADICAL_ROWS = 50


def load_hanzi(*, return_groups: bool = False) -> tuple[Any, ...]:
    """Load 14,564 Chinese characters: glyphs, texts, numbers and categories, seven labels.

    Most characters lack some cells and some labels. No single kind of column is enough for all
    labels: the glyph shows the radical, the categories tell the tone.

    Readings, radicals, strokes, sources and definitions are those of Unihan 15.0 (Unicode-3.0),
    words and frequencies those of jieba's dictionary (MIT); the glyphs were drawn with Noto Sans
    CJK SC. The notices lie beside the data in the package.

    Parameters
    ----------
    return_groups : bool, default=False
        Whether to return `groups` as well.

    Returns
    -------
    X : DataFrame of shape (14564, 7)
        ``image``: the glyph, a uint8 array of shape (32, 32). ``definition``: English text.
        ``words``: Chinese text, what stands beside the character in up to eight frequent words.
        ``log_frequency``, ``n_words``: numbers. ``cantonese_tone``, ``korean_initial``: pandas
        categories. Missing texts are None, missing numbers and categories NaN.
    y : DataFrame of shape (14564, 7)
        ``radical`` (55 classes; radicals with fewer than 50 rows are missing), ``tone``,
        ``initial``, ``level``, ``corner``: classes, as strings or None. ``strokes``: a number, as
        an integer. ``charsets``: tags, as a list of strings or None.
    groups : Series of shape (14564,)
        Rows that are variants of one character share a group; for `GroupKFold`. Only if
        `return_groups` is set.

    Examples
    --------
    >>> from skmtl.datasets import load_hanzi
    >>> X, y, groups = load_hanzi(return_groups=True)
    >>> X["image"][3].shape, X["definition"][3], X["cantonese_tone"][3]
    ((32, 32), 'seven', '1')
    >>> y.loc[3, ["tone", "initial", "charsets"]].to_list()
    ['1', 'q', ['GB 2312', 'Big5', 'JIS X 0208', 'KS C 5601', 'KPS 9566']]
    >>> groups[3]
    '七'
    """
    rows = pd.read_csv(
        _FOLDER / "hanzi.tsv",
        sep="\t",
        quoting=csv.QUOTE_NONE,
        keep_default_na=False,
        dtype=object,
        encoding="utf-8",
    )
    rows = rows.where(rows != "", None)
    X = pd.DataFrame(
        {
            "image": _glyphs(len(rows)),
            "definition": rows["definition"],
            "words": rows["words"],
            "log_frequency": rows["log_frequency"].astype(float),
            "n_words": rows["n_words"].astype(int),
            "cantonese_tone": rows["cantonese_tone"].astype("category"),
            "korean_initial": rows["korean_initial"].astype("category"),
        }
    )
    y = rows[["radical", "tone", "initial", "level", "corner"]].copy()
    n_rows = y["radical"].map(y["radical"].value_counts())
    y.loc[n_rows < _MIN_RADICAL_ROWS, "radical"] = None
    y["strokes"] = rows["strokes"].astype(int)
    y["charsets"] = [None if cell is None else cell.split("|") for cell in rows["charsets"]]
    return (X, y, rows["family"].rename("group")) if return_groups else (X, y)


def _glyphs(n_rows) -> np.ndarray:
    """Return the glyphs of the sheet, row by row, as an object array of uint8 arrays."""
    with Image.open(_FOLDER / "hanzi32.png") as sheet:
        pixels = np.asarray(sheet.convert("L"))
    lines = pixels.reshape(-1, _SIDE, pixels.shape[1] // _SIDE, _SIDE).swapaxes(1, 2)
    glyphs = np.empty(n_rows, dtype=object)
    glyphs[:] = list(lines.reshape(-1, _SIDE, _SIDE)[:n_rows])
    return glyphs
