"""Many columns of numbers at once, scaled such that heavy tails do no harm."""

from dataclasses import dataclass

import numpy as np

_HEAVY = 20.0  # standard deviations; a column with numbers beyond is scaled by its quartiles
_LARGEST = 10.0  # scaled numbers beyond are clipped
_NORMAL_QUARTILES = 1.349  # distance of the quartiles of a normal distribution


@dataclass(frozen=True, eq=False)
class MatrixEncoder:
    """Standardise the columns of a matrix; a missing number becomes 0, with an indicator.

    Columns are standardised by mean and standard deviation of the rows of `fit`; by median and
    quartiles if a number lies more than 20 standard deviations away. The result is clipped to
    [-10, 10].

    Parameters
    ----------
    name : object
        Name of the matrix.
    center, scale : ndarray of shape (n_columns,)
        Learned from the rows of `fit`.
    has_missing : ndarray of bool, shape (n_columns,)
        Which columns had missing numbers in `fit`.
    """

    name: object
    center: np.ndarray
    scale: np.ndarray
    has_missing: np.ndarray

    @classmethod
    def fit(cls, name, matrix) -> "MatrixEncoder":
        """Learn the scale of every column of a float matrix ``(n_rows, n_columns)``."""
        missing = np.isnan(matrix)
        known = np.array(matrix, dtype=np.float64)
        if missing.any():
            known[:, missing.all(axis=0)] = 0.0
            center, scale = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
        else:
            center, scale = known.mean(axis=0), known.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        above, below = np.fmax.reduce(known) - center, center - np.fmin.reduce(known)
        spread = np.maximum(above, below) / scale
        for column in np.flatnonzero(spread > _HEAVY):
            low, center[column], high = np.nanquantile(known[:, column], [0.25, 0.5, 0.75])
            if high > low:
                scale[column] = (high - low) / _NORMAL_QUARTILES
        return cls(name, center, scale, missing.any(axis=0))

    @property
    def hint(self) -> dict:
        """Suggestions for a form: none for a matrix."""
        return {}

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        places = range(len(self.center))
        numbers = [f"{self.name}{place}" for place in places]
        return [*numbers, *(f"{self.name}{p} missing" for p in places if self.has_missing[p])]

    def encode(self, matrix) -> tuple[np.ndarray, np.ndarray]:
        """Return the features ``(n_rows, n_features)`` and which rows have no number at all."""
        missing = np.isnan(matrix)
        scaled = matrix - self.center
        scaled /= self.scale  # in place from here on: a search encodes every candidate's rows
        np.clip(scaled, -_LARGEST, _LARGEST, out=scaled)
        scaled[missing] = 0.0
        features = scaled.astype(np.float32)
        if self.has_missing.any():
            features = np.concatenate([features, missing[:, self.has_missing]], axis=1)
        return features, missing.all(axis=1)

    def of_missing(self) -> np.ndarray:
        """Return the features ``(n_features,)`` of a row without numbers."""
        return self.encode(np.full((1, len(self.center)), np.nan))[0][0]
