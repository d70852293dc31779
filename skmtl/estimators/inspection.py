"""What every estimator can be asked after fit: its vectors, and why it predicts what it does."""

from abc import ABC
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from skmtl._runtime.checks import check_choice
from skmtl._runtime.sklearn_output import in_container
from skmtl._runtime.types import Rows
from skmtl.estimators.fitted_base import FittedBase
from skmtl.estimators.frames import index_of
from skmtl.fitting.explanation import explain_table
from skmtl.fitting.vectors import vector_names, vectors_of


class Inspectable(FittedBase, ABC):
    """An estimator that shows what is inside its network."""

    @property
    def branch_weights_(self) -> dict[str, dict[str, float]]:
        """By task, the weight of every column's branch; empty unless branches are weighted."""
        return self._fitted_network.branch_weights

    @property
    def model_(self) -> Any:
        """The whole network, to probabilities, or numbers in the units of `y`."""
        return self._fitted_network.network.model

    @property
    def n_parameters_(self) -> int:
        """Number of weights of the network."""
        return self._fitted_network.network.n_parameters

    def transform(self, X: Rows, column: str | None = None) -> np.ndarray:
        """Return the vector of every row that the heads read.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        column : str, default=None
            An image or text column, or "table" for all numbers and categories: its vector alone.

        Returns
        -------
        ndarray of float32, shape (n_samples, d)
            The vectors of the columns side by side, zeros for a missing one; of a network with a
            trunk the output of the trunk. With `column`, NaN for a missing one.

        Raises
        ------
        ValueError
            If the network has no such column.

        Examples
        --------
        >>> from skmtl import MultiTaskClassifier
        >>> from skmtl.datasets import load_emoji
        >>> X, y = load_emoji()
        >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[["group"]][:200])
        >>> model.transform(X[:3], column="text").shape
        (3, 256)
        """
        fitted = self._fitted_network
        X = self._rows(X)
        values = vectors_of(fitted, fitted.reader.read(X), self.feature_cache, column)
        return in_container(self, values, partial(vector_names, fitted, column), X)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:  # noqa: ARG002
        """Return the names of the columns of `transform`: that of a column of `X` and a number.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored: the names are known from `fit`.

        Returns
        -------
        ndarray of str, shape (d,)
        """
        return vector_names(self._fitted_network)

    def explain(
        self,
        X: Rows,
        *,
        task: str | None = None,
        label: Any = None,
        by: str = "column",
        column: str | None = None,
    ) -> pd.DataFrame:
        r"""Return what columns, words or regions of images contribute to the predictions.

        Explained is the evidence for one label of each task: of classes the logit less the mean of
        all logits, :math:`\log p_k - \frac{1}{K} \sum_j \log p_j`; the logit of a tag; a number in
        the units of `y` (of its logarithm with ``target_transform="log1p"``); of ordinal classes
        the logit of lying above the first one.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        task : str, default=None
            The only task; None takes all.
        label : object, default=None
            The class or tag of `task` to explain in every row; None takes the one that has most
            evidence in the row.
        by : {"column", "word", "region"}, default="column"
            Columns of `X`; words of texts; or the 64 regions of a grid over an image.
        column : str, default=None
            The only text or image column, of words and regions.

        Returns
        -------
        DataFrame
            One contribution a row: ``row`` (as the index of `X`), ``task``, ``label``, ``column``,
            for words ``position`` and ``word``, for regions ``top``, ``left``, ``bottom`` and
            ``right`` (shares of the height and the width), and ``contribution``. Those of columns
            add up to the evidence, and with weighted branches those of words to that of their
            column; "(start)" is what a row without any column, or a text without words, has. Those
            of regions, what the evidence loses when they are covered, need not add up.

        Raises
        ------
        ValueError
            If a task, a label or a column is unknown.

        Notes
        -----
        With weighted branches and with a single one the logits are a sum over the branches, and so
        the contributions of images and texts are exact and cost one prediction. Numbers and
        categories share a branch, and under another fusion all columns meet in one trunk: there
        the contributions are Shapley values, exact up to 6 columns and of more the mean over 8
        orders. An image or text is left out by taking it for missing, a number or category by the
        features of a missing cell. A word is exact where the vector of a text is the mean of its
        word vectors, which is the default; else its contribution is a Shapley value, too.

        Examples
        --------
        >>> from skmtl import MultiTaskClassifier
        >>> from skmtl.datasets import load_emoji
        >>> X, y = load_emoji()
        >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[["group"]][:200])
        >>> model.explain(X[:1])["column"].tolist()
        ['(start)', 'image', 'text']
        """
        check_choice("by", by, ("column", "word", "region"))
        fitted = self._fitted_network
        X = self._rows(X)
        table = fitted.reader.read(X)
        index = index_of(X)
        index = pd.RangeIndex(table.n_samples) if index is None else index
        return explain_table(
            fitted,
            table,
            index,
            by=by,
            task=task,
            label=label,
            column=column,
            feature_cache=self.feature_cache,
        )
