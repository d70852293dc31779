"""One-hot features of one column of categories."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from skmtl.exceptions import describe


@dataclass(frozen=True, eq=False)
class CategoryEncoder:
    """One-hot features of one column: the frequent categories, the rare ones, the missing cells.

    Cells that read the same are one category, such as 1, 1.0 and "1": a column of integers becomes
    one of floats as soon as a cell is missing. A category that `fit` has not seen counts as rare.
    If `fit` had no rare (or missing) cells, there is no feature for them, and such a cell has zeros
    only: a feature that is always 0 in `fit` would have weights that were never trained.

    Parameters
    ----------
    name : object
        Name of the column.
    categories : list of str
        Categories that have a feature each.
    has_rare, has_missing : bool
        Whether `fit` had other categories, and missing cells.
    """

    name: object
    categories: list
    has_rare: bool
    has_missing: bool

    @classmethod
    def fit(cls, name, cells, *, max_categories, min_rows):
        """Learn the categories: the most frequent ones, each of at least `min_rows` rows."""
        codes, texts = _factorize(name, cells)
        counts = dict.fromkeys(texts, 0)
        for text, count in zip(texts, np.bincount(codes[codes >= 0]), strict=True):
            counts[text] += int(count)
        order = sorted(counts, key=lambda text: (-counts[text], text))
        frequent = [text for text in order if counts[text] >= min_rows]
        categories = sorted(frequent[:max_categories])
        has_rare = len(categories) < len(counts)
        return cls(name, categories, has_rare, bool((codes < 0).any()))

    @property
    def hint(self) -> dict:
        """Suggestions for a form: the frequent categories."""
        return {"categories": list(self.categories)}

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        names = [f"{self.name}={text}" for text in self.categories]
        names += [f"{self.name} rare"] * self.has_rare
        return names + [f"{self.name} missing"] * self.has_missing

    def encode(self, cells) -> tuple[np.ndarray, np.ndarray]:
        """Return the features ``(n_rows, n_features)`` and which cells are missing."""
        codes, texts = _factorize(self.name, cells)
        positions = {text: position for position, text in enumerate(self.categories)}
        width = len(positions) + self.has_rare + self.has_missing
        nowhere = width  # an extra column, which is cut off
        rare = len(positions) if self.has_rare else nowhere
        missing = width - 1 if self.has_missing else nowhere
        # a missing cell has the code -1: the last entry
        targets = np.array([*(positions.get(text, rare) for text in texts), missing])
        features = np.zeros((len(codes), width + 1), np.float32)
        features[np.arange(len(codes)), targets[codes]] = 1
        return features[:, :width], codes < 0

    def of_missing(self) -> np.ndarray:
        """Return the features ``(n_features,)`` of a missing cell."""
        return self.encode(np.array([None], object))[0][0]


def _factorize(name, cells) -> tuple[np.ndarray, list[str]]:
    """Return the code of every cell, -1 where it is missing, and the text of every code."""
    if isinstance(cells.dtype, pd.CategoricalDtype):  # pandas knows the codes
        values = cells.array if isinstance(cells, pd.Series) else cells
        used = np.unique(values.codes)
        used = used[used >= 0]
        codes = np.where(values.codes < 0, -1, np.searchsorted(used, values.codes))
        levels = np.asarray(values.categories[used], dtype=object)
    else:
        cells = np.asarray(cells, dtype=object)
        try:
            codes, levels = pd.factorize(cells)
        except TypeError:  # unhashable cells
            _raise_bad_cell(name, cells)
    texts = [_text(level) for level in levels]
    if None in texts or _mixes_bools(cells, levels):
        _raise_bad_cell(name, cells)
    return codes, texts


def _text(level) -> str | None:
    """Return the text of a category, None if it cannot be one."""
    if isinstance(level, str):
        return str(level)
    if isinstance(level, bool | np.bool_ | pd.Interval):
        return str(level)
    if isinstance(level, Real):
        return str(int(level)) if float(level).is_integer() else str(level)
    return None


def _mixes_bools(cells, levels) -> bool:
    """Return whether a column mixes bools and numbers: to Python, True and 1 are equal."""
    if not any(isinstance(level, Real | np.bool_) for level in levels):
        return False
    types = {type(cell) for cell in cells if not pd.isna(cell)}
    bools = {kind for kind in types if issubclass(kind, bool | np.bool_)}
    return bool(bools) and any(issubclass(kind, Real) for kind in types - bools)


def _raise_bad_cell(name, cells):
    """Raise an error that names the first cell that cannot be a category."""
    is_bool = None
    for row, cell in enumerate(np.asarray(cells, dtype=object)):
        if not isinstance(cell, str | Real | np.bool_ | pd.Interval):
            if cell is None or cell is pd.NA or cell is pd.NaT:
                continue
            raise TypeError(
                f"X: category column {name!r}, row {row}, must be a string, a number, a bool or "
                f"missing; got {describe(cell)}. Convert the column with .astype(str), or take "
                f'it as another kind: columns={{{name!r}: "text"}}.'
            )
        if isinstance(cell, Real | np.bool_) and cell == cell:
            this = isinstance(cell, bool | np.bool_)
            is_bool = this if is_bool is None else is_bool
            if this != is_bool:
                raise TypeError(
                    f"X: category column {name!r}, row {row}, mixes bools with numbers; "
                    f"got {describe(cell)}. Convert the column with .astype(str)."
                )
