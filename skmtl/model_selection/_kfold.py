"""Stratified folds for tables with several label columns and missing labels."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_random_state, indexable

from skmtl._runtime.checks import as_count
from skmtl._runtime.types import Labels, RandomState, Rows, Weights

from ._partition import partition


class MultiTaskStratifiedKFold(BaseCrossValidator):
    """K folds in which every class of every task has its share, as near as the data allow.

    With at most two tasks no class, and no fold size, differs by more than one row between any
    two folds, for any table: an exact equitable edge colouring (de Werra, 1971, "Equitable
    colorations of graphs"). With three tasks or more, or with groups, the folds are a local
    optimum of the chi-square distance from the shares, found by exchanging rows. In the same way
    the rows whose label is missing are spread. Classes with fewer rows than there are folds are
    absent from some of them.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Whether to shuffle rows and classes first. Without, the folds depend on the order of the
        rows alone, and equal rows are dealt out in turn.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling; the same seed, the same folds.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.

    Raises
    ------
    ValueError
        If `n_splits` is below 2, or there is a `random_state` without shuffling.
    TypeError
        If `shuffle` is neither True nor False.

    Notes
    -----
    An object of this class is for ``cv=`` of any scikit-learn search: ``cv=3`` would have
    scikit-learn inspect `y` by itself, which refuses missing labels.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl.model_selection import MultiTaskStratifiedKFold
    >>> y = pd.DataFrame({"kind": ["a", "b"] * 4, "place": ["x"] * 4 + ["y"] * 2 + [None] * 2})
    >>> for train, test in MultiTaskStratifiedKFold(n_splits=2).split(y, y):
    ...     print(test, sorted(y["kind"][test]), sorted(y["place"][test].dropna()))
    [0 1 4 7] ['a', 'a', 'b', 'b'] ['x', 'x', 'y']
    [2 3 5 6] ['a', 'a', 'b', 'b'] ['x', 'x', 'y']
    """

    __metadata_request__split = {"groups": True}  # noqa: RUF012  (scikit-learn's convention)

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: RandomState = None,
        missing_label: Any = None,
    ) -> None:
        as_count("n_splits", n_splits, 2)
        if not isinstance(shuffle, bool | np.bool_):
            raise TypeError(f"shuffle must be True or False; got {shuffle!r}.")
        if not shuffle and random_state is not None:
            raise ValueError("random_state has no effect without shuffle=True; leave it None.")
        self.n_splits = int(n_splits)
        self.shuffle = shuffle
        self.random_state = random_state
        self.missing_label = missing_label

    def split(self, X: Rows, y: Labels, groups: Weights = None) -> Iterator[Any]:
        """Yield the rows of training and test parts.

        Parameters
        ----------
        X : table of n_samples rows
            Only its length counts.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels, one column per task. A missing one is None, NaN, NA or `missing_label`.
        groups : array-like of shape (n_samples,), optional
            Rows of one group stay in one fold: near-twins, or rows of one origin.

        Yields
        ------
        train, test : ndarray of int, shape (n_rows,)
            Row numbers, ascending.

        Raises
        ------
        ValueError
            If there are fewer rows, or groups, than folds.
        """
        X, y, groups = indexable(X, y, groups)
        if y is None:
            raise ValueError("MultiTaskStratifiedKFold needs the labels y; got None.")
        n_samples = _n_rows(y)
        if n_samples < self.n_splits:
            raise ValueError(
                f"n_splits must be at most the number of rows, {n_samples}; got {self.n_splits}."
            )
        rng = check_random_state(self.random_state) if self.shuffle else None
        fold = partition(y, groups, self.n_splits, missing_label=self.missing_label, rng=rng)
        for i in range(self.n_splits):
            yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return the number of folds.

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


class RepeatedMultiTaskStratifiedKFold(BaseCrossValidator):
    """Repeat `MultiTaskStratifiedKFold` with other shuffles.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    n_repeats : int, default=10
        Number of repetitions, at least 1.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.

    Examples
    --------
    >>> from skmtl.model_selection import RepeatedMultiTaskStratifiedKFold
    >>> cv = RepeatedMultiTaskStratifiedKFold(n_splits=2, n_repeats=2, random_state=0)
    >>> y = [["a", 0], ["b", 0], ["a", 1], ["b", None]]
    >>> len(list(cv.split(y, y)))
    4
    """

    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(
        self,
        n_splits: int = 5,
        *,
        n_repeats: int = 10,
        random_state: RandomState = None,
        missing_label: Any = None,
    ) -> None:
        as_count("n_splits", n_splits, 2)
        as_count("n_repeats", n_repeats, 1)
        self.n_splits = int(n_splits)
        self.n_repeats = int(n_repeats)
        self.random_state = random_state
        self.missing_label = missing_label

    def split(self, X: Rows, y: Labels, groups: Weights = None) -> Iterator[Any]:
        """Yield the rows of training and test parts, repetition by repetition.

        Parameters
        ----------
        X, y, groups
            As in `MultiTaskStratifiedKFold.split`.

        Yields
        ------
        train, test : ndarray of int, shape (n_rows,)
            Row numbers, ascending.
        """
        rng = check_random_state(self.random_state)
        for _ in range(self.n_repeats):
            folds = MultiTaskStratifiedKFold(
                self.n_splits,
                shuffle=True,
                random_state=rng.randint(2**31 - 1),
                missing_label=self.missing_label,
            )
            yield from folds.split(X, y, groups)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return the number of folds times the number of repetitions.

        Parameters
        ----------
        X, y, groups : object
            Not used.

        Returns
        -------
        int
            ``n_splits * n_repeats``.
        """
        return self.n_splits * self.n_repeats


def _n_rows(y):
    return y.shape[0] if hasattr(y, "shape") else len(y)
