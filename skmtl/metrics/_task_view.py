"""One task of a fitted multi-task estimator, as an ordinary classifier."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels


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
            estimator = getattr(estimator, "estimator_", None)
    return None


def true_and_predicted(estimator, X, y) -> tuple[list, list]:
    """Return the label columns of `y`, and the predicted columns in the same order.

    Columns are matched by name if the estimator knows all names of `y`, else by position.
    """
    columns = list(read_labels(y, missing_label=find_missing_label(estimator)).columns)
    predicted = list(read_labels(estimator.predict(as_pandas(X)), parameter="predictions").columns)
    known = find_task_names(estimator)
    if known is not None and {column.name for column in columns} <= set(known):
        predicted = [predicted[known.index(column.name)] for column in columns]
    return columns, predicted


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

    def predict(self, position):
        """Return the predicted labels of one task, an array of shape (n_samples,)."""
        columns = read_labels(self.ask("predict"), parameter="the result of predict").columns
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
