"""`predict_proba`, for the estimators with tasks of classes or tags."""

from abc import ABC

import numpy as np

from skmtl._runtime.types import Rows
from skmtl.estimators.base import MultiTaskBase


class ProbabilisticBase(MultiTaskBase, ABC):
    """An estimator whose tasks may be classes or tags."""

    def predict_proba(self, X: Rows) -> np.ndarray | list[np.ndarray]:
        """Return the probability of every class and tag.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or list of them
            A list with one array per task unless `y` was 1-D. A task of tags has one column per
            tag; a task of numbers has its predictions, one column per quantile.
        """
        tasks, outputs = self._fitted_network.tasks, self._outputs(X)
        found = [kind.in_units(o) for kind, o in zip(tasks.kinds, outputs, strict=True)]
        return found[0] if tasks.one_dimensional else found
