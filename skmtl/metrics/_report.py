"""A table of scores per task, and per class or tag."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_fscore_support

from skmtl._runtime.types import Labels
from skmtl.data.labels import as_label_array, read_labels
from skmtl.metrics._label_kinds import kind_of_labels, tag_indicators
from skmtl.metrics._scores import PREDICTION_METRICS

_SCORES = {
    "class": ("accuracy", "balanced_accuracy", "f1_macro"),
    "tags": ("f1_micro", "f1_macro", "jaccard"),
    "number": ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error"),
}


class TaskReport(NamedTuple):
    """What `task_report` returns.

    Parameters
    ----------
    tasks : DataFrame of shape (n_tasks, n_scores)
        A row per task: its kind, how many rows are labelled, and its scores; NaN where a score is
        not one of its kind.
    labels : DataFrame of shape (n_labels, 4)
        A row per task and class or tag: precision, recall, F1 and support.

    Examples
    --------
    >>> from skmtl.metrics import task_report
    >>> task_report(["a", "b"], ["a", "b"]).labels["f1"].tolist()
    [1.0, 1.0]
    """

    tasks: pd.DataFrame
    labels: pd.DataFrame


def task_report(y_true: Labels, y_pred: Labels, *, missing_label: Any = None) -> TaskReport:
    """Return the scores of every task, and of every class and tag.

    Parameters
    ----------
    y_true : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels; a missing one leaves its row out of its task.
    y_pred : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Predictions, columns in the order of `y_true`.
    missing_label : object, optional
        A label that means *missing* too.

    Returns
    -------
    TaskReport
        Two frames: `tasks` and `labels`.

    Raises
    ------
    ValueError
        If the shapes do not agree.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl.metrics import task_report
    >>> y_true = pd.DataFrame({"kind": ["a", "b", None], "price": [1.5, 2.5, 3.5]})
    >>> y_pred = pd.DataFrame({"kind": ["a", "a", "b"], "price": [1.5, 2.5, 3.0]})
    >>> report = task_report(y_true, y_pred)
    >>> report.tasks[["kind", "n_labelled", "accuracy", "r2"]].round(3).values.tolist()
    [['class', 2, 0.5, nan], ['number', 3, nan, 0.875]]
    >>> report.labels["recall"].to_dict()
    {('kind', 'a'): 1.0, ('kind', 'b'): 0.0}
    """
    truth = read_labels(y_true, missing_label=missing_label, parameter="y_true")
    guesses = read_labels(y_pred, parameter="y_pred")
    shapes = [(table.n_rows, len(table.columns)) for table in (truth, guesses)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"y_true and y_pred must have the same shape; got {shapes[0]} and {shapes[1]}."
        )
    return report_columns(truth.columns, guesses.columns)


def report_columns(columns, predicted) -> TaskReport:
    """Return the report of label columns and of their predictions, in one order."""
    tasks, labels = {}, {}
    for task, guess in zip(columns, predicted, strict=True):
        rows = task.is_labelled
        tasks[task.name] = {"kind": None, "n_labelled": int(rows.sum())}
        if not rows.any():
            continue
        pair = task.labels, as_label_array(guess.values[rows])
        kind = kind_of_labels(*pair)
        tasks[task.name]["kind"] = kind
        tasks[task.name] |= {name: PREDICTION_METRICS[name](*pair) for name in _SCORES[kind]}
        if kind != "number":
            labels |= _by_label(task.name, kind, *pair)
    columns = ["precision", "recall", "f1", "support"]
    index = pd.MultiIndex.from_tuples(list(labels), names=["task", "label"]) if labels else None
    by_label = pd.DataFrame(list(labels.values()), columns=columns, index=index)
    by_task = pd.DataFrame.from_dict(tasks, orient="index")
    by_task["kind"] = by_task["kind"].astype(object).where(by_task["kind"].notna(), None)
    return TaskReport(by_task, by_label)


def _by_label(name, kind, truth, guess) -> dict:
    """Return precision, recall, F1 and support of every class or tag."""
    options = {"average": None, "zero_division": 0.0}
    if kind == "tags":
        found, (truth, guess) = tag_indicators(truth, guess)
    else:
        found = sorted({*np.asarray(truth).tolist(), *np.asarray(guess).tolist()})
        options["labels"] = found
    if not found:
        return {}
    scores = precision_recall_fscore_support(truth, guess, **options)
    rows = zip(*(np.atleast_1d(score).tolist() for score in scores), strict=True)
    return {(name, label): row for label, row in zip(found, rows, strict=True)}
