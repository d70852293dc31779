"""Scores of arrays: one number per task, over the rows labelled for it."""

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score

from ._labels import as_label_array, split_tasks


def accuracy(y_true, y_pred, sample_weight=None):
    """Share of right labels."""
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
    """Mean F1 of the classes that occur in `y_true` or `y_pred`."""
    return float(
        f1_score(y_true, y_pred, average="macro", zero_division=0.0, sample_weight=sample_weight)
    )


def neg_log_loss(y_true, y_proba, classes, sample_weight=None):
    """Mean log-probability of the true class; classes that do not occur are no error."""
    columns = class_positions(y_true, classes)
    picked = y_proba[np.arange(len(y_proba)), columns].astype(np.float64)
    # one float step below, as scikit-learn's log_loss clips
    picked = np.maximum(picked, np.finfo(y_proba.dtype).eps)
    return float(np.average(np.log(picked), weights=sample_weight))


def roc_auc(y_true, y_proba, classes, sample_weight=None):
    """Area under the ROC curve; over two classes, the mean of one-against-rest areas.

    A class that no row, or every row, belongs to has no curve and is left out of the mean.
    """
    columns = class_positions(y_true, classes)
    present = np.unique(columns)
    if len(present) < 2:
        raise ValueError(
            f"The ROC AUC needs rows of at least two classes; got only {classes[present[0]]!r}."
        )
    chosen = [1] if len(classes) == 2 else present
    areas = [
        roc_auc_score(columns == c, y_proba[:, c], sample_weight=sample_weight) for c in chosen
    ]
    return float(np.mean(areas))


def class_positions(y_true, classes):
    """Return the index in `classes` of each label.

    Raises
    ------
    ValueError
        If a label is not among `classes`.
    """
    position = {label: i for i, label in enumerate(np.asarray(classes).tolist())}
    labels = np.asarray(y_true).tolist()
    unseen = sorted({repr(label) for label in labels if label not in position})
    if unseen:
        raise ValueError(
            f"There is no probability for {', '.join(unseen)}: no such label was seen in fit."
        )
    return np.array([position[label] for label in labels], dtype=np.intp)


PREDICTION_METRICS = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "f1_macro": f1_macro,
}
PROBABILITY_METRICS = {"neg_log_loss": neg_log_loss, "roc_auc": roc_auc}


def task_scores(y_true, y_pred, *, metric="accuracy", sample_weight=None, missing_label=None):
    """Score each task over the rows that are labelled for it.

    Parameters
    ----------
    y_true : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels, one column per task. A missing one (None, NaN, NA) leaves its row out of its
        task.
    y_pred : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Predictions, columns in the order of `y_true`.
    metric : {"accuracy", "balanced_accuracy", "f1_macro"} or callable
        A callable takes ``(y_true, y_pred)`` of one task, and ``sample_weight`` where weights
        are given, and returns a number.
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
    tasks = split_tasks(y_true, missing_label=missing_label, parameter="y_true")
    predictions = split_tasks(y_pred, parameter="y_pred")
    rows = len(tasks[0].values)
    if (rows, len(tasks)) != (len(predictions[0].values), len(predictions)):
        raise ValueError(
            f"y_true and y_pred must have the same shape; got {(rows, len(tasks))} and "
            f"{(len(predictions[0].values), len(predictions))} (rows, tasks)."
        )
    scores = {}
    for position, (task, predicted) in enumerate(zip(tasks, predictions, strict=True)):
        keep = task.labelled
        if not keep.any():
            scores[task.name] = float("nan")
            continue
        options = {}
        if sample_weight is not None:
            options["sample_weight"] = task_weights(sample_weight, position, (rows, len(tasks)))[
                keep
            ]
        truth, guess = as_label_array(task.values[keep]), as_label_array(predicted.values[keep])
        scores[task.name] = float(score(truth, guess, **options))
    return scores


def mean_task_score(y_true, y_pred, *, metric="accuracy", sample_weight=None, missing_label=None):
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


def task_weights(sample_weight, position, shape):
    """Return the weights of the rows for one task; `shape` is that of the labels."""
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape not in (shape, shape[:1]):
        raise ValueError(
            f"sample_weight must be of shape {shape[:1]} or {shape}, as y is; got {weights.shape}."
        )
    return weights[:, position] if weights.ndim == 2 else weights
