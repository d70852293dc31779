"""Predicted against true numbers, and what is left over."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from skmtl._runtime.types import Labels, Rows
from skmtl.data.labels import as_label_array, read_labels
from skmtl.metrics._label_kinds import kind_of_labels
from skmtl.metrics._scores import r2
from skmtl.metrics._task_view import find_attribute, true_and_predicted

from ._axes import GREY, colour, make_axes
from ._legible import Legible

_WIDTH = 28  # columns of a name, longer ones are cut off


class NumberPredictionsDisplay:
    """Two panels per task of numbers: predicted against true, and residuals against predicted.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    numbers : dict of str to ndarray of shape (2, n_labelled)
        Per task the true and the predicted numbers of the rows that have a label.

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (2 * n_tasks,)
        Two panels per task.
    figure_ : Figure
        Their figure.

    Raises
    ------
    ValueError
        If no task has numbers.

    Examples
    --------
    >>> from skmtl.display import NumberPredictionsDisplay
    >>> display = NumberPredictionsDisplay.from_predictions([0.5, 1.5, None], [0.5, 1.0, 2.0])
    >>> display.numbers["y"].tolist()
    [[0.5, 1.5], [0.5, 1.0]]
    """

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        if not numbers:
            raise ValueError("There is no task of numbers to draw.")
        self.numbers = {task: np.asarray(pair, float) for task, pair in numbers.items()}

    @classmethod
    def from_estimator(cls, estimator: Any, X: Rows, y: Labels, *, ax: Any = None) -> Self:
        """Draw the predictions of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted on the tasks.
        X : table of n_samples rows
            What the estimator takes.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        ax : None or array-like of Axes, default=None
            Two per task; None makes a new figure.

        Returns
        -------
        NumberPredictionsDisplay
            The drawn display.
        """
        pair = true_and_predicted(estimator, X, y)
        kinds = find_attribute(estimator, "task_kinds_") or {}
        return cls(_numbers(*pair, kinds)).plot(ax=ax)

    @classmethod
    def from_predictions(cls, y_true: Labels, y_pred: Labels, *, ax: Any = None) -> Self:
        """Draw predictions.

        Parameters
        ----------
        y_true : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        y_pred : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Predictions, columns in the order of `y_true`.
        ax : None or array-like of Axes, default=None
            Two per task; None makes a new figure.

        Returns
        -------
        NumberPredictionsDisplay
            The drawn display.
        """
        columns = read_labels(y_true, parameter="y_true").columns
        return cls(_numbers(columns, read_labels(y_pred, parameter="y_pred").columns, {})).plot(
            ax=ax
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw two panels per task.

        Parameters
        ----------
        ax : None or array-like of Axes, default=None
            Two per task; None makes a new figure.

        Returns
        -------
        NumberPredictionsDisplay
            The display itself.
        """
        axes = make_axes(ax, len(self.numbers), 2, size=(4.0, 3.5))
        legible = Legible(list(self.numbers))
        for number, (task, (truth, guess)) in enumerate(self.numbers.items()):
            left, right = axes[2 * number : 2 * number + 2]
            ends = [min(truth.min(), guess.min()), max(truth.max(), guess.max())]
            left.plot(ends, ends, color=GREY, linewidth=1)
            left.scatter(guess, truth, s=8, alpha=0.5, color=colour(number))
            left.set(xlabel="predicted", ylabel="true")
            title = f"{legible.show(task, _WIDTH)}: R² {r2(truth, guess):.3f}"
            left.set_title(title, fontfamily=legible.family)
            right.axhline(0, color=GREY, linewidth=1)
            right.scatter(guess, truth - guess, s=8, alpha=0.5, color=colour(number))
            right.set(xlabel="predicted", ylabel="true - predicted", title="residuals")
        self.axes_, self.figure_ = axes, axes[0].figure
        return self


def _numbers(columns, predicted, kinds) -> dict:
    """Return true and predicted numbers of the tasks that have numbers."""
    found = {}
    for task, guess in zip(columns, predicted, strict=True):
        if not task.is_labelled.any():
            continue
        pair = task.labels, as_label_array(guess.values[task.is_labelled])
        if (kinds.get(task.name) or kind_of_labels(*pair)) == "number":
            found[task.name] = np.array(pair, float)
    return found
