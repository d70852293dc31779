"""Labels that are tags: every row has any number of them."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from keras import ops
from scipy.special import expit, logit

from skmtl.data.cells import split_tags
from skmtl.exceptions import describe
from skmtl.labels import keras_losses
from skmtl.labels.classes import typed_labels
from skmtl.labels.head import Head
from skmtl.labels.kind import LabelKind
from skmtl.labels.options import LabelOptions
from skmtl.labels.sets import prediction_sets

LOSSES = ("crossentropy",)
_FEWEST = 5  # rows with a tag; with fewer, its threshold stays 0.5


@final
@dataclass(frozen=True)
class TagHead(Head):
    """A sigmoid per tag."""

    loss: str = "crossentropy"

    score_name = "f1"
    n_statistics = 3

    @property
    def n_targets(self):
        """A column per tag."""
        return self.n_outputs

    def row_losses(self, logits, targets):
        """Return the mean over the tags of the cross-entropy."""
        if self.loss not in LOSSES:
            return keras_losses.row_losses(self.loss, targets, ops.sigmoid(logits))
        # Keras' own: its gradient is right at logits of 0 as well
        return ops.mean(ops.binary_crossentropy(targets, logits, from_logits=True), axis=-1)

    def row_statistics(self, logits, targets):
        """Return the numbers of true positive, predicted and true tags."""
        guess = ops.cast(logits >= 0, "float32")
        return ops.sum(guess * targets, -1), ops.sum(guess, -1), ops.sum(targets, -1)

    @staticmethod
    def score(sums, n_rows):
        """Return the micro-averaged F1 at thresholds of one half; 1 without any tag."""
        if not n_rows:
            return float("nan")
        right, guessed, there = (float(x) for x in sums[:3])
        return 2 * right / (guessed + there) if guessed + there else 1.0

    def outputs(self, logits):
        """Return the probability of each tag."""
        return ops.sigmoid(logits)

    def loss_and_slope(self, logits, targets):
        """Return the mean cross-entropy over the tags, and its gradient by the logits."""
        losses = np.logaddexp(0, logits) - logits * targets
        return losses.mean(axis=1), (expit(logits) - targets) / logits.shape[1]

    def describe(self):
        """Return what the head computes."""
        return "sigmoid per tag"


@final
@dataclass(frozen=True, eq=False)
class TagLabels(LabelKind):
    """A task whose label is a set of tags.

    Parameters
    ----------
    classes : ndarray of shape (n_tags,)
        The tags, sorted.
    thresholds : ndarray of shape (n_tags,)
        Lowest probability at which each tag is predicted.
    separator : str or None
        Separator between the tags in a string.
    loss : str
        "crossentropy", or a loss of Keras.
    """

    classes: np.ndarray
    thresholds: np.ndarray
    separator: str | None = None
    loss: str = "crossentropy"

    kind = "tags"
    takes = LabelKind.takes | {"tag_separator"}
    score_name = "f1"

    @classmethod
    def recognizes(cls, column, options):
        """Return whether any label is a collection, or a string with the separator.

        Strings of a task that has its own separator are tags, even if no row has two of them.
        """
        cells = column.values[column.is_labelled]
        if cells.dtype.kind not in "OU":
            return False
        separator = options.tag_separator
        has_own = "tag_separator" in options.said
        has_separator = separator is not None and any(
            isinstance(cell, str) and (has_own or separator in cell) for cell in cells
        )
        return has_separator or any(_is_collection(cell) for cell in cells)

    @classmethod
    def of(cls, column, known=None, options=None):
        """Learn the tags of a column, or take the `known` ones."""
        options = options or LabelOptions()
        loss = options.loss_of(column.name, cls.kind, LOSSES)
        if known is None:
            known = {tag for tags in _read(column, options.tag_separator) for tag in tags}
        found = np.empty(len(known), object)
        found[:] = list(known)
        if not len(found):
            raise ValueError(
                f"y: task {column.name!r} has no tag at all; drop the task or add labels."
            )
        tags = np.unique(typed_labels(column.name, found))
        return cls(tags, np.full(len(tags), 0.5), options.tag_separator, loss)

    @property
    def head(self):
        """A sigmoid per tag."""
        return TagHead(len(self.classes), self.loss)

    def encode(self, column):
        """Return 1 for each tag of a row and 0 for all others."""
        return self._indicators(column, is_strict=True)[0]

    def _indicators(self, column, *, is_strict):
        """Return indicators of the tags, and how many tags of each row were not seen in fit."""
        place = {tag: i for i, tag in enumerate(self.classes.tolist())}
        found = np.zeros((len(column.values), len(place)), np.float32)
        n_unseen = np.zeros(len(found), int)
        rows = np.flatnonzero(column.is_labelled)
        for row, tags in zip(rows, _read(column, self.separator), strict=True):
            unseen = [tag for tag in tags if tag not in place]
            if unseen and is_strict:
                raise ValueError(
                    f"y: task {column.name!r}, row {row}: tag {unseen[0]!r} was not seen in fit; "
                    f"there are {len(place)} tags, such as {next(iter(place))!r}."
                )
            n_unseen[row] = len(unseen)
            found[row, [place[tag] for tag in tags if tag in place]] = 1
        return found, n_unseen

    def predict(self, outputs):
        """Return the tags of each row, a sorted tuple."""
        labels = np.empty(len(outputs), object)
        for row, chosen in enumerate(outputs >= self.thresholds):
            labels[row] = tuple(self.classes[chosen].tolist())
        return labels

    def score(self, column, outputs, weights):
        """Return the micro-averaged F1; a tag not seen in fit counts as missed. 1 without tags."""
        truth, n_unseen = self._indicators(column, is_strict=False)
        guess = outputs >= self.thresholds
        right = weights @ (guess * truth).sum(1)
        total = weights @ (guess.sum(1) + truth.sum(1) + n_unseen)
        return float(2 * right / total) if total else 1.0

    def squared_gaps(self, outputs, targets):
        """Return the mean squared difference between probabilities and truth."""
        return ((outputs - targets) ** 2).mean(axis=1)

    def strangeness(self, outputs, targets):
        """Return 1 minus the probability of the row's least probable tag; -1 without tags."""
        return np.where(targets > 0, 1 - outputs, -1.0).max(axis=1)

    def prediction_sets(self, outputs, limit):
        """Return the tags that are probable enough for the set to contain all tags of the row."""
        return prediction_sets(outputs, limit, self.classes)

    def tuned(self, targets, outputs, weights):
        """Return these labels with, for each tag, the threshold of the largest F1 on some rows.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_tags)
            Indicators of the tags.
        outputs : ndarray of shape (n_rows, n_tags)
            Their probabilities.
        weights : ndarray of shape (n_rows,)
            0 where the label is missing.
        """
        rows = weights > 0
        pairs = zip(targets[rows].T, outputs[rows].T, strict=True)
        found = [_best_threshold(truth, p, weights[rows]) for truth, p in pairs]
        return replace(self, thresholds=np.array(found))

    def at_temperature(self, temperature):
        """Return these labels with thresholds that choose the same tags of divided logits."""
        return replace(self, thresholds=expit(logit(self.thresholds) / temperature))

    def describe_outputs(self):
        """Return what the outputs of an exported network are."""
        return {"classes": self.classes.tolist(), "thresholds": self.thresholds.tolist()}

    def trouble(self):
        """Return what is wrong with an object out of a file, None if nothing is."""
        tags, thresholds = self.classes, self.thresholds
        if tags.ndim != 1 or tags.dtype.kind not in "biuU" or len(np.unique(tags)) != len(tags):
            return "tags that are not sorted labels"
        if thresholds.shape != tags.shape or not ((thresholds >= 0) & (thresholds <= 1)).all():
            return "thresholds that are no probabilities"
        return None if self.loss in LOSSES else keras_losses.trouble(self.loss)


def _is_collection(cell) -> bool:
    return isinstance(cell, list | tuple | Set | np.ndarray)


def _read(column, separator):
    """Yield the tags of each row that has a label."""
    for row in np.flatnonzero(column.is_labelled):
        cell = column.values[row]
        if isinstance(cell, str) and separator is not None:
            yield split_tags(cell, separator)
            continue
        if not _is_collection(cell):
            raise TypeError(
                f"y: task {column.name!r}, row {row}: tags are a list, a tuple, a set or an array "
                f"of labels, or a string with tag_separator; got {describe(cell)}."
            )
        tags = cell.ravel().tolist() if isinstance(cell, np.ndarray) else list(cell)
        for tag in tags:
            if not isinstance(tag, str | int | np.integer | np.bool_):
                raise TypeError(
                    f"y: task {column.name!r}, row {row}: a tag is a string or a whole number; "
                    f"got {describe(tag)}."
                )
        yield tags


def _best_threshold(truth, probabilities, weights) -> float:
    """Return the threshold of the largest F1, half-way between two probabilities."""
    if truth.sum() < _FEWEST:
        return 0.5
    order = np.argsort(-probabilities, kind="stable")
    sorted_probabilities = probabilities[order].astype(np.float64)
    there = weights[order] * truth[order]
    f1 = 2 * np.cumsum(there) / (np.cumsum(weights[order]) + there.sum())
    # a threshold cannot separate equal probabilities
    last = np.append(sorted_probabilities[1:] < sorted_probabilities[:-1], True)
    best = int(np.argmax(np.where(last, f1, -1)))
    following = sorted_probabilities[best + 1] if best + 1 < len(f1) else 0.0
    return float((sorted_probabilities[best] + following) / 2)
