"""Labels that are classes in an order, such as grades."""

from dataclasses import dataclass
from typing import final

import numpy as np
from keras import ops
from scipy.special import expit

from skmtl.data.labels import LabelColumn
from skmtl.exceptions import shortened
from skmtl.labels import keras_losses
from skmtl.labels.classes import (
    ClassLabels,
    accuracy,
    class_codes,
    is_best,
    share_of,
)
from skmtl.labels.encoding import encode_classes
from skmtl.labels.head import Head
from skmtl.labels.kind import LabelKind
from skmtl.labels.options import LabelOptions
from skmtl.labels.sets import prediction_sets, strangeness

LOSSES = ("cumulative",)


@final
@dataclass(frozen=True)
class OrdinalHead(Head):
    r"""Cumulative logits, one less than there are classes.

    The first output is the logit of lying above the first class, and each other one takes its
    softplus off, so that the logits fall: :math:`c_0 = z_0`, :math:`c_k = c_{k-1} -
    \log(1 + e^{z_k})` and :math:`P(y > k) = \sigma(c_k)`. Then :math:`P(y = k) = \sigma(c_{k-1})
    \sigma(-c_k) \sigma(z_k)`, which has a stable logarithm.
    """

    loss: str = "cumulative"

    score_name = "accuracy"

    def _log_probabilities(self, logits):
        steps = ops.concatenate([logits[:, :1], -ops.softplus(logits[:, 1:])], axis=1)
        above = ops.cumsum(steps, axis=1)
        zeros = ops.zeros_like(logits[:, :1])
        is_above = ops.concatenate([zeros, ops.log_sigmoid(above)], axis=1)
        is_below = ops.concatenate([ops.log_sigmoid(-above), zeros], axis=1)
        gap = ops.concatenate([zeros, ops.log_sigmoid(logits[:, 1:]), zeros], axis=1)
        return is_above + is_below + gap

    def row_losses(self, logits, targets):
        """Return minus the log-probability of the class of each row."""
        chosen = ops.one_hot(class_codes(targets), self.n_outputs + 1)
        if self.loss not in LOSSES:
            truth = targets if keras_losses.is_sparse(self.loss) else chosen
            return keras_losses.row_losses(self.loss, truth, self.outputs(logits))
        return -ops.sum(chosen * self._log_probabilities(logits), axis=-1)

    def row_statistics(self, logits, targets):
        """Return whether the most probable class is the right one."""
        return (is_best(self._log_probabilities(logits), targets),)

    @staticmethod
    def score(sums, n_rows):
        """Return the accuracy."""
        return share_of(sums, n_rows)

    def outputs(self, logits):
        """Return the probabilities of the classes."""
        return ops.exp(self._log_probabilities(logits))

    def loss_and_slope(self, logits, targets):
        """Return minus the log-probability of the class, and its derivative."""
        n_rows, last = logits.shape[0], self.n_outputs
        rows, codes = np.arange(n_rows), targets[:, 0].astype(int)
        above = np.cumsum(np.c_[logits[:, :1], -np.logaddexp(0, logits[:, 1:])], axis=1)
        losses, by_above, slopes = np.zeros(n_rows), np.zeros_like(above), np.zeros_like(above)
        for is_there, column, sign in ((codes > 0, codes - 1, -1), (codes < last, codes, 1)):
            at = rows[is_there], column[is_there]
            losses[is_there] += np.logaddexp(0, sign * above[at])
            by_above[at] = sign * expit(sign * above[at])
        # the logit of lying above a class falls with the steps of all classes up to it
        totals = np.cumsum(by_above[:, ::-1], axis=1)[:, ::-1]
        slopes[:, 0], slopes[:, 1:] = totals[:, 0], -expit(logits[:, 1:]) * totals[:, 1:]
        is_between = (codes > 0) & (codes < last)
        at = rows[is_between], codes[is_between]
        losses[is_between] += np.logaddexp(0, -logits[at])
        slopes[at] -= expit(-logits[at])
        return losses, slopes

    def describe(self):
        """Return what the head computes."""
        return "cumulative logits"


@final
@dataclass(frozen=True, eq=False)
class OrdinalLabels(LabelKind):
    """A task whose label is one of several classes in an order.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        In their order.
    loss : str
        "cumulative", or a loss of Keras.
    """

    classes: np.ndarray
    loss: str = "cumulative"

    kind = "ordinal"
    score_name = "accuracy"
    has_class_weights = True

    @classmethod
    def recognizes(cls, column, options):  # noqa: ARG003
        """Return False: that classes have an order must be said."""
        return False

    @classmethod
    def of(cls, column, known=None, options=None):
        """Learn the classes from a column, or take those that are `known`.

        Their order is the one that is said, that of the categories or of those that are known, or
        they are sorted.
        """
        options = options or LabelOptions()
        loss = options.loss_of(column.name, cls.kind, LOSSES)
        order = options.order
        if order is None:
            order = _order_of(column.categories, known)
        elif len(set(order)) < max(2, len(order)):
            raise ValueError(
                f"tasks: the classes of task {column.name!r} must be two or more, each of them "
                f"once, in their order; got {shortened(list(order))}."
            )
        classes = ClassLabels.of(column, options.order or known).classes
        if order is not None:
            place = {label: i for i, label in enumerate(order)}
            classes = np.array(sorted(classes.tolist(), key=place.__getitem__), classes.dtype)
        return cls(classes, loss)

    @property
    def head(self):
        """Cumulative logits."""
        return OrdinalHead(len(self.classes) - 1, self.loss)

    def encode(self, column: LabelColumn):
        """Return the number of the class of each row, 0 where the label is missing."""
        return encode_classes(column, self.classes)

    def predict(self, outputs):
        """Return the most probable class of each row."""
        return self.classes[outputs.argmax(axis=1)]

    def score(self, column, outputs, weights):
        """Return the accuracy."""
        return accuracy(column, outputs, weights, self.classes)

    has_temperature = False  # it would change the class that is predicted

    def strangeness(self, outputs, targets):
        """Return the probability of all other classes."""
        return strangeness(outputs, targets)

    def prediction_sets(self, outputs, limit):
        """Return the classes that are probable enough, the most probable one first."""
        return prediction_sets(outputs, limit, self.classes)

    def evidence(self, logits):
        """Return the logit of lying above the first class."""
        return logits[..., :1]

    @property
    def evidence_names(self):
        """That the label lies above the first class."""
        return [f"> {self.classes[0]}"]

    def describe_outputs(self):
        """Return what the outputs of an exported network are."""
        return {"classes": self.classes.tolist()}

    def trouble(self):
        """Return what is wrong with an object out of a file, None if nothing is."""
        classes = self.classes
        if classes.ndim != 1 or classes.dtype.kind not in "biufU" or len(classes) < 2:
            return "classes that are no labels"
        if len(np.unique(classes)) != len(classes):
            return "a class twice"
        return None if self.loss in LOSSES else keras_losses.trouble(self.loss)


def _order_of(categories, known):
    """Return the order of classes that are known: that of the categories, where it has them all."""
    if known is None or (categories is not None and set(known) <= set(categories)):
        return categories
    return known
