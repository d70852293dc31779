"""One task of an estimator of several tasks, as an ordinary classifier or regressor."""

from abc import ABC, abstractmethod
from typing import Any, Self, final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.types import Rows
from skmtl.metrics._task_view import Responses, find_attribute, find_task_names


def task_view(estimator: Any, task: str | int, *, tag: Any = None) -> "OneTask":
    """Return one task of a fitted estimator as a classifier or regressor of scikit-learn.

    The view copies nothing and takes the same `X`, so that tools for a single task work on it:
    calibration, thresholds, curves, importances. Wrap it in ``sklearn.frozen.FrozenEstimator`` for
    tools that would fit it again.

    Parameters
    ----------
    estimator : estimator
        Fitted on several tasks; also a Pipeline or a search.
    task : str or int
        Name of the task; its position where the estimator names none.
    tag : object, default=None
        The tag of a task of tags whose presence, True or False, is predicted.

    Returns
    -------
    TaskClassifier or TaskRegressor

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If the task or the tag is unknown, or the tag of a task of tags is not given.

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> from skmtl import MultiTaskClassifier, task_view
    >>> from skmtl.datasets import load_emoji
    >>> X, y = load_emoji()
    >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[:200])
    >>> group = task_view(model, "group")
    >>> group
    TaskClassifier(estimator=MultiTaskClassifier(epochs=1, random_state=0), task='group')
    >>> group.predict_proba(X[200:203]).shape
    (3, 2)
    >>> truth = y["group"][:200]
    >>> group.score(X[:200], truth) == accuracy_score(truth, group.predict(X[:200]))
    True
    """
    check_is_fitted(estimator)
    kind = _kind_of(estimator, task)
    if tag is not None and kind != "tags":
        raise ValueError(f"tag={tag!r} is for a task of tags; the labels of {task!r} are: {kind}.")
    if kind == "number":
        return TaskRegressor(estimator=estimator, task=task)
    if kind == "tags":
        tags = Responses(estimator, None).classes(_position_of(estimator, task)).tolist()
        if tag not in tags:
            raise ValueError(f"tag of task {task!r} must be one of {tags}; got {tag!r}.")
    return TaskClassifier(estimator=estimator, task=task, tag=tag)


class OneTask(BaseEstimator, ABC):
    """One task of an estimator; see `task_view`."""

    estimator: Any
    task: str | int

    @abstractmethod
    def predict(self, X: Rows) -> np.ndarray:
        """Return the predictions for the task."""

    def fit(self, X: Rows, y: ArrayLike) -> Self:
        """Fit a clone of the estimator to this task alone; the estimator itself is not changed.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.
        y : array-like of shape (n_samples,)
            Labels of the task.

        Returns
        -------
        self
        """
        column = y if isinstance(y, pd.Series) else np.asarray(y)
        labels = pd.DataFrame({self.task: column}) if isinstance(self.task, str) else y
        self.estimator_ = clone(self.estimator).fit(X, labels)
        return self

    def __sklearn_is_fitted__(self):
        try:
            check_is_fitted(self._model)
        except NotFittedError:
            return False
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    @property
    def _model(self):
        return getattr(self, "estimator_", self.estimator)

    # no n_features_in_: some tools take it as a promise that they may predict rows of zeros
    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns of `X`."""
        return self._model.feature_names_in_

    @property
    def _position(self) -> int:
        check_is_fitted(self._model)
        return _position_of(self._model, self.task)


@final
class TaskClassifier(ClassifierMixin, OneTask):
    """A task of classes, or one tag, as a classifier; made by `task_view`.

    Parameters
    ----------
    estimator : estimator
        Fitted on several tasks.
    task : str or int
        Name or position of the task.
    tag : object, default=None
        The tag of a task of tags that is predicted.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes of the task; False and True for a tag.
    """

    def __init__(self, *, estimator: Any, task: str | int, tag: Any = None) -> None:
        self.estimator = estimator
        self.task = task
        self.tag = tag

    @property
    def classes_(self) -> np.ndarray:
        """The classes of the task."""
        if self.tag is not None:
            return np.array([False, True])
        return Responses(self._model, None).classes(self._position)

    def predict(self, X: Rows) -> np.ndarray:
        """Return the class of every row.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        labels = Responses(self._model, X).predict(self._position)
        if self.tag is not None:
            return np.array([self.tag in tags for tags in labels], dtype=bool)
        return np.array(labels.tolist(), dtype=self.classes_.dtype)

    def predict_proba(self, X: Rows) -> np.ndarray:
        """Return the probability of every class.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        responses = Responses(self._model, X)
        found = responses.predict_proba(self._position)
        if self.tag is None:
            return found
        tags = responses.classes(self._position).tolist()
        is_there = found[:, tags.index(self.tag)]
        return np.stack([1 - is_there, is_there], axis=1)


@final
class TaskRegressor(RegressorMixin, OneTask):
    """A task of numbers as a regressor; made by `task_view`.

    Parameters
    ----------
    estimator : estimator
        Fitted on several tasks.
    task : str or int
        Name or position of the task.
    """

    def __init__(self, *, estimator: Any, task: str | int) -> None:
        self.estimator = estimator
        self.task = task

    def predict(self, X: Rows) -> np.ndarray:
        """Return the number of every row.

        Parameters
        ----------
        X : table of n_samples rows
            What the estimator takes.

        Returns
        -------
        ndarray of float, shape (n_samples,)
        """
        labels = Responses(self._model, X).predict(self._position)
        return np.asarray(labels, dtype=float)


def _position_of(estimator, task) -> int:
    names = find_task_names(estimator)
    if names is None:
        if isinstance(task, int):
            return task
        raise ValueError(f"task must be a position: the estimator names no tasks; got {task!r}.")
    if task not in names:
        raise ValueError(f"task must be one of {names}; got {task!r}.")
    return names.index(task)


def _kind_of(estimator, task) -> str:
    """Return the kind of labels of a task: "number", "tags", or any other for classes."""
    _position_of(estimator, task)
    kinds = find_attribute(estimator, "task_kinds_")
    if kinds is not None:
        return kinds[task]
    return "class" if is_classifier(estimator) else "number"
