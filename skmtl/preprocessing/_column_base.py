"""Base of the transformers of images and of texts, which read one column."""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skmtl._runtime.types import Rows


class OneColumnTransformer(TransformerMixin, BaseEstimator, ABC):
    """Transformer of one column, whose cells are images or texts."""

    @abstractmethod
    def fit(self, X: Rows, y: Any = None) -> Self:
        """Learn from the column and return self.

        Parameters
        ----------
        X : table with one column, or list of cells
            The images or texts.
        y : None
            Not used.

        Returns
        -------
        self
        """

    @abstractmethod
    def transform(self, X: Rows) -> np.ndarray:
        """Transform the cells.

        Parameters
        ----------
        X : table with one column, or list of cells
            The images or texts.

        Returns
        -------
        ndarray of shape (n_samples, ...), sparse matrix, list or DataFrame
            One entry per row.
        """

    @abstractmethod
    def _check_parameters(self) -> None:
        """Check the parameters, in `fit` and after a fitted transformer is loaded.

        Raises
        ------
        TypeError, ValueError
            If a parameter is wrong; the message names it.
        """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.no_validation = True
        return tags
