"""A stratified random training and test part, any number of times."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator, ShuffleSplit
from sklearn.utils import check_random_state, indexable

from skmtl._runtime.checks import as_count
from skmtl._runtime.types import Labels, RandomState, Rows, Weights

from ._kfold import _n_rows
from ._partition import partition


class MultiTaskStratifiedShuffleSplit(BaseCrossValidator):
    """Random parts in which every class of every task has its share, as near as the data allow.

    The parts are a local optimum of the chi-square distance from the shares, found by exchanging
    rows. Rows whose label is missing are spread in the same way.

    Parameters
    ----------
    n_splits : int, default=10
        How many times to split, at least 1.
    test_size, train_size : float or int, optional
        Share or number of rows, as in scikit-learn's `ShuffleSplit`; without both, a tenth is
        the test part.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.

    Examples
    --------
    >>> from skmtl.model_selection import MultiTaskStratifiedShuffleSplit
    >>> y = [["a", 0], ["a", 0], ["b", 1], ["b", None]] * 5
    >>> cv = MultiTaskStratifiedShuffleSplit(n_splits=1, test_size=4, random_state=0)
    >>> train, test = next(cv.split(y, y))
    >>> sorted(str(y[row]) for row in test)
    ["['a', 0]", "['a', 0]", "['b', 1]", "['b', None]"]
    """

    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(
        self,
        n_splits: int = 10,
        *,
        test_size: int | float | None = None,
        train_size: int | float | None = None,
        random_state: RandomState = None,
        missing_label: Any = None,
    ) -> None:
        as_count("n_splits", n_splits, 1)
        self.n_splits = int(n_splits)
        self.test_size = test_size
        self.train_size = train_size
        self.random_state = random_state
        self.missing_label = missing_label

    def split(self, X: Rows, y: Labels, groups: Weights = None) -> Iterator[Any]:
        """Yield the rows of training and test parts.

        Parameters
        ----------
        X, y, groups
            As in `MultiTaskStratifiedKFold.split`; with groups, the sizes of the parts are met
            as nearly as the groups allow.

        Yields
        ------
        train, test : ndarray of int, shape (n_rows,)
            Row numbers, ascending.

        Raises
        ------
        ValueError
            If `y` is None.
        """
        X, y, groups = indexable(X, y, groups)
        if y is None:
            raise ValueError("MultiTaskStratifiedShuffleSplit needs the labels y; got None.")
        n_samples = _n_rows(y)
        sizer = ShuffleSplit(test_size=self.test_size, train_size=self.train_size, random_state=0)
        n_train, n_test = map(len, next(sizer.split(np.empty((n_samples, 1)))))
        sizes = [n_train, n_test]
        if n_train + n_test < n_samples:
            sizes.append(n_samples - n_train - n_test)
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            part = partition(y, groups, sizes, missing_label=self.missing_label, rng=rng)
            yield np.flatnonzero(part == 0), np.flatnonzero(part == 1)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return how many times the rows are split.

        Parameters
        ----------
        X, y, groups : object
            Not used.

        Returns
        -------
        int
            The parameter `n_splits`.
        """
        return self.n_splits
