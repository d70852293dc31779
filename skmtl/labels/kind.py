"""What every kind of label has: reading, learning, predicting and scoring one task."""

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np

from skmtl.data.labels import LabelColumn
from skmtl.labels.head import Head
from skmtl.labels.options import LabelOptions


class LabelKind(ABC):
    """How the labels of one task are read, learned and predicted.

    A final class per kind; an object of it is what was learned from one column of `y`.
    """

    kind: ClassVar[str]
    """Name of the kind, as in ``tasks={"group": "class"}``."""

    score_name: ClassVar[str]
    """Name of the default score; a higher one is better."""

    classes: np.ndarray | None
    """What the outputs stand for: classes or tags; None for numbers."""

    takes: ClassVar[frozenset[str]] = frozenset({"tasks", "task_losses"})
    """Parameters of the estimator that may name a task of this kind."""

    has_class_weights: ClassVar[bool] = False
    """Whether each label is one of several classes, which may have weights."""

    @classmethod
    @abstractmethod
    def recognizes(cls, column: LabelColumn, options: LabelOptions) -> bool:
        """Return whether the labels of a column look like this kind."""

    @classmethod
    @abstractmethod
    def of(cls, column: LabelColumn, known=None, options=None) -> "LabelKind":
        """Learn the kind from a column, or from all labels that are `known`.

        Parameters
        ----------
        column : LabelColumn
            One column of `y`.
        known : array-like, optional
            All labels, where the column does not hold them.
        options : LabelOptions, optional
            What the user says of the task.

        Raises
        ------
        TypeError, ValueError
            If the labels are not of this kind; the text names the task.
        """

    @property
    @abstractmethod
    def head(self) -> Head:
        """What ends the network for this task."""

    @abstractmethod
    def encode(self, column: LabelColumn) -> np.ndarray:
        """Return the targets ``(n_rows, n_targets)``, float32, 0 where the label is missing.

        Raises
        ------
        TypeError, ValueError
            If a label is of another kind, or was not in fit; the text names task and row.
        """

    @abstractmethod
    def predict(self, outputs: np.ndarray) -> np.ndarray:
        """Return the label ``(n_rows,)`` for outputs ``(n_rows, n_outputs)`` of the network."""

    def predict_alone(self, outputs: np.ndarray) -> np.ndarray:
        """Return what `predict` gives for a 1-D `y`."""
        return self.predict(outputs)

    def in_units(self, outputs: np.ndarray) -> np.ndarray:
        """Return the outputs in the units of `y`."""
        return outputs

    @abstractmethod
    def score(self, column: LabelColumn, outputs: np.ndarray, weights: np.ndarray) -> float:
        """Return the default score of rows that all have a label and a weight above 0.

        A label that was not in fit is predicted wrong.
        """

    @property
    def output_names(self) -> list:
        """What each output stands for: classes or tags."""
        return self.classes.tolist()

    has_temperature: ClassVar[bool] = True
    """Whether the outputs are probabilities, which a temperature calibrates."""

    def at_temperature(self, temperature: float) -> Self:  # noqa: ARG002
        """Return labels that predict from divided logits what they did from whole ones."""
        return self

    def squared_gaps(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return how far confidence is from being right ``(n_rows,)``, squared."""
        is_right = outputs.argmax(axis=1) == targets[:, 0]
        return (outputs.max(axis=1) - is_right) ** 2

    @abstractmethod
    def strangeness(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return how strange the label of each row ``(n_rows,)`` is to the network.

        Parameters
        ----------
        outputs : ndarray of shape (n_rows, n_outputs)
            What the network predicts.
        targets : ndarray of shape (n_rows, n_targets)
            The labels, as `encode` returns them.
        """

    @abstractmethod
    def prediction_sets(self, outputs: np.ndarray, limit: float) -> np.ndarray:
        """Return for each row the labels whose strangeness is at most `limit`, as objects."""

    def evidence(self, logits: np.ndarray) -> np.ndarray:
        """Return what columns contribute to: for each row a number ``(n_rows, n_labels)`` a label.

        It is linear, so the evidence of a sum of logits is the sum of their evidence.
        """
        return logits

    @property
    def evidence_names(self) -> list:
        """The label that each column of the evidence speaks for."""
        return self.output_names

    @property
    def evidence_start(self) -> float:
        """What is added to the evidence, so that numbers are in their units."""
        return 0.0

    @abstractmethod
    def describe_outputs(self) -> dict:
        """Return what the outputs of an exported network are, as plain values."""

    @abstractmethod
    def trouble(self) -> str | None:
        """Return what is wrong with an object out of a file, None if nothing is.

        It completes the sentence "the task has ...".
        """
