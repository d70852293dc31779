"""Calibrated probabilities, and prediction sets that contain the true label."""

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

        The logits of a task of classes or tags are divided by a temperature [1]_ that makes the
        network as confident as it is accurate: :math:`p = \mathrm{softmax}(z / T)`. The predicted
        classes stay the same; ordinal classes and numbers are not changed. The network itself is
        changed, so that saved files, exports and `model_` give calibrated probabilities, too. After
        another `fit` or `partial_fit`, calibrate again.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            Rows that were not in `fit`. The temperature of a task is found on half of its labels;
            the other half is for `predict_sets`.
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Their labels, some of which may be missing. A task with fewer than two labels is not
            calibrated.

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
        """Temperature of each task, from `calibrate`; above 1 if the network was overconfident."""
        return {name: c.temperature for name, c in self._fitted_network.calibration.items()}

    def predict_sets(self, X: Rows, coverage: float = 0.9) -> pd.DataFrame:
        """Return a set of labels for every row and task that contains the true label.

        Of many rows like those of `calibrate`, at least the share `coverage` has its true label in
        its set; this holds for each task, however good the network is. A class is in the set if
        its probability is not below a limit that few true labels fall below [1]_. A task of
        numbers gets an interval: the prediction and, on both sides, an error that few rows exceed;
        where quantiles were learned, their interval, widened or narrowed [2]_. A task of tags gets
        a set that contains all tags of the row.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        coverage : float, default=0.9
            Share of the rows, between 0 and 1.

        Returns
        -------
        DataFrame of shape (n_samples, n_tasks)
            Cells are tuples: classes or tags, the most probable one first; or the lower and the
            upper end of an interval. A set may be empty: no label is plausible for the row.

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
