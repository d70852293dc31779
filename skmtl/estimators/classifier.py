"""The estimator of tasks whose labels are classes or tags."""

from typing import final

from sklearn.base import ClassifierMixin

from skmtl.estimators.base import MultiTaskBase
from skmtl.estimators.probabilities import ProbabilisticBase


@final
class MultiTaskClassifier(ClassifierMixin, ProbabilisticBase):
    """One network for a table of images, texts, numbers and categories, and several label columns.

    Every image and text column has a branch that turns a cell into a vector; all numbers and
    categories share one. The branches meet (`fusion`), go through the shared trunk (`sharing`), and
    a head per task gives classes (a softmax) or tags (a sigmoid each). All tasks are trained
    together. A missing cell of `X` (None, NaN, NA) is not computed; a missing label of `y` leaves
    the row out of that task's loss.

    {parameters}
    classes_ : ndarray of shape (n_classes,), or list of ndarray
        The classes or tags; a list with one array per task unless `y` was 1-D.

    Examples
    --------
    >>> from skmtl import MultiTaskClassifier
    >>> from skmtl.datasets import load_emoji
    >>> X, y = load_emoji()
    >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[["group"]][:200])
    >>> model.predict(X[:3]).shape
    (3, 1)
    """

    _label_kinds = ("class", "tags", "ordinal")

    score = MultiTaskBase.score  # that of the mixin is for a single task
