"""Which task gains by which other one: a matrix with intervals."""

from typing import Any, Self

import numpy as np
import pandas as pd

from ._axes import make_axes
from ._legible import Legible

_WIDTH = 20  # columns of a name, longer ones are cut off


class TaskGainsDisplay:
    """A cell for the gain of each task beside each other one, and beside all others.

    Make one with `from_gains`.

    Parameters
    ----------
    matrix : DataFrame of shape (n_tasks, n_columns)
        Gains of the tasks, a row each, beside what the columns name; NaN stays empty.
    halves : DataFrame of shape (n_tasks, n_columns)
        Half of the interval of each gain; NaN for one that was predicted, drawn in italics.

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (1,)
        The panel.
    figure_ : Figure
        Its figure.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import task_gains
    >>> from skmtl.display import TaskGainsDisplay
    >>> X, kind = load_iris(return_X_y=True, as_frame=True)
    >>> y = kind.to_frame("kind").assign(wide=X["sepal width (cm)"] > 3)
    >>> found = task_gains(DecisionTreeClassifier(random_state=0), X, y, verbose=0)
    >>> TaskGainsDisplay.from_gains(found).axes_[0].get_xlabel()
    'beside'
    """

    def __init__(self, matrix: pd.DataFrame, halves: pd.DataFrame) -> None:
        self.matrix = matrix
        self.halves = halves

    @classmethod
    def from_gains(cls, gains: Any, *, ax: Any = None) -> Self:
        """Draw what `skmtl.comparison.task_gains` found.

        Parameters
        ----------
        gains : TaskGains
            What was found.
        ax : Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        TaskGainsDisplay
            The drawn display.
        """
        matrix = gains.matrix()
        halves = pd.DataFrame(np.nan, matrix.index, matrix.columns)
        for pair in gains.pairs.itertuples():
            halves.loc[pair.task, pair.beside] = (pair.high - pair.low) / 2
        halves.iloc[:, -1] = (gains.gains["high"] - gains.gains["low"]) / 2
        return cls(matrix, halves).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the matrix.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        TaskGainsDisplay
            The display itself.
        """
        values, halves = self.matrix.to_numpy(float), self.halves.to_numpy(float)
        n_rows, n_columns = values.shape
        axes = make_axes(ax, 1, 1, size=(1.1 * n_columns + 2.5, 0.55 * n_rows + 2.0))
        panel = axes[0]
        legible = Legible([*self.matrix.index, *self.matrix.columns])
        highest = np.nanmax(np.abs(values)) if np.isfinite(values).any() else 1.0
        image = panel.imshow(values, cmap="RdBu", vmin=-highest, vmax=highest, aspect="auto")
        panel.figure.colorbar(image, ax=panel, label="gain of score over alone")
        style = {"fontfamily": legible.family}
        columns = [legible.show(name, _WIDTH) for name in self.matrix.columns]
        panel.set_xticks(range(n_columns), columns, rotation=45, ha="right", **style)
        rows = [legible.show(name, _WIDTH) for name in self.matrix.index]
        panel.set_yticks(range(n_rows), rows, **style)
        panel.set(xlabel="beside", ylabel="gain of")
        if (np.isfinite(values) & np.isnan(halves)).any():
            panel.set_title("italics: predicted, not measured", fontsize="small")
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                half = halves[row, column]
                panel.text(
                    column,
                    row,
                    f"{value:+.3f}" + (f"\n± {half:.3f}" if np.isfinite(half) else ""),
                    ha="center",
                    va="center",
                    size="small",
                    style="normal" if np.isfinite(half) else "italic",
                    color="white" if abs(value) > 0.6 * highest else "black",
                )
        self.axes_, self.figure_ = axes, panel.figure
        return self
