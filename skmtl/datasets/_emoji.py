"""The embedded emoji: images, Chinese texts, two tasks."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

_FOLDER = Path(__file__).parent / "emoji"
_SIDE = 32
_MIN_SUBGROUP_ROWS = 8


def load_emoji() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load 1,026 emoji as images with Chinese names, labelled for two tasks.

    The images are Noto Emoji (Apache-2.0), the names and keywords the Chinese annotations of
    Unicode CLDR (Unicode-3.0); the package has both notices next to the data.

    Returns
    -------
    X : DataFrame of shape (1026, 2)
        ``image``: uint8 arrays of shape (32, 32, 3), in cells of an object column.
        ``text``: the Chinese name followed by the keywords, separated by spaces.
    y : DataFrame of shape (1026, 2)
        ``group``: one of 6 groups. ``subgroup``: one of 47 subgroups, or None for the rows of
        subgroups with fewer than 8 rows.

    Examples
    --------
    >>> from skmtl.datasets import load_emoji
    >>> X, y = load_emoji()
    >>> X["image"][0].shape, X["text"][0]
    ((32, 32, 3), '嘿嘿 嘿嘿 笑脸 脸 高兴')
    >>> y["group"][0], y["subgroup"][0]
    ('Smileys & Emotion', 'face-smiling')
    >>> y.nunique().to_dict()
    {'group': 6, 'subgroup': 47}
    """
    rows = json.loads((_FOLDER / "emoji.json").read_text(encoding="utf-8"))
    with Image.open(_FOLDER / "emoji32.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    images = np.empty(len(rows), dtype=object)
    per_line = pixels.shape[1] // _SIDE
    for i in range(len(rows)):
        top, left = (_SIDE * k for k in divmod(i, per_line))
        images[i] = pixels[top : top + _SIDE, left : left + _SIDE].copy()
    _, names, keywords, groups, subgroups = zip(*rows, strict=True)
    texts = [
        f"{name} {words.replace('|', ' ')}" for name, words in zip(names, keywords, strict=True)
    ]
    X = pd.DataFrame({"image": images, "text": np.array(texts, dtype=object)})
    subgroup = pd.Series(subgroups, dtype=object)
    rare = subgroup.map(subgroup.value_counts()) < _MIN_SUBGROUP_ROWS
    subgroup[rare] = None
    y = pd.DataFrame({"group": pd.Series(groups, dtype=object), "subgroup": subgroup})
    return X, y
