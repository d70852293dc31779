"""The same model once per task, as a partner for comparisons."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skmtl._runtime.types import Labels, Rows, Weights
from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels, stack_labels
from skmtl.data.weights import read_sample_weight
from skmtl.metrics import task_scorers
from skmtl.metrics._task_view import Responses, find_missing_label

# what only several tasks can give a meaning to
_WEIGHTS = "loss_weights"
_MULTI_TASK_PARAMETERS = (_WEIGHTS, "gradient_aggregator")


def single_task_baselines(estimator: Any, *, missing_label: Any = None) -> "OneModelPerTask":
    """Return an estimator that trains a separate model for every task.

    Parameters
    ----------
    estimator : estimator
        Any classifier or regressor, also in a Pipeline. For each task a clone is fitted on the rows
        that are labelled for it, with a 1-D `y` that bears the task's name. Parameters that are
        dicts by task are cut down to the one task, and loss weights and gradient aggregators are
        left out.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.

    Returns
    -------
    OneModelPerTask
        Takes labels of several tasks, some missing, whatever `estimator` can take.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import single_task_baselines
    >>> X = np.arange(6.0)[:, None]
    >>> y = [["low", 0], ["low", 1], ["low", None], ["high", 1], ["high", None], ["high", 0]]
    >>> model = single_task_baselines(DecisionTreeClassifier(random_state=0)).fit(X, y)
    >>> model.predict(X[:2]).tolist()
    [['low', 0], ['low', 1]]
    """
    return OneModelPerTask(estimator, missing_label=missing_label)


class OneModelPerTask(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A clone of one classifier per task, each on the rows labelled for its task.

    Made by `single_task_baselines`, which says more.

    Parameters
    ----------
    estimator : estimator
        The classifier.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.

    Attributes
    ----------
    estimators_ : list of estimator
        One per task.
    task_names_ : list of str
        The tasks.
    classes_ : list of ndarray, or ndarray for a 1-D `y`
        Classes or tags per task, None for one of numbers; missing where all tasks have numbers.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import OneModelPerTask
    >>> X, y = [[0], [1], [2], [3]], [["a", 0], ["a", None], ["b", 1], ["b", 1]]
    >>> OneModelPerTask(DecisionTreeClassifier()).fit(X, y).predict([[3]]).tolist()
    [['b', 1]]
    """

    def __init__(self, estimator: Any, *, missing_label: Any = None) -> None:
        self.estimator = estimator
        self.missing_label = missing_label

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = self.estimator.__sklearn_tags__()
        tags.input_tags = inner.input_tags
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = inner.classifier_tags
        tags.regressor_tags = inner.regressor_tags
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Rows, y: Labels, sample_weight: Weights = None) -> Self:
        """Fit one clone per task.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), optional
            Weights of the rows, or of the rows per task.

        Returns
        -------
        OneModelPerTask
            The fitted estimator.

        Raises
        ------
        ValueError
            If no row is labelled for a task.
        """
        X = as_pandas(X)
        table = read_labels(y, missing_label=find_missing_label(self))
        check_consistent_length(X, table.columns[0].values)
        weights = None
        if sample_weight is not None:
            weights = read_sample_weight(sample_weight, table.names, table.n_rows)
        models = []
        for position, task in enumerate(table.columns):
            rows = np.flatnonzero(task.is_labelled)
            if not len(rows):
                raise ValueError(f"Task {task.name!r} has no labelled row.")
            options = {} if weights is None else {"sample_weight": weights[rows, position]}
            is_whole = len(rows) == table.n_rows
            labels = task.labels if task.categories is None else task.take(rows).to_series()
            labels = pd.Series(labels, name=task.name) if table.has_names else labels
            model = for_tasks(self.estimator, [task.name], table.names)
            part = X if is_whole else _safe_indexing(X, rows)
            models.append(model.fit(part, labels, **options))
        self.estimators_ = models
        self.task_names_ = table.names
        self._one_dimensional = table.is_one_dimensional
        kinds = [
            getattr(model, "task_kinds_", {}).get(task.name)
            for model, task in zip(models, table.columns, strict=True)
        ]
        if None not in kinds:
            self.task_kinds_ = dict(zip(table.names, kinds, strict=True))
        classes = [getattr(model, "classes_", None) for model in models]
        if any(one is not None for one in classes):
            self.classes_ = classes[0] if self._one_dimensional else classes
        for attribute in ("n_features_in_", "feature_names_in_"):
            if hasattr(models[0], attribute):
                setattr(self, attribute, getattr(models[0], attribute))
        return self

    def predict(self, X: Rows) -> np.ndarray:
        """Return the predictions of every task.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_samples, n_tasks), or (n_samples,) for a 1-D `y`
            Labels of different kinds share an object array.
        """
        check_is_fitted(self)
        X = as_pandas(X)
        if self._one_dimensional:
            return np.asarray(self.estimators_[0].predict(X))
        return stack_labels([Responses(model, X).predict(0) for model in self.estimators_])

    def predict_proba(self, X: Rows) -> np.ndarray | list[np.ndarray]:
        """Return the class probabilities of every task.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.

        Returns
        -------
        list of ndarray of shape (n_samples, n_classes), or one array for a 1-D `y`
            One array per task.
        """
        check_is_fitted(self)
        X = as_pandas(X)
        probabilities = [model.predict_proba(X) for model in self.estimators_]
        return probabilities[0] if self._one_dimensional else probabilities

    def score(self, X: Rows, y: Labels, sample_weight: Weights = None) -> float:
        """Return the mean score of the tasks over their labelled rows.

        The score is the accuracy of classes, the micro-averaged F1 of tags, and R² of numbers.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels, columns as in fit.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), optional
            Weights of the rows, or of the rows per task.

        Returns
        -------
        float
            The mean task score.
        """
        names = read_labels(y, missing_label=self.missing_label).names
        return task_scorers(names, "default")["mean_default"](self, X, y, sample_weight)


def for_tasks(estimator, tasks, names):
    """Return a clone of an estimator for some of its tasks.

    Parameters
    ----------
    estimator : estimator
        Possibly a Pipeline.
    tasks : list of str
        The tasks that are left.
    names : list of str
        All tasks.

    Returns
    -------
    estimator
        Unfitted. Dicts by task are cut down, and what only several tasks can give a meaning to is
        left out for a single one.
    """
    model = clone(estimator)
    changed = {}
    params = model.get_params(deep=True)
    for name, value in params.items():
        parts = name.split("__")
        parent = "__".join(parts[:-1])
        is_shared = parts[-1] in _MULTI_TASK_PARAMETERS or (
            len(parts) > 1
            and parts[-2] in _MULTI_TASK_PARAMETERS
            and not hasattr(params.get(parent), "get_params")
        )  # the second is an option of a method that is named, not of an object
        if is_shared and len(tasks) == 1:
            changed[name] = None
        elif isinstance(value, dict) and value and set(value) <= set(names):
            changed[name] = {task: value[task] for task in tasks if task in value} or None
        elif parts[-1] == _WEIGHTS and isinstance(value, Sequence) and not isinstance(value, str):
            changed[name] = [value[names.index(task)] for task in tasks]
    return model.set_params(**changed)
