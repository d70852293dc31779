"""The estimator of tasks whose labels are numbers."""

from typing import final

from sklearn.base import RegressorMixin

from skmtl.estimators.base import MultiTaskBase


@final
class MultiTaskRegressor(RegressorMixin, MultiTaskBase):
    """One network for a table of images, texts, numbers and categories, and several numbers.

    As `MultiTaskClassifier`, for labels that are numbers. They are standardised for training, with
    the mean and standard deviation of the training rows, and predicted in the units of `y`.

    {parameters}

    See Also
    --------
    MultiTaskClassifier : Classes and tags.
    MultiTaskEstimator : Any mixture of classes, tags and numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl import MultiTaskRegressor
    >>> X = np.arange(40.0)[:, None]
    >>> model = MultiTaskRegressor(epochs=1, random_state=0).fit(X, np.c_[X, 3 * X])
    >>> model.predict(X[:3]).shape
    (3, 2)
    """

    _label_kinds = ("number",)

    score = MultiTaskBase.score  # that of the mixin allows no missing labels
