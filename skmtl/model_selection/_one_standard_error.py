"""The cheapest candidate that is as good as the best, for `refit=` of a search."""

from collections.abc import Callable

import numpy as np

from ._pareto import scores_of


class OneStandardErrorRule:
    """Choose the cheapest candidate within one standard error of the best.

    What lies within the noise of the best mean score is as good as the best; of those candidates
    the cheapest is taken (Breiman, Friedman, Olshen and Stone, 1984, "Classification and
    Regression Trees").

    Parameters
    ----------
    cost : str or callable
        A key of `cv_results_` such as ``"param_epochs"`` or ``"mean_fit_time"``, or a callable
        that takes a candidate's `params` and returns a number. Of equal costs the best score
        decides.
    metric : str, default="mean_accuracy"
        Name of the scorer; higher is better.

    Raises
    ------
    TypeError
        If `cost` is neither a name nor callable.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.model_selection import OneStandardErrorRule
    >>> results = {
    ...     "params": [{"epochs": 10}, {"epochs": 20}, {"epochs": 40}],
    ...     "param_epochs": np.array([10, 20, 40]),
    ...     "mean_test_mean_accuracy": np.array([0.70, 0.79, 0.80]),
    ...     "split0_test_mean_accuracy": np.array([0.68, 0.77, 0.78]),
    ...     "split1_test_mean_accuracy": np.array([0.72, 0.81, 0.82]),
    ... }
    >>> int(OneStandardErrorRule("param_epochs")(results))
    1
    """

    def __init__(self, cost: str | Callable[..., float], *, metric: str = "mean_accuracy") -> None:
        if not isinstance(cost, str) and not callable(cost):
            raise TypeError(f"cost must be a key of cv_results_ or a callable; got {cost!r}.")
        self.cost = cost
        self.metric = metric

    def __repr__(self):
        return f"OneStandardErrorRule({self.cost!r}, metric={self.metric!r})"

    def __call__(self, cv_results):
        """Return the number of the chosen candidate.

        Parameters
        ----------
        cv_results : dict of str to array
            The `cv_results_` of a search.

        Returns
        -------
        int
            Index of the candidate.

        Raises
        ------
        ValueError
            If there is no such score or cost, fewer than two splits, or no candidate without a
            failure.
        """
        mean, error = scores_of(cv_results, self.metric)
        if np.isnan(mean).all():
            raise ValueError("Every candidate of the search failed; there is none to choose.")
        best = np.nanargmax(mean)
        if np.isnan(error[best]):
            raise ValueError("The one-standard-error rule needs at least two splits.")
        costs = self._costs(cv_results)
        good = np.flatnonzero(mean >= mean[best] - error[best])
        return int(good[np.lexsort((-mean[good], costs[good]))[0]])

    def _costs(self, cv_results):
        if callable(self.cost):
            return np.array([float(self.cost(params)) for params in cv_results["params"]])
        if self.cost not in cv_results:
            raise ValueError(
                f"cost must be a key of cv_results_ or a callable; got {self.cost!r}. "
                f"The keys are {list(cv_results)}."
            )
        return np.ma.asarray(cv_results[self.cost]).astype(np.float64).filled(np.inf)
