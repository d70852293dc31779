"""Techniques side by side: scores with intervals, and what they cost."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from ._axes import COLOURS, GREY, make_axes
from ._legible import Legible

_UNITS = {
    "fit_seconds": "seconds to fit",
    "predict_ms_per_row": "ms per row to predict",
    "memory_mib": "rise of memory in MiB",
    "n_parameters": "parameters",
}


class ComparisonDisplay:
    """Mean scores of techniques with their intervals, every run behind them, and one cost.

    Make one with `from_comparison`.

    Parameters
    ----------
    summary : DataFrame
        One row per technique, the columns of `skmtl.comparison.Comparison.summary`.
    scores : dict of str to DataFrame
        Per technique the score of every run, a column per task and ``"mean"``.
    tasks : sequence of str
        The tasks.
    baseline : str
        The technique that a line is drawn for.
    metric : str, default="accuracy"
        What the scores are.
    cost : {"fit_seconds", "predict_ms_per_row", "memory_mib", "n_parameters"} or None
        The cost in the last panel; None for no such panel.

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (n_panels,)
        One panel per task, one for their mean, one for the cost.
    figure_ : Figure
        Their figure.

    Raises
    ------
    ValueError
        If there is no such cost.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import compare_techniques
    >>> from skmtl.display import ComparisonDisplay
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> comparison = compare_techniques(
    ...     {"majority": DummyClassifier(), "tree": DecisionTreeClassifier()}, X, X > 0, verbose=0
    ... )
    >>> display = ComparisonDisplay.from_comparison(comparison)
    >>> [panel.get_xlabel() for panel in display.axes_]
    ['task_0', 'task_1', 'mean', 'seconds to fit']
    """

    def __init__(
        self,
        summary: pd.DataFrame,
        scores: Mapping[str, Any],
        tasks: Sequence[str],
        baseline: str,
        *,
        metric: str = "accuracy",
        cost: str | None = "fit_seconds",
    ) -> None:
        if cost is not None and cost not in _UNITS:
            raise ValueError(f"cost must be one of {list(_UNITS)}, or None; got {cost!r}.")
        self.summary = summary
        self.scores = scores
        self.tasks = list(tasks)
        self.baseline = baseline
        self.metric = metric
        self.cost = cost

    @classmethod
    def from_comparison(
        cls,
        comparison: Any,
        *,
        cost: str | None = "fit_seconds",
        ax: Any = None,
    ) -> Self:
        """Draw a comparison.

        Parameters
        ----------
        comparison : Comparison
            From `skmtl.comparison.compare_techniques`.
        cost : {"fit_seconds", "predict_ms_per_row", "memory_mib", "n_parameters"} or None
            The cost in the last panel; None for no such panel.
        ax : None or array-like of Axes, default=None
            One per panel; None makes a new figure.

        Returns
        -------
        ComparisonDisplay
            The drawn display.
        """
        scores = {name: comparison.scores_of(name) for name in comparison.techniques}
        return cls(
            comparison.summary,
            scores,
            comparison.tasks,
            comparison.baseline,
            metric=comparison.metric,
            cost=cost,
        ).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw a panel per task, one for the mean, and one for the cost.

        Parameters
        ----------
        ax : None, Axes or array-like of Axes, default=None
            One per panel; None makes a new figure.

        Returns
        -------
        ComparisonDisplay
            The display itself.
        """
        techniques = list(self.summary.index)
        panels = [*self.tasks, "mean"]
        n_panels = len(panels) + (self.cost is not None)
        size = (3.2, 1.1 + 0.34 * len(techniques))
        axes = make_axes(ax, 1, n_panels, size=size, sharey=True)
        legible = Legible([*techniques, *self.tasks])
        places = np.arange(len(techniques))
        for panel, task in zip(axes, panels, strict=False):
            self._draw_scores(panel, task, places)
            panel.set_xlabel(legible.show(task), fontfamily=legible.family)
        if self.cost is not None:
            self._draw_cost(axes[-1], places)
        axes[0].set_yticks(places, [legible.show(t) for t in techniques], fontfamily=legible.family)
        axes[0].set_ylim(len(techniques) - 0.5, -0.5)  # the first technique on top
        for panel in axes[1:]:
            panel.tick_params(labelleft=False)
        if ax is None and not axes[0].figure.get_suptitle():
            axes[0].figure.suptitle(f"{self.metric}: mean, its interval, and every run", size=11)
        self.axes_, self.figure_ = axes, axes[0].figure
        return self

    def _draw_scores(self, panel, task, places):
        means = self.summary[task]
        reach = self.summary[[f"{task}_low", f"{task}_high"]].sub(means, axis=0).abs()
        if self.baseline in means.index:
            panel.axvline(means[self.baseline], color=GREY, linestyle="--", linewidth=1, zorder=0)
        for place, technique in zip(places, self.summary.index, strict=True):
            runs = self.scores[technique][task]
            heights = np.full(len(runs), place + 0.22)
            panel.scatter(runs, heights, s=7, color=GREY, linewidths=0, zorder=1)
            drawn = reach.loc[technique]
            panel.errorbar(
                means[technique],
                place,
                xerr=None if drawn.isna().any() else drawn.to_numpy()[:, None],
                fmt="o",
                markersize=5,
                capsize=3,
                color=COLOURS[1] if technique == self.baseline else COLOURS[0],
                zorder=2,
            )
        panel.grid(axis="x", alpha=0.3)
        panel.locator_params(axis="x", nbins=4)  # or labels of three decimals run together

    def _draw_cost(self, panel, places):
        costs = pd.to_numeric(self.summary[self.cost])
        panel.barh(places, costs.fillna(0.0), height=0.55, color=COLOURS[5])
        for place, cost in zip(places, costs, strict=True):
            text = "—" if np.isnan(cost) else _short(cost)
            panel.annotate(
                text, (0 if np.isnan(cost) else max(cost, 0), place), (3, 0),
                textcoords="offset points", va="center", size="small",
            )  # fmt: skip
        panel.margins(x=0.3)
        panel.locator_params(axis="x", nbins=3)  # or labels such as 0.00025 run together
        panel.xaxis.set_major_formatter(lambda cost, _: _short(cost))  # no "1e6" beside the label
        panel.set_xlabel(_UNITS[self.cost])


def _short(number):
    """Return a number with three digits, large ones in thousands or millions."""
    for unit, sign in ((1e6, "M"), (1e3, "k")):
        if abs(number) >= unit:
            return f"{number / unit:.3g}{sign}"
    return f"{number:.3g}"
