"""What is inside a fitted network: its model, its vectors, and reasons for its predictions."""

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
        """The weight of every column's branch, by task; empty unless branches are weighted."""
        return self._fitted_network.branch_weights

    @property
    def model_(self) -> Any:
        """The whole network as a Keras model, up to probabilities, or numbers in units of `y`."""
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
            Return only the vector of this image or text column, or of "table", which stands for
            all numbers and categories.

        Returns
        -------
        ndarray of float32, shape (n_samples, d)
            The vectors of the columns side by side, with zeros for a missing column; with a trunk,
            the output of the trunk. With `column`, NaN where it is missing.

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
        """Return the names of the features of `transform`, such as "text_0" of a column "text".

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

        What is explained is the evidence for one label of each task: for a class, its logit minus
        the mean of all logits, :math:`\log p_k - \frac{1}{K} \sum_j \log p_j`; for a tag, its
        logit; for a number, the prediction in the units of `y` (its logarithm with
        ``target_transform="log1p"``); for ordinal classes, the logit of being above the first one.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        task : str, default=None
            Task to explain; None explains all.
        label : object, default=None
            Class or tag of `task` to explain in every row; None explains the one with the most
            evidence in each row.
        by : {"column", "word", "region"}, default="column"
            What contributes: columns of `X`, words of texts, or the 64 cells of a grid over an
            image.
        column : str, default=None
            Text or image column whose words or regions contribute; None takes all such columns.

        Returns
        -------
        DataFrame
            One contribution per row, with the columns ``row`` (from the index of `X`), ``task``,
            ``label``, ``column``, for words ``position`` and ``word``, for regions ``top``,
            ``left``, ``bottom`` and ``right`` (as shares of height and width), and
            ``contribution``. The contributions of columns add up to the evidence and, with weighted
            branches, those of words to the contribution of their column; "(start)" is the evidence
            of a row without any column, or of a text without words. A region contributes what the
            evidence loses when the region is covered; these contributions need not add up.

        Raises
        ------
        ValueError
            If a task, a label or a column is unknown.

        Notes
        -----
        With weighted branches, or a single branch, the logits are a sum over the branches, so the
        contributions of images and texts are exact and cost one prediction. Numbers and categories
        share a branch, and with another fusion all columns meet in one trunk: there contributions
        are Shapley values, exact for up to 6 columns and a mean over 8 orders for more. A column
        that is left out counts as missing. The contribution of a word is exact where the vector of
        a text is the mean of its word vectors, as by default; otherwise it is a Shapley value, too.

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
