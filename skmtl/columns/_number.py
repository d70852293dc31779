"""Features of one column of numbers that do not depend on its units or heavy tails."""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd
from scipy.special import ndtri

from skmtl.exceptions import describe

_MAX_KNOTS = 1000
_LARGEST = 1e300  # numbers are clipped, so that their differences stay finite
_BIN_SCALE = 0.3


@dataclass(frozen=True, eq=False)
class NumberEncoder:
    """Features of one column by rank: a normal score, bins, and whether the cell is missing.

    A number becomes its rank among the rows of `fit`, between 0 and 1. The first feature is the
    normal score of the rank, with mean 0 and variance 1 in `fit`. The others are the piecewise
    linear encoding of the rank [1]_: each grows from 0 to its full value inside one bin. They show
    a dense layer thresholds and intervals; their full value is small, so that they do not drown out
    the score where it is enough. A missing cell has the features of the median, and an indicator if
    `fit` had missing cells.

    Parameters
    ----------
    name : object
        Name of the column.
    knots, ranks : ndarray of shape (n_knots,)
        Numbers in ascending order, and their ranks; linear in between.
    edges : ndarray of shape (n_bins + 1,)
        Edges of the bins, as ranks.
    mean, scale : float
        Mean and standard deviation of the normal scores in `fit`.
    has_missing : bool
        Whether `fit` had missing cells.

    References
    ----------
    .. [1] Gorishniy, Rubachev, Babenko: On embeddings for numerical features in tabular deep
       learning, NeurIPS 2022, arXiv:2203.05556.
    """

    name: object
    knots: np.ndarray
    ranks: np.ndarray
    edges: np.ndarray
    mean: float
    scale: float
    has_missing: bool

    @classmethod
    def fit(cls, name, cells, *, n_bins):
        """Learn the distribution of a column; a column of few different numbers has fewer bins."""
        values = as_floats(name, cells)
        missing = np.isnan(values)
        known = np.sort(values[~missing]) if not missing.all() else np.zeros(1)
        n = len(known)
        picked = np.linspace(0, n - 1, min(n, _MAX_KNOTS)).round().astype(int)
        knots = np.unique(known[picked])
        below, up_to = (np.searchsorted(known, knots, side) for side in ("left", "right"))
        knot_ranks = (below + up_to) / (2 * n)
        ranks = np.interp(known, knots, knot_ranks)
        scores = ndtri(ranks)
        shares = np.linspace(0, 1, n_bins + 1)
        edges = np.unique(np.quantile(ranks, shares, method="inverted_cdf"))
        return cls(
            name,
            knots,
            knot_ranks,
            edges if len(edges) > 2 else edges[:1],  # a single bin repeats the score
            float(scores.mean()),
            float(scores.std()) or 1.0,
            bool(missing.any()),
        )

    @property
    def hint(self) -> dict:
        """Suggestions for a form: a number near the median."""
        return {"middle": float(self.knots[np.argmin(np.abs(self.ranks - 0.5))])}

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        bins = [f"{self.name} bin {k}" for k in range(1, len(self.edges))]
        return [str(self.name), *bins, *[f"{self.name} missing"] * self.has_missing]

    def encode(self, cells) -> tuple[np.ndarray, np.ndarray]:
        """Return the features ``(n_rows, n_features)`` and which cells are missing."""
        values = as_floats(self.name, cells)
        missing = np.isnan(values)
        ranks = np.where(missing, 0.5, np.interp(values, self.knots, self.ranks))
        n_bins = len(self.edges) - 1
        features = np.empty((len(values), 1 + n_bins + self.has_missing), np.float32)
        features[:, 0] = (ndtri(ranks) - self.mean) / self.scale
        inside = (ranks[:, np.newaxis] - self.edges[:-1]) / np.diff(self.edges)
        features[:, 1 : 1 + n_bins] = _BIN_SCALE * np.clip(inside, 0, 1)
        if self.has_missing:
            features[:, -1] = missing
        return features, missing

    def of_missing(self) -> np.ndarray:
        """Return the features ``(n_features,)`` of a missing cell."""
        return self.encode(np.array([np.nan]))[0][0]


def as_floats(name, cells) -> np.ndarray:
    """Return a column of numbers and bools as float64, NaN where a cell is missing.

    Raises
    ------
    TypeError, ValueError
        If a cell is no number, or infinite; the message names column and row.
    """
    if cells.dtype == object or isinstance(cells.dtype, pd.CategoricalDtype):
        values = _object_floats(name, np.asarray(cells, dtype=object))
    elif isinstance(cells, pd.Series):
        values = cells.to_numpy(np.float64, na_value=np.nan)
    else:
        values = cells.astype(np.float64)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise ValueError(
            f"X: number column {name!r}, row {row}, must be finite or missing; got {values[row]}. "
            "Replace it by None, or by a number."
        )
    return np.clip(values, -_LARGEST, _LARGEST)


def _object_floats(name, cells) -> np.ndarray:
    missing = np.asarray(pd.isna(cells))
    values = np.full(len(cells), np.nan)
    kinds = set(map(type, cells[~missing]))
    if all(issubclass(kind, Real | Decimal | np.bool_) for kind in kinds):
        with suppress(OverflowError):  # an integer that no float can hold
            values[~missing] = cells[~missing].astype(np.float64)
            return values
    for row in np.flatnonzero(~missing):
        if not isinstance(cells[row], Real | Decimal | np.bool_):
            raise TypeError(
                f"X: number column {name!r}, row {row}, must be a number, a bool or missing; got "
                f"{describe(cells[row])}. Convert the column with pandas.to_numeric, or take it as "
                f'another kind: columns={{{name!r}: "category"}}.'
            )
        try:
            float(cells[row])
        except OverflowError:
            raise ValueError(
                f"X: number column {name!r}, row {row}, must be finite or missing; got an integer "
                "that is too large for a float."
            ) from None
    raise AssertionError("one of the cells is no number")
