"""Probabilities of classes and tags, of the estimators that have such tasks."""

from abc import ABC

import numpy as np

from skmtl._runtime.types import Rows
from skmtl.estimators.base import MultiTaskBase


class ProbabilisticBase(MultiTaskBase, ABC):
    """An estimator some of whose tasks are classes or tags."""

    def predict_proba(self, X: Rows) -> np.ndarray | list[np.ndarray]:
        """Return the probability of every class and tag.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or list of them
            A list with one array per task unless `y` was 1-D: (n_samples, n_tags) for tags, and for
            numbers the numbers that are predicted, (n_samples, n_quantiles).
        """
        tasks, outputs = self._fitted_network.tasks, self._outputs(X)
        found = [kind.in_units(o) for kind, o in zip(tasks.kinds, outputs, strict=True)]
        return found[0] if tasks.one_dimensional else found
