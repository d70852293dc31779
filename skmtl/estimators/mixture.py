"""The estimator of tasks with any mixture of kinds of labels."""

from typing import final

from skmtl.estimators.probabilities import ProbabilisticBase


@final
class MultiTaskEstimator(ProbabilisticBase):
    """One network for a table of images, texts, numbers and categories, and labels of any kinds.

    As `MultiTaskClassifier`, for any mixture of classes, tags and numbers. The kind of a task that
    `tasks` does not name is inferred: lists and sets are tags, fractions are numbers, and strings,
    bools and whole numbers are classes. More than 30 different whole numbers are an error that asks
    for the kind.

    {parameters}
    classes_ : ndarray of shape (n_classes,), or list of ndarray and None
        The classes or tags; a list unless `y` was 1-D, with None for tasks of numbers.

    See Also
    --------
    MultiTaskClassifier : Classes and tags alone, a classifier for scikit-learn.
    MultiTaskRegressor : Numbers alone, a regressor for scikit-learn.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl import MultiTaskEstimator
    >>> X = pd.DataFrame({"x": range(20)})
    >>> y = pd.DataFrame({"kind": ["a", "b"] * 10, "price": X["x"] / 3, "tags": [["x"], []] * 10})
    >>> model = MultiTaskEstimator(epochs=1, random_state=0).fit(X, y)
    >>> model.task_kinds_
    {'kind': 'class', 'price': 'number', 'tags': 'tags'}
    >>> model.predict_frame(X[:2]).columns.tolist()
    ['kind', 'price', 'tags']
    """

    _label_kinds = ("class", "number", "tags", "ordinal")
