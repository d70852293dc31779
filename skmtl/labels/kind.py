"""What every kind of label has: reading, learning, predicting and scoring one task."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from skmtl.data.labels import LabelColumn
from skmtl.labels.head import Head


class LabelKind(ABC):
    """How the labels of one task are read, learned and predicted.

    A final class per kind; an object of it is what was learned from one column of `y`.
    """

    kind: ClassVar[str]
    """Name of the kind, as in ``tasks={"group": "class"}``."""

    score_name: ClassVar[str]
    """Name of the default score; a higher one is better."""

    has_class_weights: ClassVar[bool] = False
    """Whether each label is one of several classes, which may have weights."""

    @classmethod
    @abstractmethod
    def recognizes(cls, column: LabelColumn) -> bool:
        """Return whether the labels of a column look like this kind."""

    @classmethod
    @abstractmethod
    def of(cls, column: LabelColumn, known=None) -> "LabelKind":
        """Learn the kind from a column, or from all labels that are `known`.

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

    @abstractmethod
    def score(self, column: LabelColumn, outputs: np.ndarray, weights: np.ndarray) -> float:
        """Return the default score of rows that all have a label and a weight above 0.

        A label that was not in fit is predicted wrong.
        """

    @abstractmethod
    def trouble(self) -> str | None:
        """Return what is wrong with an object out of a file, None if nothing is.

        It completes the sentence "the task has ...".
        """
