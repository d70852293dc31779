"""Curves of a training, task by task."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Self

import numpy as np

from skmtl.metrics._task_view import find_attribute

from ._axes import colour, make_axes
from ._legible import Legible


class TrainingCurvesDisplay:
    """Losses, accuracies, loss weights and gradient cosines of every epoch.

    Make one with `from_estimator`.

    Parameters
    ----------
    history : dict of str to list of float
        Values per epoch under the names of `MultiTaskClassifier.history_`.
    task_names : sequence of str
        The tasks.

    Attributes
    ----------
    curves : dict of str to dict
        Per panel (``"loss"``, ``"accuracy"``, ``"f1"``, ``"r2"``, ``"loss weight"``,
        ``"gradient weight"``, ``"gradient cosine"``, those that the history has) the curves, an
        ndarray of shape (n_epochs,) each. They are named by task, ``"<task> (validation)"``, or
        ``"<task> | <other task>"``. Loss weights that stay equal are left out.
    axes_ : ndarray of Axes, shape (n_panels,)
        The panels.
    figure_ : Figure
        Their figure.

    Raises
    ------
    ValueError
        If the history has no curve of the tasks.

    Examples
    --------
    >>> from skmtl.display import TrainingCurvesDisplay
    >>> history = {"a_loss": [1.0, 0.5], "b_loss": [2.0, 1.5]}
    >>> display = TrainingCurvesDisplay(history, ["a", "b"]).plot()
    >>> list(display.curves), list(display.curves["loss"])
    (['loss'], ['a', 'b'])
    """

    def __init__(self, history: Mapping[str, Any], task_names: Sequence[str]) -> None:
        self.curves = {}
        for quantity in ("loss", "accuracy", "f1", "r2", "loss_weight", "gradient_weight"):
            panel = {}
            for task in task_names:
                for name, key in (
                    (task, f"{task}_{quantity}"),
                    (f"{task} (validation)", f"val_{task}_{quantity}"),
                ):
                    if key in history:
                        panel[name] = np.asarray(history[key], dtype=np.float64)
            if panel and not (quantity == "loss_weight" and _are_equal(panel.values())):
                self.curves[quantity.replace("_", " ")] = panel
        cosines = {
            f"{a} | {b}": np.asarray(history[key], dtype=np.float64)
            for a, b in combinations(task_names, 2)
            if (key := f"{a}|{b}_gradient_cosine") in history
        }
        if cosines:
            self.curves["gradient cosine"] = cosines
        if not self.curves:
            raise ValueError(
                f"history has no curve of the tasks {list(task_names)}; it has {list(history)}."
            )
        self.task_names = list(task_names)

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the training of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            One with `history_` and `task_names_`, also inside a Pipeline or a search.
        ax : None or array-like of Axes, default=None
            One per panel; None makes a new figure.

        Returns
        -------
        TrainingCurvesDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If the estimator has no history.
        """
        history = find_attribute(estimator, "history_")
        names = find_attribute(estimator, "task_names_")
        if history is None or names is None:
            raise ValueError(
                f"estimator must be fitted and have history_ and task_names_; got {estimator!r}."
            )
        return cls(history, names).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves, one panel per quantity.

        Parameters
        ----------
        ax : None, Axes or array-like of Axes, default=None
            One per panel; None makes a new figure.

        Returns
        -------
        TrainingCurvesDisplay
            The display itself.
        """
        axes = make_axes(ax, 1, len(self.curves), size=(4.2, 3.4))
        from matplotlib.ticker import MaxNLocator  # after make_axes has said if it is missing

        legible = Legible(self.task_names)
        for panel, (quantity, curves) in zip(axes, self.curves.items(), strict=True):
            for number, (name, values) in enumerate(curves.items()):
                task = name.removesuffix(" (validation)")
                is_task = task in self.task_names
                panel.plot(
                    np.arange(1, len(values) + 1),
                    values,
                    label=legible.show(name),
                    color=colour(self.task_names.index(task) if is_task else number),
                    linestyle="-" if name == task else "--",
                    marker="o" if len(values) == 1 else None,
                )
            if quantity == "gradient cosine":
                panel.axhline(0.0, color="black", linewidth=0.8)
                panel.set_ylim(-1.05, 1.05)
            panel.set_xlabel("epoch")
            panel.set_ylabel(quantity)
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))
            panel.legend(prop={"family": legible.family, "size": "small"})
        self.axes_, self.figure_ = axes, axes[0].figure
        return self


def _are_equal(curves):
    values = np.concatenate(list(curves))
    return np.ptp(values) <= 1e-9 * max(1.0, np.abs(values).max())
