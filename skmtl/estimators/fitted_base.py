"""What every method after `fit` needs: the fitted network, and rows read as in `fit`."""

from abc import ABC
from typing import Any

from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.types import Rows
from skmtl.data import as_table, check_column_names


class FittedBase(ABC):
    """Base of everything that an estimator does once it is fitted."""

    feature_cache: Any
    _fitted: Any

    @property
    def _fitted_network(self) -> Any:
        """The `FittedNetwork`: columns, tasks, network."""
        check_is_fitted(self, "_fitted")
        return self._fitted

    def _rows(self, X: Rows) -> Any:
        """Return X as a table with the columns seen in `fit`."""
        X = as_table(X)
        check_column_names(self, X, reset=False)
        return X

    def _outputs(self, X: Rows) -> list:
        """Return the outputs ``(n_samples, n_outputs)`` of each task."""
        fitted = self._fitted_network
        return fitted.outputs(self._rows(X), self.feature_cache)
