"""The interface of a kind of column: how it is learned, encoded, and read by a branch."""

from abc import ABC, abstractmethod
from typing import ClassVar

import keras

from skmtl.columns._options import ColumnOptions
from skmtl.columns._spec import BranchSpec
from skmtl.data import Modality


class ColumnKind(ABC):
    """One image or text column, learned from the rows of `fit`.

    A new kind is a final class in one file, an entry in `COLUMN_KINDS`, and a rule in `inference`.

    Parameters
    ----------
    name : object
        Name of the column in `X`.
    options : ColumnOptions
        The estimator's parameters for this column.
    """

    kind: ClassVar[str]

    @abstractmethod
    def __init__(self, name, options: ColumnOptions):
        """Store the parameters for this column."""

    @abstractmethod
    def fit(self, cells) -> Modality:
        """Learn shape and vocabulary from the cells; return their values.

        Parameters
        ----------
        cells : ndarray of shape (n_samples, ...)
            Cells of the column: objects, or an array with one entry per row.
        """

    @abstractmethod
    def encode(self, cells) -> Modality:
        """Return the values of other cells, in the shape and dtype of `fit`."""

    @abstractmethod
    def branch(self, name, options: ColumnOptions, *, straight) -> BranchSpec:
        """Return the specification of the branch that reads the values.

        Parameters
        ----------
        name : str
            Name of the branch.
        options : ColumnOptions
            The estimator's parameters for this column.
        straight : bool
            Whether the branch leads straight to the heads.
        """

    @staticmethod
    @abstractmethod
    def encoder(spec: BranchSpec) -> keras.Model:
        """Return backbone and pooling: a model from the values of a row to a vector."""

    @abstractmethod
    def preprocessing(self) -> dict:
        """Return how another program must prepare a cell for the network."""

    @abstractmethod
    def describe(self) -> str:
        """Describe the column in a few words."""
