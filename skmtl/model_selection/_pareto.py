"""The candidates of a search that no other one beats on every task."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def pareto_front(
    cv_results: Mapping[str, Any], tasks: Sequence[str], *, metric: str = "accuracy"
) -> pd.DataFrame:
    """Return the candidates of a search that are not dominated, with their standard errors.

    A candidate is dominated if another one is at least as good on every task and better on one.

    Parameters
    ----------
    cv_results : dict of str to array
        The `cv_results_` of a search that was given `skmtl.metrics.task_scorers`.
    tasks : sequence of str
        The tasks to weigh against each other.
    metric : str, default="accuracy"
        The metric; higher is better.

    Returns
    -------
    DataFrame
        One row per candidate, best on the first task first; its index is the number of the
        candidate. Columns: ``"<task>_mean"`` and ``"<task>_se"`` (standard error over the
        splits, NaN with a single one) for each task, then ``"params"``. Candidates that failed
        are left out.

    Raises
    ------
    ValueError
        If the search has no such scores.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.model_selection import pareto_front
    >>> results = {"params": [{"C": 1}, {"C": 2}, {"C": 3}]}
    >>> for task, scores in {"a": [0.5, 0.7, 0.6], "b": [0.9, 0.6, 0.5]}.items():
    ...     results[f"mean_test_{task}_accuracy"] = np.array(scores)
    ...     for split in (0, 1):
    ...         results[f"split{split}_test_{task}_accuracy"] = np.array(scores) + 0.01 * split
    >>> pareto_front(results, ["a", "b"]).round(3)
       a_mean   a_se  b_mean   b_se    params
    1     0.7  0.005     0.6  0.005  {'C': 2}
    0     0.5  0.005     0.9  0.005  {'C': 1}
    """
    if isinstance(tasks, str) or not len(tasks):
        raise ValueError(f"tasks must be a sequence of at least one task; got {tasks!r}.")
    table = {}
    for task in tasks:
        table[f"{task}_mean"], table[f"{task}_se"] = scores_of(cv_results, f"{task}_{metric}")
    table["params"] = list(cv_results["params"])
    frame = pd.DataFrame(table)
    means = frame[[f"{task}_mean" for task in tasks]].to_numpy()
    frame = frame[is_efficient(means)]
    return frame.sort_values([f"{task}_mean" for task in tasks], ascending=False, kind="stable")


def is_efficient(scores):
    """Return which rows no other row dominates.

    Parameters
    ----------
    scores : ndarray of shape (n_candidates, n_tasks)
        Higher is better. A row with a NaN is not efficient.

    Returns
    -------
    ndarray of bool, shape (n_candidates,)
        Equal rows do not dominate each other.
    """
    efficient = ~np.isnan(scores).any(axis=1)
    for i in np.flatnonzero(efficient):
        no_worse = (scores >= scores[i]).all(axis=1)
        better = (scores > scores[i]).any(axis=1)
        efficient[i] = not (no_worse & better).any()
    return efficient


def scores_of(cv_results, name):
    """Return the mean score of every candidate and its standard error.

    Parameters
    ----------
    cv_results : dict of str to array
        The `cv_results_` of a search.
    name : str
        Name of the scorer.

    Returns
    -------
    mean, standard_error : ndarray of shape (n_candidates,)
        The standard error is NaN with a single split.
    """
    if f"mean_test_{name}" not in cv_results:
        known = [key.removeprefix("mean_test_") for key in cv_results if "mean_test_" in key]
        raise ValueError(f"cv_results has no score {name!r}; it has {known}.")
    splits = []
    while f"split{len(splits)}_test_{name}" in cv_results:
        splits.append(cv_results[f"split{len(splits)}_test_{name}"])
    splits = np.array(splits)
    mean = np.asarray(cv_results[f"mean_test_{name}"], dtype=np.float64)
    if len(splits) < 2:
        return mean, np.full_like(mean, np.nan)
    return mean, splits.std(axis=0, ddof=1) / np.sqrt(len(splits))
