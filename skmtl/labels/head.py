"""What ends the network for one task: its outputs, its loss, and what its score is made of."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class Head(ABC):
    """The part of a kind of label that is compiled; a final class per kind.

    Two heads of one key make the same program, whatever else they hold.

    Parameters
    ----------
    n_outputs : int
        Number of logits.
    loss : str
        Which of the losses of the kind.
    """

    n_outputs: int
    loss: str

    score_name: ClassVar[str]
    """Name of the score, as in ``history_["<task>_accuracy"]``."""

    n_statistics: ClassVar[int] = 1
    """How many numbers per row `score` is computed from."""

    @property
    def key(self) -> str:
        """Text that is equal for heads that compute the same."""
        values = [getattr(self, field.name) for field in fields(self) if field.compare]
        return repr((type(self).__name__, *values))

    @property
    def n_targets(self) -> int:
        """Number of columns of the targets."""
        return 1

    @property
    def is_squared(self) -> bool:
        """Whether the loss shrinks with the square of the errors; see `task_losses`."""
        return False

    @abstractmethod
    def row_losses(self, logits, targets):
        """Return the loss of each row.

        Parameters
        ----------
        logits : tensor of float32, shape (n_rows, n_outputs)
            What the network says.
        targets : tensor of float32, shape (n_rows, n_targets)
            Any finite numbers where the label is missing.

        Returns
        -------
        tensor of shape (n_rows,)
        """

    @abstractmethod
    def row_statistics(self, logits, targets) -> tuple:
        """Return `n_statistics` tensors ``(n_rows,)``, whose sums over the rows `score` takes."""

    @staticmethod
    @abstractmethod
    def score(sums: np.ndarray, n_rows: float) -> float:
        """Return the score of some rows from the sums of their statistics; NaN without any."""

    @abstractmethod
    def outputs(self, logits):
        """Return what the network predicts from float32 logits, such as probabilities."""

    @abstractmethod
    def loss_and_slope(self, logits: np.ndarray, targets: np.ndarray) -> tuple:
        """Return a loss of each row, and its derivative by the logits, in NumPy.

        The weights of branches are learnt with it, from few rows: a smooth and convex loss that
        judges the outputs, such as the log loss or the squared error, whatever the network learns.

        Parameters
        ----------
        logits : ndarray of float64, shape (n_rows, n_outputs)
        targets : ndarray of float32, shape (n_rows, n_targets)

        Returns
        -------
        losses : ndarray of shape (n_rows,)
        slopes : ndarray of shape (n_rows, n_outputs)
        """

    def in_units(self, outputs):
        """Return outputs in the units of `y`, for the whole network that users see."""
        return outputs

    @abstractmethod
    def describe(self) -> str:
        """Return a word or two for summaries."""


def target_slices(heads) -> list[slice]:
    """Return which columns of the targets belong to each task.

    Parameters
    ----------
    heads : sequence of Head
        One per task.
    """
    ends = list(accumulate(head.n_targets for head in heads))
    return [slice(end - head.n_targets, end) for head, end in zip(heads, ends, strict=True)]
