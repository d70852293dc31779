"""Probabilities that can be believed, and sets of labels that hold the right one."""

from abc import ABC
from typing import Self

import pandas as pd

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Labels, Rows
from skmtl.estimators.fitted_base import FittedBase
from skmtl.estimators.frames import index_of


class Calibrated(FittedBase, ABC):
    """An estimator that can be calibrated on rows that it was not fitted on."""

    def calibrate(self, X: Rows, y: Labels) -> Self:
        r"""Calibrate the probabilities of every task, and prepare `predict_sets`.

        The logits of a task of classes or tags are divided by a temperature [1]_, with which the
        network is as sure as it is right: :math:`p = \mathrm{softmax}(z / T)`. Classes that are
        predicted stay the same; ordinal classes and numbers are left as they are. The network
        itself is changed, so that files, exports and `model_` have calibrated probabilities. After
        another `fit` or `partial_fit` it must be calibrated again.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            Rows that were not in `fit`. Half of the labels of a task give its temperature, the
            other half what `predict_sets` needs.
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Their labels, of which some may be missing. A task with less than two stays as it is.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a column or a task is missing, or a label was not in `fit`.

        References
        ----------
        .. [1] Guo, Pleiss, Sun and Weinberger: On calibration of modern neural networks, ICML 2017,
           arXiv:1706.04599.

        Examples
        --------
        >>> from skmtl import MultiTaskClassifier
        >>> from skmtl.datasets import load_emoji
        >>> X, y = load_emoji()
        >>> y = y[["group"]]
        >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[:200])
        >>> model = model.calibrate(X[200:300], y[200:300])
        >>> sorted(model.temperatures_)
        ['group']
        """
        fitted = self._fitted_network
        fitted.calibrate(self._rows(X), y, self.feature_cache)
        return self

    @property
    def temperatures_(self) -> dict[str, float]:
        """By task, what `calibrate` has divided the logits by; above 1 if they were too sure."""
        return {name: c.temperature for name, c in self._fitted_network.calibration.items()}

    def predict_sets(self, X: Rows, coverage: float = 0.9) -> pd.DataFrame:
        """Return for every row and task a set that holds the right label.

        Of many rows like those of `calibrate`, at least the share `coverage` has its label in its
        set, task by task, whatever the network has learned: a class is in the set if its
        probability is not lower than that which few right labels have [1]_. Of numbers it is an
        interval: what is predicted and, on both sides, an error that few rows exceed; where
        quantiles were learned, their interval made wider or narrower [2]_. Of tags it is a set
        which holds all tags of the row.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        coverage : float, default=0.9
            Share of the rows, between 0 and 1.

        Returns
        -------
        DataFrame of shape (n_samples, n_tasks)
            Cells are tuples: classes or tags, the most probable one first; or the lowest and the
            highest number. A set may be empty: such a row is unlike all others.

        Raises
        ------
        ValueError
            If `calibrate` was not called since `fit`, or its rows had no labels of a task.

        References
        ----------
        .. [1] Sadinle, Lei and Wasserman: Least ambiguous set-valued classifiers with bounded error
           levels, JASA 2019, arXiv:1609.00451.
        .. [2] Romano, Patterson and Candès: Conformalized quantile regression, NeurIPS 2019,
           arXiv:1905.03222.

        Examples
        --------
        >>> from skmtl import MultiTaskClassifier
        >>> from skmtl.datasets import load_emoji
        >>> X, y = load_emoji()
        >>> y = y[["group"]]
        >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[:200])
        >>> sets = model.calibrate(X[200:300], y[200:300]).predict_sets(X[300:303], coverage=0.8)
        >>> sets["group"].map(type).tolist() == [tuple] * 3
        True
        """
        coverage = as_number("coverage", coverage, low=0, high=1, closed="neither")
        fitted = self._fitted_network
        tasks, calibration = fitted.tasks, fitted.calibration
        lacking = [name for name in tasks.names if name not in calibration]
        if lacking:
            raise ValueError(
                "predict_sets needs calibrate(X, y) after fit, on rows that were not in fit, with "
                f"at least two labels of each task; there were none of {lacking}."
            )
        sets = {
            name: kind.prediction_sets(outputs, calibration[name].limit(coverage))
            for name, kind, outputs in zip(tasks.names, tasks.kinds, self._outputs(X), strict=True)
        }
        return pd.DataFrame(sets, index=index_of(X))
