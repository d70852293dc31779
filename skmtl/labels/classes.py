"""Labels that are classes: one of several strings, whole numbers or bools."""

from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import final

import numpy as np
from keras import ops
from scipy.special import log_softmax

from skmtl.data.cells import as_objects
from skmtl.data.labels import LabelColumn, read_labels
from skmtl.exceptions import describe
from skmtl.labels import keras_losses
from skmtl.labels.encoding import encode_classes, find_classes
from skmtl.labels.head import Head
from skmtl.labels.kind import LabelKind
from skmtl.labels.options import LabelOptions
from skmtl.labels.sets import prediction_sets, strangeness

LOSSES = ("crossentropy", "focal")


@final
@dataclass(frozen=True)
class ClassHead(Head):
    """A softmax over the classes.

    Parameters
    ----------
    label_smoothing : float
        Share of each label that is spread over all classes.
    """

    loss: str = "crossentropy"
    label_smoothing: float = 0.0

    score_name = "accuracy"

    def row_losses(self, logits, targets):
        """Return the cross-entropy of each row; weighed by (1 - p)² for the loss "focal"."""
        codes = class_codes(targets)
        if self.loss == "crossentropy" and not self.label_smoothing:
            return ops.sparse_categorical_crossentropy(codes, logits, from_logits=True)
        shares = ops.one_hot(codes, self.n_outputs)
        shares = shares * (1 - self.label_smoothing) + self.label_smoothing / self.n_outputs
        if self.loss not in LOSSES:
            truth = targets if keras_losses.is_sparse(self.loss) else shares
            return keras_losses.row_losses(self.loss, truth, ops.softmax(logits))
        logs = ops.log_softmax(logits)
        if self.loss == "focal":
            logs = logs * ops.square(1 - ops.exp(logs))
        return -ops.sum(shares * logs, axis=-1)

    def row_statistics(self, logits, targets):
        """Return whether the most probable class is the right one."""
        return (is_best(logits, targets),)

    @staticmethod
    def score(sums, n_rows):
        """Return the accuracy."""
        return share_of(sums, n_rows)

    def outputs(self, logits):
        """Return the probabilities of the classes."""
        return ops.softmax(logits)

    def loss_and_slope(self, logits, targets):
        """Return the cross-entropy, and the probabilities less the truth."""
        log_p = log_softmax(logits, axis=1)
        slopes, rows, codes = np.exp(log_p), np.arange(len(logits)), targets[:, 0].astype(int)
        slopes[rows, codes] -= 1
        return -log_p[rows, codes], slopes

    def describe(self):
        """Return what the head computes."""
        return "softmax"


@final
@dataclass(frozen=True, eq=False)
class ClassLabels(LabelKind):
    """A task whose label is one class of several; a softmax head learns it.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted.
    loss : str
        "crossentropy", "focal", or a loss of Keras.
    label_smoothing : float
        Share of each label that is spread over all classes.
    """

    classes: np.ndarray
    loss: str = "crossentropy"
    label_smoothing: float = 0.0

    kind = "class"
    takes = LabelKind.takes | {"label_smoothing"}
    score_name = "accuracy"
    has_class_weights = True

    @classmethod
    def recognizes(cls, column, options):  # noqa: ARG003
        """Return whether the labels are strings, bools or whole numbers."""
        labels = column.labels
        if labels.dtype.kind == "O":
            return all(isinstance(label, str | bool | np.bool_ | Integral) for label in labels)
        if labels.dtype.kind == "f":
            return bool((labels == np.round(labels)).all())
        return labels.dtype.kind in "biuU"

    @classmethod
    def of(cls, column, known=None, options=None):
        """Learn the classes from a column, or take those that are `known`.

        A column of pandas' categories has all of them, also those that no row has.
        """
        options = options or LabelOptions()
        if known is None and column.is_labelled.any():
            known = column.categories
        loss = options.loss_of(column.name, cls.kind, LOSSES)
        if known is not None:
            known = known if hasattr(known, "dtype") else as_objects(known)
            column = LabelColumn(column.name, *_values(known))
        labels = column.values[column.is_labelled]
        if not len(labels):
            raise ValueError(
                f"y: task {column.name!r} has no label at all; drop the task or add labels."
            )
        if labels.dtype == object:
            labels = typed_labels(column.name, labels)
        elif labels.dtype.kind in "mMS":  # dates, durations, bytes
            _kind(column.name, labels[0])
        if labels.dtype.kind == "f":
            _check_whole(column.name, labels)
        classes = np.unique(labels)
        if len(classes) < 2:
            raise ValueError(
                f"y: task {column.name!r} has only one class, {classes.tolist()[0]!r}; a "
                "classifier needs at least two classes per task."
            )
        if options.label_smoothing and keras_losses.is_sparse(loss):
            raise ValueError(
                f"label_smoothing of task {column.name!r} needs a loss that takes shares of the "
                "classes: leave task_losses out, or take 'categorical_crossentropy'."
            )
        return cls(classes, loss, options.label_smoothing)

    @property
    def head(self):
        """A softmax over the classes."""
        return ClassHead(len(self.classes), self.loss, self.label_smoothing)

    def encode(self, column):
        """Return the number of the class of each row, 0 where the label is missing."""
        return encode_classes(column, self.classes)

    def predict(self, outputs):
        """Return the most probable class of each row."""
        return self.classes[outputs.argmax(axis=1)]

    def strangeness(self, outputs, targets):
        """Return the probability of all other classes."""
        return strangeness(outputs, targets)

    def prediction_sets(self, outputs, limit):
        """Return the classes that are probable enough, the most probable one first."""
        return prediction_sets(outputs, limit, self.classes)

    def evidence(self, logits):
        """Return the logits less their mean over the classes, which no probability depends on."""
        return logits - logits.mean(axis=-1, keepdims=True)

    def score(self, column, outputs, weights):
        """Return the accuracy."""
        return accuracy(column, outputs, weights, self.classes)

    def trouble(self):
        """Return whether the classes are other than sorted labels, each of them once."""
        classes = self.classes
        is_column = classes.ndim == 1 and classes.dtype.kind in "biufU"
        labels = classes.tolist()
        if not is_column or not all(a < b for a, b in pairwise(labels)):
            return "classes that are not sorted labels"
        if not 0 <= self.label_smoothing < 1:
            return "a label smoothing that is no share"
        return None if self.loss in LOSSES else keras_losses.trouble(self.loss)

    def describe_outputs(self):
        """Return what the outputs of an exported network are."""
        return {"classes": self.classes.tolist()}


def class_codes(targets):
    """Return the numbers of the classes as whole numbers; 0 for those below."""
    # TensorFlow refuses a class below 0 even where the weight is 0
    return ops.cast(ops.maximum(targets[:, 0], 0), "int32")


def is_best(scores, targets):
    """Return 1 for each row whose class has the largest score, else 0."""
    best = ops.cast(ops.argmax(scores, axis=-1), "int32")
    return ops.cast(ops.equal(best, class_codes(targets)), "float32")


def share_of(sums, n_rows) -> float:
    """Return the first sum over the rows as a share of them; NaN without any."""
    return float(sums[0] / n_rows) if n_rows else float("nan")


def accuracy(column, outputs, weights, classes) -> float:
    """Return the weighted share of the rows whose most probable class is theirs."""
    hits = outputs.argmax(axis=1) == find_classes(column.values, classes)
    return float((hits * weights).sum() / weights.sum())


def _values(known):
    (column,) = read_labels(known).columns
    return column.values, column.is_labelled


def _check_whole(name, labels):
    if not np.isfinite(labels).all():
        raise ValueError(f"y: task {name!r} contains infinity; labels must be classes.")
    fractions = labels[labels != np.round(labels)]
    if len(fractions):
        # the first words are those that scikit-learn's checks look for
        raise ValueError(
            f"Unknown label type: y: task {name!r} has fractions such as {fractions[0]:g}, which "
            "are no classes; make classes of them, for instance with pandas.cut, or learn them as "
            "numbers with MultiTaskRegressor, or MultiTaskEstimator beside classes."
        )


def typed_labels(name, labels) -> np.ndarray:
    """Turn objects of one kind into a typed array, so that classes sort and compare."""
    kinds = {_kind(name, label) for label in labels}
    if len(kinds) > 1:
        raise TypeError(
            f"y: task {name!r} mixes labels of the kinds {sorted(kinds)}; use one kind per task."
        )
    values = labels.tolist()
    typed = np.array(values)
    is_whole = all(isinstance(value, int) for value in values)
    if kinds == {"number"} and not all(isinstance(value, int | float) for value in values):
        _check_whole(name, typed.astype(np.float64))  # Python's fractions
    if kinds == {"number"} and (typed.dtype == object or (is_whole and typed.dtype.kind == "f")):
        raise ValueError(
            f"y: task {name!r} has integers that do not fit into 64 bits, up to "
            f"{max(values, key=abs)}; make them strings."
        )
    return typed


def _kind(name, label) -> str:
    if isinstance(label, str):
        return "str"
    if isinstance(label, bool | np.bool_):
        return "bool"
    if isinstance(label, Integral | Real) and not isinstance(label, np.timedelta64):
        return "number"
    raise TypeError(
        f"y: task {name!r} has a label that is no string, number or bool: {describe(label)}. Make "
        "strings of such labels, or numbers, such as days of dates; tags are lists of strings."
    )
