"""Rows and outputs, for every question that a fitted estimator answers."""

from abc import ABC, abstractmethod
from typing import Any

from skmtl._runtime.types import Rows
from skmtl.data import as_table, check_column_names


class Asked(ABC):
    """An estimator that answers about rows once it is fitted."""

    feature_cache: Any

    @property
    @abstractmethod
    def _fitted_network(self) -> Any:
        """The `FittedNetwork`: columns, tasks, network."""

    def _rows(self, X: Rows) -> Any:
        """Return X as a table with the columns seen in `fit`."""
        X = as_table(X)
        check_column_names(self, X, reset=False)
        return X

    def _outputs(self, X: Rows) -> list:
        """Return the outputs ``(n_samples, n_outputs)`` of each task."""
        fitted = self._fitted_network
        return fitted.outputs(self._rows(X), self.feature_cache)
