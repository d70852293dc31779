"""Scorers per task, for `scoring=` of scikit-learn's searches and cross-validation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer
from sklearn.utils import _safe_indexing

from skmtl.data.labels import as_label_array, read_labels
from skmtl.data.weights import read_sample_weight

from ._label_kinds import as_plain_kind, check_metric, kind_of_labels
from ._scores import PREDICTION_METRICS, PROBABILITY_METRICS
from ._task_view import (
    Responses,
    TaskView,
    find_attribute,
    find_missing_label,
    find_task_names,
    with_tag_lists,
)


def make_task_scorer(
    task: str, metric: str | Callable[..., float] = "accuracy"
) -> Callable[..., Any]:
    """Return a scorer of one task over the rows that are labelled for it.

    Parameters
    ----------
    task : str
        A column of `y`; ``"task_0"``, ``"task_1"``, ... where `y` is an array, ``"y"`` where it
        is 1-D.
    metric : str or scorer
        A name that `task_scores` or scikit-learn's `get_scorer` knows, or a callable
        ``(estimator, X, y)``, made with `sklearn.metrics.make_scorer` for instance. A multiclass
        ``"roc_auc"`` is the mean of the one-against-rest areas, and neither it nor
        ``"neg_log_loss"`` minds a class without a row.

    Returns
    -------
    callable
        ``scorer(estimator, X, y, sample_weight=None)``, higher is better. It finds the task's
        predictions by the estimator's `task_names_`, also inside a Pipeline or a search, or else
        by the position of the task in `y`. A label that was not in fit is a wrong prediction, of
        probability 0.

    Raises
    ------
    ValueError
        If scikit-learn knows no such metric.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.metrics import make_task_scorer
    >>> X = np.arange(20.0)[:, None]
    >>> y = np.column_stack([X[:, 0] % 2, X[:, 0] > 9])
    >>> scorer = make_task_scorer("task_1")
    >>> cross_val_score(DecisionTreeClassifier(random_state=0), X, y, scoring=scorer)
    array([1., 1., 1., 1., 1.])
    """
    return TaskScorer(task, metric)


def task_scorers(task_names: Sequence[str], metrics: Any = "accuracy") -> dict[str, Any]:
    """Return a dict of scorers: every metric for every task, and its mean over the tasks.

    Parameters
    ----------
    task_names : sequence of str
        Columns of `y`; ``"task_0"``, ``"task_1"``, ... where `y` is an array, ``"y"`` where it
        is 1-D.
    metrics : str, sequence of str, or mapping of str to scorer
        Metrics as in `make_task_scorer`; the keys of a mapping name them.

    Returns
    -------
    dict of str to callable
        ``"<task>_<metric>"`` and ``"mean_<metric>"``, to be used as ``scoring=`` with, for
        instance, ``refit="mean_accuracy"``. The mean is taken over the tasks that have a
        labelled row.

    Raises
    ------
    ValueError
        If no task is named, or there is no such metric.

    Examples
    --------
    >>> from skmtl.metrics import task_scorers
    >>> list(task_scorers(["group", "subgroup"]))
    ['group_accuracy', 'subgroup_accuracy', 'mean_accuracy']
    """
    if isinstance(task_names, str) or not len(task_names):
        raise ValueError(f"task_names must be a sequence of at least one task; got {task_names!r}.")
    if isinstance(metrics, str):
        metrics = [metrics]
    if not isinstance(metrics, Mapping):
        metrics = {metric: metric for metric in metrics}
    scorers = {}
    for name, metric in metrics.items():
        per_task = [TaskScorer(task, metric) for task in task_names]
        scorers |= {f"{scorer.task}_{name}": scorer for scorer in per_task}
        scorers[f"mean_{name}"] = MeanTaskScorer(per_task)
    return scorers


class TaskScorer:
    """Scorer of one task; see `make_task_scorer`.

    Parameters
    ----------
    task : str
        A column of `y`.
    metric : str or callable
        As in `make_task_scorer`.
    """

    def __init__(self, task, metric="accuracy"):
        if metric not in PREDICTION_METRICS:
            get_scorer(metric)  # its own error lists the names, and tells a metric from a scorer
        self.task = task
        self.metric = metric

    def __repr__(self):
        return f"make_task_scorer({self.task!r}, {self.metric!r})"

    def __call__(self, estimator, X, y, sample_weight=None):
        """Return the score of a fitted estimator."""
        score = self.score_responses(Responses(estimator, X), y, sample_weight)
        if np.isnan(score):
            raise ValueError(f"Task {self.task!r} has no labelled row among the {len(y)} given.")
        return score

    def score_responses(self, responses, y, sample_weight=None):
        """Return the score, or NaN where no row is labelled."""
        model = responses.estimator
        table = read_labels(y, missing_label=find_missing_label(model))
        known = find_task_names(model) or table.names
        index, position = find_columns(self.task, table.names, known)
        rows = np.flatnonzero(table.columns[index].is_labelled)
        if not len(rows):
            return float("nan")
        kind = (find_attribute(model, "task_kinds_") or {}).get(known[position])
        truth = with_tag_lists(table.columns[index], model, known[position]).labels
        options = {}
        if sample_weight is not None:
            weights = read_sample_weight(sample_weight, table.names, table.n_rows)
            options["sample_weight"] = weights[rows, index]
        view = TaskView(responses, position, rows)
        if self.metric in PREDICTION_METRICS:
            guess = as_label_array(view.predict(None))
            kind = as_plain_kind(kind) or kind_of_labels(truth, guess)
            check_metric(self.metric, kind, self.task, truth)
            if self.metric == "default":
                options["kind"] = kind
            return PREDICTION_METRICS[self.metric](truth, guess, **options)
        if self.metric in PROBABILITY_METRICS:
            kind = as_plain_kind(kind) or kind_of_labels(truth)
            check_metric(self.metric, kind, self.task, truth)
            try:
                return PROBABILITY_METRICS[self.metric](
                    truth, view.predict_proba(None), view.classes_, **options
                )
            except ValueError as error:
                raise ValueError(f"Task {self.task!r}: {error}") from error
        scorer = get_scorer(self.metric)
        return float(scorer(view, _safe_indexing(responses.X, rows), truth, **options))


class MeanTaskScorer:
    """Mean of several task scorers, over the tasks that have a labelled row.

    Parameters
    ----------
    scorers : list of TaskScorer
        One per task.
    """

    def __init__(self, scorers):
        self.scorers = scorers

    def __repr__(self):
        return f"MeanTaskScorer({self.scorers!r})"

    def __call__(self, estimator, X, y, sample_weight=None):
        """Return the mean score of a fitted estimator."""
        responses = Responses(estimator, X)  # one prediction serves every task
        scores = [scorer.score_responses(responses, y, sample_weight) for scorer in self.scorers]
        present = [score for score in scores if not np.isnan(score)]
        if not present:
            tasks = [scorer.task for scorer in self.scorers]
            raise ValueError(f"None of the tasks {tasks} has a labelled row among {len(y)}.")
        return float(np.mean(present))


def find_columns(task, names, known):
    """Return the column of the task in `y` and in the predictions."""
    same = len(names) == len(known)  # an array has no names: then its columns count
    if task not in names and not (same and task in known):
        raise ValueError(f"y has no task {task!r}; its columns are {names}.")
    if task not in known and not (same and task in names):
        raise ValueError(f"The estimator has no task {task!r}; it was fitted on {known}.")
    index = names.index(task) if task in names else known.index(task)
    return index, known.index(task) if task in known else index
