"""Scores of arrays: one number per task, over the rows labelled for it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score

from skmtl._runtime.types import Labels, Weights
from skmtl.data.labels import as_label_array, read_labels
from skmtl.data.weights import read_sample_weight
from skmtl.metrics._label_kinds import check_metric, kind_of_labels, tag_indicators, tag_sets


def accuracy(y_true, y_pred, sample_weight=None):
    """Share of right labels; of tags, share of rows all of whose tags are right."""
    if kind_of_labels(y_true, y_pred) == "tags":
        y_true, y_pred = tag_sets(y_true), tag_sets(y_pred)
        hits = [one == other for one, other in zip(y_true, y_pred, strict=True)]
        return float(np.average(hits, weights=sample_weight))
    return float(accuracy_score(y_true, y_pred, sample_weight=sample_weight))


def balanced_accuracy(y_true, y_pred, sample_weight=None):
    """Mean recall of the classes that occur in `y_true`."""
    # recall over the true classes: scikit-learn's own warns of each class only predicted,
    # which rare classes make the normal case here
    return float(
        recall_score(
            y_true,
            y_pred,
            labels=np.unique(y_true),
            average="macro",
            zero_division=0.0,
            sample_weight=sample_weight,
        )
    )


def f1_macro(y_true, y_pred, sample_weight=None):
    """Mean F1 of the classes or tags that occur in `y_true` or `y_pred`."""
    return _f1(y_true, y_pred, sample_weight, average="macro")


def f1_micro(y_true, y_pred, sample_weight=None):
    """F1 of all tags together, 1 without any; the accuracy of classes."""
    return _f1(y_true, y_pred, sample_weight, average="micro")


def _f1(y_true, y_pred, sample_weight, *, average):
    if kind_of_labels(y_true, y_pred) == "tags":
        tags, (y_true, y_pred) = tag_indicators(y_true, y_pred)
        if not tags:
            return 1.0
        if len(tags) == 1:  # scikit-learn takes one column for classes
            weights = np.ones(len(y_true)) if sample_weight is None else np.asarray(sample_weight)
            right = weights @ (y_true & y_pred)[:, 0]
            return float(2 * right / (weights @ (1.0 * y_true + y_pred)[:, 0]))
    options = {"average": average, "zero_division": 0.0, "sample_weight": sample_weight}
    return float(f1_score(y_true, y_pred, **options))


def jaccard(y_true, y_pred, sample_weight=None):
    """Mean over the rows of shared tags over all tags, 1 for a row without any."""
    pairs = zip(tag_sets(y_true), tag_sets(y_pred), strict=True)
    shares = [len(one & other) / len(one | other) if one | other else 1.0 for one, other in pairs]
    return float(np.average(shares, weights=sample_weight))


def r2(y_true, y_pred, sample_weight=None):
    """Share of the variance that is explained; 1 or 0 where there is no variance."""
    weights = np.ones(len(y_true)) if sample_weight is None else np.asarray(sample_weight, float)
    truth, guess, weights = np.asarray(y_true, float), np.asarray(y_pred, float), weights
    size = np.abs(truth).max(initial=0) or 1.0  # squares of very large numbers are not finite
    errors = np.average(((truth - guess) / size) ** 2, weights=weights)
    mean = np.average(truth / size, weights=weights)
    variance = np.average((truth / size - mean) ** 2, weights=weights)
    return float(1 - errors / variance) if variance else float(errors == 0)


def neg_mean_absolute_error(y_true, y_pred, sample_weight=None):
    """Minus the mean absolute error, in the units of the labels."""
    errors = np.abs(np.asarray(y_true, float) - np.asarray(y_pred, float))
    return -float(np.average(errors, weights=sample_weight))


def neg_root_mean_squared_error(y_true, y_pred, sample_weight=None):
    """Minus the root of the mean squared error, in the units of the labels."""
    errors = np.asarray(y_true, float) - np.asarray(y_pred, float)
    return -float(np.sqrt(np.average(errors**2, weights=sample_weight)))


def default(y_true, y_pred, sample_weight=None, kind=None):
    """Accuracy of classes, micro-averaged F1 of tags, R² of numbers."""
    kind = kind or kind_of_labels(y_true, y_pred)
    score = {"tags": f1_micro, "number": r2}.get(kind, accuracy)
    return score(y_true, y_pred, sample_weight)


def neg_log_loss(y_true, y_proba, classes, sample_weight=None):
    """Mean log-probability of the true class, 0 for a class that was not in fit."""
    columns = class_positions(y_true, classes)
    picked = y_proba[np.arange(len(y_proba)), columns].astype(np.float64)
    picked[columns < 0] = 0.0
    # one float step below, as scikit-learn's log_loss clips
    picked = np.maximum(picked, np.finfo(y_proba.dtype).eps)
    return float(np.average(np.log(picked), weights=sample_weight))


def roc_auc(y_true, y_proba, classes, sample_weight=None):
    """Area under the ROC curve; over two classes, the mean of one-against-rest areas.

    A class that no row, or every row, belongs to has no curve and is left out of the mean. A row
    whose class was not in fit belongs to the rest of each.
    """
    columns = class_positions(y_true, classes)
    present = np.unique(columns)
    if len(present) < 2:
        raise ValueError(f"The ROC AUC needs rows of at least two classes; got only {y_true[0]!r}.")
    chosen = [1] if len(classes) == 2 else present[present >= 0]
    areas = [
        roc_auc_score(columns == c, y_proba[:, c], sample_weight=sample_weight) for c in chosen
    ]
    return float(np.mean(areas))


def class_positions(y_true, classes):
    """Return the index in `classes` of each label, -1 for a label that is not among them."""
    position = {label: i for i, label in enumerate(np.asarray(classes).tolist())}
    labels = np.asarray(y_true).tolist()
    return np.array([position.get(label, -1) for label in labels], dtype=np.intp)


PREDICTION_METRICS = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "f1_macro": f1_macro,
    "f1_micro": f1_micro,
    "jaccard": jaccard,
    "r2": r2,
    "neg_mean_absolute_error": neg_mean_absolute_error,
    "neg_root_mean_squared_error": neg_root_mean_squared_error,
    "default": default,
}
PROBABILITY_METRICS = {"neg_log_loss": neg_log_loss, "roc_auc": roc_auc}


def task_scores(
    y_true: Labels,
    y_pred: Labels,
    *,
    metric: str | Callable[..., float] = "accuracy",
    sample_weight: Weights = None,
    missing_label: Any = None,
) -> dict[str, float]:
    """Score each task over the rows that are labelled for it.

    Parameters
    ----------
    y_true : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels, one column per task. A missing one (None, NaN, NA) leaves its row out of its
        task.
    y_pred : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Predictions, columns in the order of `y_true`, or matched by name if both are frames of the
        same tasks.
    metric : str or callable
        "default" (the accuracy of classes, the micro-averaged F1 of tags, R² of numbers),
        "accuracy", "balanced_accuracy", "f1_macro", "f1_micro", "jaccard" (of tags), "r2",
        "neg_mean_absolute_error" or "neg_root_mean_squared_error". A callable takes
        ``(y_true, y_pred)`` of one task, and ``sample_weight`` where weights are given, and returns
        a number.
    sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), optional
        Weights of the rows, or of the rows per task.
    missing_label : object, optional
        A label that means *missing* too.

    Returns
    -------
    dict of str to float
        Scores by task; NaN for a task without any labelled row.

    Raises
    ------
    ValueError
        If the shapes do not agree or `metric` is unknown.

    Examples
    --------
    >>> from skmtl.metrics import task_scores
    >>> task_scores([["a", 0], ["b", None], ["b", 1]], [["a", 0], ["a", 1], ["b", 0]])
    {'task_0': 0.666..., 'task_1': 0.5}
    """
    if isinstance(metric, str) and metric not in PREDICTION_METRICS:
        known = ", ".join(repr(name) for name in PREDICTION_METRICS)
        raise ValueError(f"metric must be one of {known}, or a callable; got {metric!r}.")
    score = PREDICTION_METRICS[metric] if isinstance(metric, str) else metric
    truth = read_labels(y_true, missing_label=missing_label, parameter="y_true")
    predicted = read_labels(y_pred, parameter="y_pred")
    shape = (truth.n_rows, len(truth.columns))
    if shape != (predicted.n_rows, len(predicted.columns)):
        raise ValueError(
            f"y_true and y_pred must have the same shape; got {shape} and "
            f"{(predicted.n_rows, len(predicted.columns))} (rows, tasks)."
        )
    guesses = predicted.columns
    if truth.has_names and predicted.has_names and set(truth.names) == set(predicted.names):
        guesses = [guesses[predicted.names.index(name)] for name in truth.names]
    weights = None
    if sample_weight is not None:
        weights = read_sample_weight(sample_weight, truth.names, truth.n_rows)
    scores = {}
    for position, (task, guess) in enumerate(zip(truth.columns, guesses, strict=True)):
        keep = task.is_labelled
        if not keep.any():
            scores[task.name] = float("nan")
            continue
        options = {} if weights is None else {"sample_weight": weights[keep, position]}
        found = as_label_array(guess.values[keep])
        if isinstance(metric, str):
            check_metric(metric, kind_of_labels(task.labels, found), task.name, task.labels)
        scores[task.name] = float(score(task.labels, found, **options))
    return scores


def mean_task_score(
    y_true: Labels,
    y_pred: Labels,
    *,
    metric: str | Callable[..., float] = "accuracy",
    sample_weight: Weights = None,
    missing_label: Any = None,
) -> float:
    """Mean of the task scores, over the tasks that have a labelled row.

    Parameters
    ----------
    y_true, y_pred, metric, sample_weight, missing_label
        As for `task_scores`.

    Returns
    -------
    float
        The mean task score.

    Raises
    ------
    ValueError
        If no task has a labelled row.

    Examples
    --------
    >>> from skmtl.metrics import mean_task_score
    >>> mean_task_score([["a", 0], ["b", None]], [["a", 0], ["a", 1]])
    0.75
    """
    scores = task_scores(
        y_true, y_pred, metric=metric, sample_weight=sample_weight, missing_label=missing_label
    )
    present = [score for score in scores.values() if not np.isnan(score)]
    if not present:
        raise ValueError(
            f"None of the tasks {', '.join(map(repr, scores))} has a labelled row in y_true."
        )
    return float(np.mean(present))
