"""The table part of X: all number and category columns as one matrix."""

import numpy as np

from skmtl._runtime.checks import as_count
from skmtl.columns._category import CategoryEncoder
from skmtl.columns._matrix import MatrixEncoder
from skmtl.columns._number import NumberEncoder
from skmtl.columns._parameters import branch_dropout, branch_units
from skmtl.columns._spec import BranchSpec


class TablePart:
    """Turn number and category columns into one float32 matrix, for one dense branch.

    Parameters
    ----------
    n_bins : int, default=16
        Largest number of bins of a number column.
    max_categories : int, default=128
        Largest number of categories of a column that have a feature each: the most frequent ones.
        The others share one.
    min_rows : int, default=2
        Smallest number of rows of a category that has a feature.

    Attributes
    ----------
    encoders_ : list of NumberEncoder and CategoryEncoder
        One per column, in the order of `fit`: records of numbers, strings and arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.columns.table import TablePart
    >>> columns = {"price": np.array([1.0, 5.0, np.nan]), "brand": np.array(["a", "b", "a"])}
    >>> part = TablePart(min_rows=1).fit(columns, {"price": "number", "brand": "category"})
    >>> part.describe()
    '1 number, 1 category -> 4 features'
    >>> part.features
    ['price', 'price missing', 'brand=a', 'brand=b']
    >>> matrix, present = part.transform(columns)
    >>> matrix.shape, present
    ((3, 4), array([ True,  True,  True]))
    """

    kind = "table"

    def __init__(self, *, n_bins=16, max_categories=128, min_rows=2):
        self.n_bins = n_bins
        self.max_categories = max_categories
        self.min_rows = min_rows

    def fit(self, columns, kinds):
        """Learn distributions and categories.

        Parameters
        ----------
        columns : dict of name to ndarray or Series of shape (n_rows,)
            The cells, column by column; or a float matrix (n_rows, n_columns).
        kinds : dict of name to {"number", "category"}
            Kind of every column.

        Returns
        -------
        TablePart
            Itself.

        Raises
        ------
        TypeError, ValueError
            If a cell is neither missing nor of its column's kind; the message names column and row.
        """
        for name in ("n_bins", "max_categories", "min_rows"):
            as_count(name, getattr(self, name))
        self.encoders_ = [
            self._encoder(name, cells, kinds[name]) for name, cells in columns.items()
        ]
        return self

    def _encoder(self, name, cells, kind):
        if kind == "category":
            return CategoryEncoder.fit(
                name, cells, max_categories=self.max_categories, min_rows=self.min_rows
            )
        if np.ndim(cells) == 2:
            return MatrixEncoder.fit(name, cells)
        return NumberEncoder.fit(name, cells, n_bins=self.n_bins)

    def transform(self, columns) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrix of the columns seen in `fit`, whatever their order.

        Returns
        -------
        matrix : float32 ndarray of shape (n_rows, n_features)
            Finite features of about unit scale.
        present : bool ndarray of shape (n_rows,)
            Which rows have at least one cell that is not missing.
        """
        parts, missing = zip(*(e.encode(columns[e.name]) for e in self.encoders_), strict=True)
        return np.concatenate(parts, axis=1), ~np.logical_and.reduce(missing)

    def left_out(self) -> list[tuple]:
        """Return for each column its name, its features, and their values in a missing cell."""
        found, start = [], 0
        for encoder in self.encoders_:
            values = encoder.of_missing()
            found.append((encoder.name, slice(start, start + len(values)), values))
            start += len(values)
        return found

    def hints(self) -> dict:
        """Return suggestions for a form, by column: categories, or a number near the median."""
        return {encoder.name: encoder.hint for encoder in self.encoders_}

    @property
    def n_features(self) -> int:
        """Width of the matrix."""
        return len(self.features)

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        return [name for encoder in self.encoders_ for name in encoder.features]

    def branch(self, name, options, *, straight) -> BranchSpec:  # noqa: ARG002
        """Return the specification of the branch that reads the matrix."""
        return BranchSpec(
            name,
            self.kind,
            (self.n_features,),
            "float32",
            units=branch_units(options),
            dropout=branch_dropout(options),
        )

    def preprocessing(self) -> dict:
        """Return the features that the network reads."""
        return {"features": self.features, "missing": "zeros, and has_<branch> = 0"}

    def describe(self) -> str:
        """Return the numbers of columns and features in a few words."""
        n_categories = sum(isinstance(encoder, CategoryEncoder) for encoder in self.encoders_)
        n_numbers = sum(map(_n_numbers, self.encoders_))
        counts = [
            f"{n} {one if n == 1 else many}"
            for n, one, many in (
                (n_numbers, "number", "numbers"),
                (n_categories, "category", "categories"),
            )
            if n
        ]
        return f"{', '.join(counts)} -> {self.n_features} features"


def _n_numbers(encoder) -> int:
    if isinstance(encoder, MatrixEncoder):
        return len(encoder.center)
    return int(isinstance(encoder, NumberEncoder))
