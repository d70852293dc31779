"""One task of a fitted multi-task estimator, as an ordinary classifier."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from skmtl.data.cells import split_tags
from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels

QUANTILES = (0.1, 0.5, 0.9)  # where a dict of quantiles names other tasks


def find_task_names(estimator) -> list | None:
    """Return the task names that a fitted estimator knows, looking inside what wraps it.

    Parameters
    ----------
    estimator : estimator
        Fitted; also a Pipeline, a search, or anything that keeps its model in `estimator_`.

    Returns
    -------
    list or None
        None if the estimator does not name its tasks.
    """
    return find_attribute(estimator, "task_names_")


def find_missing_label(estimator):
    """Return the `missing_label` of an estimator, looking inside what wraps it, or None."""
    return find_attribute(estimator, "missing_label")


def find_attribute(estimator, attribute):
    """Return an attribute of an estimator or of what it wraps, or None."""
    while estimator is not None:
        value = getattr(estimator, attribute, None)
        if value is not None:
            return list(value) if isinstance(value, np.ndarray | list | tuple) else value
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            estimator = getattr(estimator, "estimator_", getattr(estimator, "estimator", None))
    return None


def true_and_predicted(estimator, X, y) -> tuple[list, list]:
    """Return the label columns of `y`, and the predicted columns in the same order.

    Columns are matched by name if the estimator knows all names of `y`, else by position.
    """
    columns = list(read_labels(y, missing_label=find_missing_label(estimator)).columns)
    predicted = Responses(estimator, X).columns()
    known = find_task_names(estimator)
    names = [column.name for column in columns]
    if known is not None and set(names) <= set(known):
        predicted = [predicted[known.index(name)] for name in names]
    elif known is not None and len(known) == len(names):
        names = known
    pairs = zip(columns, names, strict=True)
    return [with_tag_lists(column, estimator, name) for column, name in pairs], predicted


def with_tag_lists(column, estimator, task):
    """Return a column of labels, strings of tags as lists, as the estimator has read them."""
    kinds = find_attribute(estimator, "task_kinds_") or {}
    separator = find_option(estimator, "tag_separator", task)
    if kinds.get(task) != "tags" or separator is None:
        return column
    cells = column.with_none()
    for row, cell in enumerate(cells):
        if isinstance(cell, str):
            cells[row] = split_tags(cell, separator)
    return replace(column, values=cells)


def find_option(estimator, option, task):
    """Return a parameter for one task, also of an estimator inside of another, or None."""
    value = find_attribute(estimator, option)
    if value is None and hasattr(estimator, "get_params"):
        parameters = estimator.get_params().items()
        found = (v for name, v in parameters if name.split("__")[-1] == option)
        value = next((v for v in found if v is not None), None)
    return value.get(task) if isinstance(value, Mapping) else value


class Responses:
    """Predictions of an estimator for one table, computed once and kept.

    Parameters
    ----------
    estimator : estimator
        Fitted on one or several tasks.
    X : table of n_samples rows
        What to predict.
    """

    def __init__(self, estimator, X):
        self.estimator = estimator
        self.X = as_pandas(X)
        self._kept = {}

    def columns(self) -> list:
        """Return the predicted labels, a `LabelColumn` per task."""
        columns = list(read_labels(self.ask("predict"), parameter="the result of predict").columns)
        names = find_task_names(self.estimator)
        if names is not None and len(names) == 1 < len(columns):  # all quantiles of a number
            quantiles = find_option(self.estimator, "quantiles", names[0]) or QUANTILES
            columns = [columns[np.argmin(np.abs(np.array(quantiles) - 0.5))]]
        return columns

    def predict(self, position):
        """Return the predicted labels of one task, an array of shape (n_samples,)."""
        columns = self.columns()
        if position >= len(columns):
            raise ValueError(
                f"predict gave {len(columns)} column(s); there is none for task {position}."
            )
        return columns[position].values

    def predict_proba(self, position):
        """Return the probabilities of one task, an array of shape (n_samples, n_classes)."""
        probabilities = self.ask("predict_proba")
        if isinstance(probabilities, list | tuple):
            return np.asarray(probabilities[position])
        if position:
            raise ValueError(
                f"predict_proba gave one array, for one task; there is none for task {position}."
            )
        return np.asarray(probabilities)

    def classes(self, position):
        """Return the classes of one task, an array of shape (n_classes,)."""
        classes = self.estimator.classes_
        return np.asarray(classes[position] if isinstance(classes, list | tuple) else classes)

    def ask(self, method):
        """Return the result of a method of the estimator for the whole table."""
        if method not in self._kept:
            self._kept[method] = getattr(self.estimator, method)(self.X)
        return self._kept[method]


class TaskView(ClassifierMixin, BaseEstimator):
    """A classifier of one task for some rows of a known table, as scorers need it.

    Parameters
    ----------
    responses : Responses
        Predictions for the whole table.
    position : int
        Column of the task in the predictions.
    rows : ndarray of int
        Rows of that table that the view predicts, whatever table it is given.
    """

    def __init__(self, responses, position, rows):
        self.responses = responses
        self.position = position
        self.rows = rows

    @property
    def classes_(self):
        return self.responses.classes(self.position)

    def predict(self, X):  # noqa: ARG002
        return self.responses.predict(self.position)[self.rows]

    def predict_proba(self, X):  # noqa: ARG002
        return self.responses.predict_proba(self.position)[self.rows]
