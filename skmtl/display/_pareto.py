"""Task against task: which candidates nobody beats."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skmtl.model_selection._pareto import is_efficient, scores_of

from ._axes import GREY, colour, make_axes
from ._legible import Legible

_LISTED = 10  # candidates that a legend names


class ParetoFrontDisplay:
    """Scores of candidates on two tasks, or on parallel axes for more, the front coloured.

    Make one with `from_cv_results`, `from_comparison` or `from_study`.

    Parameters
    ----------
    means : array-like of shape (n_candidates, n_tasks)
        Mean scores; higher is better.
    errors : array-like of shape (n_candidates, n_tasks)
        Standard errors, or half intervals; NaN where unknown.
    tasks : sequence of str
        At least two tasks.
    names : sequence of str
        Names of the candidates.

    Attributes
    ----------
    is_efficient : ndarray of bool, shape (n_candidates,)
        Whether no other candidate is at least as good on every task and better on one.
    ax_ : Axes
        The panel.
    figure_ : Figure
        Its figure.

    Raises
    ------
    ValueError
        If there are fewer than two tasks, or the shapes do not fit.

    Examples
    --------
    >>> from skmtl.display import ParetoFrontDisplay
    >>> means, errors = [[0.9, 0.5], [0.6, 0.8], [0.5, 0.4]], [[0.01, 0.02]] * 3
    >>> display = ParetoFrontDisplay(means, errors, ["group", "subgroup"], ["x", "y", "z"]).plot()
    >>> display.is_efficient.tolist()
    [True, True, False]
    """

    def __init__(
        self, means: ArrayLike, errors: ArrayLike, tasks: Sequence[str], names: Sequence[str]
    ) -> None:
        self.means = np.asarray(means, dtype=np.float64)
        self.errors = np.asarray(errors, dtype=np.float64)
        self.tasks = list(tasks)
        self.names = list(names)
        if len(self.tasks) < 2:
            raise ValueError(f"A Pareto front needs at least two tasks; got {self.tasks}.")
        shape = (len(self.names), len(self.tasks))
        if self.means.shape != shape or self.errors.shape != shape:
            raise ValueError(
                f"means and errors must have the shape (candidates, tasks) = {shape}; "
                f"got {self.means.shape} and {self.errors.shape}."
            )
        self.is_efficient = is_efficient(self.means)

    @classmethod
    def from_cv_results(
        cls,
        cv_results: Mapping[str, Any],
        tasks: Sequence[str],
        *,
        metric: str = "accuracy",
        ax: Any = None,
    ) -> Self:
        """Draw the candidates of a search with their standard errors.

        Parameters
        ----------
        cv_results : dict of str to array
            The `cv_results_` of a search that was given `skmtl.metrics.task_scorers`.
        tasks : sequence of str
            At least two tasks.
        metric : str, default="accuracy"
            The metric; higher is better.
        ax : Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ParetoFrontDisplay
            The drawn display.
        """
        scores = [scores_of(cv_results, f"{task}_{metric}") for task in tasks]
        means = np.column_stack([mean for mean, _ in scores])
        errors = np.column_stack([error for _, error in scores])
        names = [_describe(params) for params in cv_results["params"]]
        return cls(means, errors, tasks, names).plot(ax=ax)

    @classmethod
    def from_comparison(cls, comparison: Any, *, ax: Any = None) -> Self:
        """Draw the techniques of a comparison with their intervals.

        Parameters
        ----------
        comparison : Comparison
            From `skmtl.comparison.compare_techniques`.
        ax : Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ParetoFrontDisplay
            The drawn display.
        """
        summary, tasks = comparison.summary, comparison.tasks
        halves = [(summary[f"{task}_high"] - summary[f"{task}_low"]) / 2 for task in tasks]
        errors = np.column_stack(halves)
        return cls(summary[tasks].to_numpy(), errors, tasks, list(summary.index)).plot(ax=ax)

    @classmethod
    def from_study(cls, study: Any, tasks: Sequence[str], *, ax: Any = None) -> Self:
        """Draw the finished trials of an Optuna study that has an objective per task.

        Parameters
        ----------
        study : optuna.Study
            Every objective is maximized.
        tasks : sequence of str
            What the objectives are called, in their order; at least two.
        ax : Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ParetoFrontDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If an objective is minimized, or there is another number of them than of tasks.
        """
        directions = [direction.name for direction in study.directions]
        if directions != ["MAXIMIZE"] * len(tasks):
            raise ValueError(
                f"study must maximize an objective for each of the tasks {list(tasks)}; its "
                f"directions are {directions}."
            )
        trials = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
        means = np.array([trial.values for trial in trials]).reshape(-1, len(tasks))
        names = [_describe(trial.params) for trial in trials]
        return cls(means, np.full(means.shape, np.nan), tasks, names).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the candidates.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ParetoFrontDisplay
            The display itself.
        """
        (ax,) = make_axes(ax, 1, 1, size=(7.5, 4.5))
        legible = Legible([*self.tasks, *self.names])
        front = self._front()
        # few candidates are all named; of many, the front if it is short
        named = list(front)
        if len(self.names) <= _LISTED:
            named += [i for i in np.argsort(-self.means[:, 0]) if i not in front]
        colours = self._colours(named)
        draw = self._draw_pair if len(self.tasks) == 2 else self._draw_parallel
        draw(ax, colours, legible)
        if len(named) <= _LISTED:
            ax.legend(
                loc="upper left",
                bbox_to_anchor=(1.01, 1.0),
                borderaxespad=0.0,
                prop={"family": legible.family, "size": "small"},
                title="filled: not dominated" if len(named) > len(front) else "not dominated",
            )
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _front(self):
        """Return the candidates of the front, best on the first task first."""
        front = np.flatnonzero(self.is_efficient)
        return front[np.lexsort(-self.means[front].T[::-1])]

    def _colours(self, named):
        from matplotlib import colormaps

        if len(named) <= _LISTED:
            return {i: colour(number) for number, i in enumerate(named)}
        shades = colormaps["viridis"](np.linspace(0.0, 0.95, len(named)))
        return {i: tuple(shade) for i, shade in zip(named, shades, strict=True)}

    def _draw_pair(self, ax, colours, legible):
        ends = self.means[self._front()]
        ax.plot(ends[:, 0], ends[:, 1], drawstyle="steps-post", color="black", linewidth=0.8)
        for i in _in_order(len(self.names), colours):
            (x, y), (dx, dy) = self.means[i], self.errors[i]
            ax.errorbar(
                x,
                y,
                xerr=None if np.isnan(dx) else dx,
                yerr=None if np.isnan(dy) else dy,
                fmt="o",
                capsize=2,
                elinewidth=0.8,
                color=colours.get(i, GREY),
                markersize=7 if i in colours else 4,
                markerfacecolor=None if self.is_efficient[i] else "white",
                label=legible.show(self.names[i]) if i in colours else None,
            )
        ax.set_xlabel(legible.show(self.tasks[0]), fontfamily=legible.family)
        ax.set_ylabel(legible.show(self.tasks[1]), fontfamily=legible.family)
        ax.grid(alpha=0.3)

    def _draw_parallel(self, ax, colours, legible):
        low, high = np.nanmin(self.means, axis=0), np.nanmax(self.means, axis=0)
        span = np.where(high > low, high - low, 1.0)
        places = np.arange(len(self.tasks))
        for i in _in_order(len(self.names), colours):
            ax.errorbar(
                places,
                (self.means[i] - low) / span,
                yerr=np.nan_to_num(self.errors[i] / span) if i in colours else None,
                fmt="-o",
                capsize=2,
                elinewidth=0.8,
                linewidth=1.5 if i in colours else 0.8,
                color=colours.get(i, GREY),
                markersize=5 if i in colours else 0,
                markerfacecolor=None if self.is_efficient[i] else "white",
                alpha=1.0 if i in colours else 0.5,
                label=legible.show(self.names[i]) if i in colours else None,
            )
        for place in places:
            ax.axvline(place, color="black", linewidth=0.8, zorder=0)
            for score, height, drop in ((low[place], -0.08, "top"), (high[place], 1.08, "bottom")):
                ax.text(place, height, f"{score:.3f}", size="small", ha="center", va=drop)
        ax.set_xticks(places, [legible.show(t) for t in self.tasks], fontfamily=legible.family)
        ax.set_yticks([0, 1], ["worst", "best"])
        ax.set_ylim(-0.2, 1.2)
        ax.set_xlim(-0.4, len(places) - 0.6)


def _in_order(n_candidates, colours):
    """Return candidates in the order of drawing: grey ones first, then as they are named."""
    return [*(i for i in range(n_candidates) if i not in colours), *colours]


def _describe(params):
    """Return the parameters of a candidate as a short text."""
    parts = []
    for name, value in params.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {_short(part)}" for key, part in value.items())
        parts.append(f"{name.rpartition('__')[2]}: {_short(value)}")
    return "; ".join(parts)


def _short(value):
    return f"{value:.3g}" if isinstance(value, float) else str(value)
