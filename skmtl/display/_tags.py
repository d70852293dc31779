"""Precision and recall of every tag."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from skmtl._runtime.types import Labels, Rows
from skmtl.metrics import task_report
from skmtl.metrics._report import report_columns
from skmtl.metrics._task_view import true_and_predicted

from ._axes import colour, make_axes
from ._legible import Legible

_WIDTH = 28  # characters of a name; longer ones are cut off


class TagScoresDisplay:
    """A panel per task of tags, with the precision and the recall of every tag.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    scores : dict of str to DataFrame
        Per task a row per tag, with the columns "precision", "recall" and "support".

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (n_panels,)
        One panel per task.
    figure_ : Figure
        Their figure.

    Raises
    ------
    ValueError
        If no task has tags.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl.display import TagScoresDisplay
    >>> truth = pd.Series([["a"], ["a", "b"], None], name="tags")
    >>> guess = pd.Series([["a"], ["a"], []], name="tags")
    >>> TagScoresDisplay.from_predictions(truth, guess).scores["tags"]["recall"].to_dict()
    {'a': 1.0, 'b': 0.0}
    """

    def __init__(self, scores: Mapping[str, pd.DataFrame]) -> None:
        if not scores:
            raise ValueError("There is no task of tags to draw.")
        self.scores = dict(scores)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Rows, y: Labels, *, ax: Any = None) -> Self:
        """Draw the scores of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted on the tasks.
        X : table of n_samples rows
            What the estimator takes.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        ax : None or array-like of Axes, default=None
            One per task; None makes a new figure.

        Returns
        -------
        TagScoresDisplay
            The drawn display.
        """
        report = report_columns(*true_and_predicted(estimator, X, y))
        return cls(_of_tags(report)).plot(ax=ax)

    @classmethod
    def from_predictions(cls, y_true: Labels, y_pred: Labels, *, ax: Any = None) -> Self:
        """Draw the scores of predictions.

        Parameters
        ----------
        y_true : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        y_pred : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Predictions, columns in the order of `y_true`.
        ax : None or array-like of Axes, default=None
            One per task; None makes a new figure.

        Returns
        -------
        TagScoresDisplay
            The drawn display.
        """
        return cls(_of_tags(task_report(y_true, y_pred))).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw a panel per task.

        Parameters
        ----------
        ax : None, Axes or array-like of Axes, default=None
            One per task; None makes a new figure.

        Returns
        -------
        TagScoresDisplay
            The display itself.
        """
        longest = max(map(len, self.scores.values()))
        size = (4.0, float(np.clip(1.5 + 0.3 * longest, 3.0, 16.0)))
        axes = make_axes(ax, 1, len(self.scores), size=size)
        tags = [tag for frame in self.scores.values() for tag in frame.index]
        legible = Legible([*self.scores, *tags])
        for panel, (task, frame) in zip(axes, self.scores.items(), strict=True):
            places = np.arange(len(frame))
            for number, score in enumerate(("precision", "recall")):
                heights = places + 0.4 * number - 0.2
                panel.barh(heights, frame[score], height=0.4, color=colour(number), label=score)
            names = [
                f"{legible.show(tag, _WIDTH)} ({int(support)})"
                for tag, support in frame["support"].items()
            ]
            panel.set_yticks(places, names, fontfamily=legible.family)
            panel.invert_yaxis()
            panel.set_xlim(0, 1)
            panel.set_title(legible.show(task, _WIDTH), fontfamily=legible.family)
            panel.legend()
        self.axes_, self.figure_ = axes, axes[0].figure
        return self


def _of_tags(report) -> dict:
    """Return the rows of a report on tags, by task."""
    tasks = report.tasks.index[report.tasks["kind"] == "tags"]
    known = set(report.labels.index.get_level_values(0)) if len(report.labels) else set()
    return {task: report.labels.loc[task] for task in tasks if task in known}
