"""What every kind of label has: reading, learning, predicting and scoring one task."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from skmtl.data.labels import LabelColumn


class LabelKind(ABC):
    """How the labels of one task are read, learned and predicted.

    A final class per kind; an object of it is what was learned from one column of `y`.
    """

    kind: ClassVar[str]
    """Name of the kind, as in ``tasks={"group": "classes"}``."""

    score_name: ClassVar[str]
    """Name of the default score."""

    score_sign: ClassVar[int]
    """1 where a higher score is better, -1 where a lower one is."""

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
    def n_outputs(self) -> int:
        """Width of the head."""

    @abstractmethod
    def encode(self, column: LabelColumn, *, unseen: str = "raise") -> np.ndarray:
        """Return a code per row, -1 where the label is missing.

        Parameters
        ----------
        column : LabelColumn
            The labels.
        unseen : {"raise", "wrong"}
            Whether a label that was not in fit is an error, or gets a code that no prediction has.
        """

    @staticmethod
    @abstractmethod
    def row_losses(logits, codes):
        """Return the loss of each row, a tensor ``(n_rows,)``; any number for missing labels."""

    @staticmethod
    @abstractmethod
    def row_hits(logits, codes):
        """Return whether each row is predicted right, a bool tensor ``(n_rows,)``."""

    @abstractmethod
    def predict_codes(self, outputs: np.ndarray) -> np.ndarray:
        """Return the predicted code of each row of the network's outputs."""

    @abstractmethod
    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the labels of codes, none of them missing."""

    @abstractmethod
    def score(self, codes, outputs, weights) -> float:
        """Return the default score of the network's outputs over the rows of weight above 0."""
