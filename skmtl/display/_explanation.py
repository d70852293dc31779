"""Why one row is predicted as it is: columns, words and regions."""

from typing import Any, Self

import numpy as np
import pandas as pd

from skmtl._runtime.types import Rows
from skmtl.data.frames import as_pandas
from skmtl.data.tables import as_table, split_table

from ._axes import COLOURS, GREY, make_axes
from ._cells import drawable_pixels, n_columns
from ._legible import Legible

FOR, AGAINST = COLOURS[1], COLOURS[0]
_WIDTH, _LINES = 30, 12  # of a text
_START = "(start)"


class ExplanationDisplay:
    """What the columns of one row contribute to a prediction, with its images and texts.

    Make one with `from_estimator`. Orange speaks for the label, blue against it.

    Parameters
    ----------
    columns : DataFrame
        ``label``, ``task``, ``column`` and ``contribution`` of one row and task, as
        ``explain(by="column")`` returns them.
    words : DataFrame, default=None
        ``column``, ``word`` and ``contribution``, as ``explain(by="word")`` returns them.
    regions : DataFrame, default=None
        ``column``, corners and ``contribution``, as ``explain(by="region")`` returns them.
    images : dict of str to ndarray, default=None
        Pixels of the image columns.

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (n_panels,)
        The bars, then a panel for each image and each text.
    figure_ : Figure
        Their figure.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl.display import ExplanationDisplay
    >>> columns = pd.DataFrame({"task": "kind", "label": "cat", "column": ["photo", "title"]})
    >>> columns["contribution"] = [2.0, -1.0]
    >>> ExplanationDisplay(columns).plot().axes_.shape
    (1,)
    """

    def __init__(
        self,
        columns: pd.DataFrame,
        words: pd.DataFrame | None = None,
        regions: pd.DataFrame | None = None,
        images: dict[str, np.ndarray] | None = None,
    ) -> None:
        self.columns = columns
        self.words = words
        self.regions = regions
        self.images = images

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Rows,
        *,
        row: int = 0,
        task: str | None = None,
        label: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the explanation of one row.

        Parameters
        ----------
        estimator : estimator
            A fitted estimator of skmtl.
        X : table
            What the estimator takes.
        row : int, default=0
            Position of the row in `X`.
        task : str, default=None
            The task; None takes the first one.
        label : object, default=None
            The class or tag to explain; None takes the one that has most evidence.
        ax : None or array-like of Axes, default=None
            One for the bars and one for each image and text of the row; None makes a new figure.

        Returns
        -------
        ExplanationDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If the row, the task or the label is unknown.
        """
        X = as_table(as_pandas(X))
        n_rows = split_table(X).n_samples
        if not -n_rows <= row < n_rows:
            raise ValueError(f"row must be a position in X, which has {n_rows} rows; got {row}.")
        row %= n_rows
        one = X.iloc[row : row + 1] if hasattr(X, "iloc") else X[row : row + 1]
        task = estimator.task_names_[0] if task is None else task
        columns = estimator.explain(one, task=task, label=label)
        kinds = set(estimator.columns_.values())
        words, regions, images = None, None, {}
        if "text" in kinds:
            words = estimator.explain(one, task=task, label=label, by="word")
        if "image" in kinds:
            regions = estimator.explain(one, task=task, label=label, by="region")
            cells = split_table(one).columns
            for name in regions["column"].unique():
                cell = cells[name].iloc[0] if hasattr(cells[name], "iloc") else cells[name][0]
                images[name] = drawable_pixels(cell, row, name)
        return cls(columns, words, regions, images).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the bars, and a panel for each image and each text.

        Parameters
        ----------
        ax : None or array-like of Axes, default=None
            One per panel; None makes a new figure.

        Returns
        -------
        ExplanationDisplay
            The display itself.
        """
        texts = {} if self.words is None else dict(list(self.words.groupby("column", sort=False)))
        images = self.images or {}
        n_panels = 1 + len(images) + len(texts)
        axes = make_axes(ax, 1, n_panels, size=(3.6, 3.4))
        shown = [*self.columns[["task", "label", "column"]].astype(str).to_numpy().ravel()]
        shown += [] if self.words is None else [*self.words["word"]]
        legible = Legible(shown)
        self._draw_bars(axes[0], legible)
        for panel, (name, pixels) in zip(axes[1:], images.items(), strict=False):
            self._draw_image(panel, name, pixels, legible)
        for panel, (name, words) in zip(axes[1 + len(images) :], texts.items(), strict=True):
            self._draw_text(panel, name, words, legible)
        self.axes_, self.figure_ = axes, axes[0].figure
        return self

    def _draw_bars(self, panel, legible):
        shares = self.columns[::-1]
        names = [legible.show(name, 18) for name in shares["column"]]
        values = shares["contribution"].to_numpy()
        colours = [
            GREY if name == _START else FOR if value >= 0 else AGAINST
            for name, value in zip(shares["column"], values, strict=True)
        ]
        panel.barh(range(len(values)), values, color=colours)
        panel.set_yticks(range(len(values)), names, fontfamily=legible.family, fontsize=9)
        panel.axvline(0, color="black", linewidth=0.8)
        panel.spines[["top", "right"]].set_visible(False)
        first = self.columns.iloc[0]
        label = "" if first["label"] == "number" else f": {first['label']}"
        title = legible.show(f"{first['task']}{label}", 34)
        panel.set_title(title, fontfamily=legible.family, fontsize=10)
        panel.set_xlabel(f"contribution; together {values.sum():.3g}", fontsize=9)

    def _draw_image(self, panel, name, pixels, legible):
        panel.set_title(legible.show(name, 30), fontfamily=legible.family, fontsize=10)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.imshow(pixels, cmap="gray" if pixels.ndim == 2 else None)
        height, width = pixels.shape[:2]
        regions = self.regions[self.regions["column"] == name]
        largest = self._largest(regions)
        for region in regions.itertuples():
            share = abs(region.contribution) / largest
            corner = (region.left * width - 0.5, region.top * height - 0.5)
            panel.add_patch(
                _rectangle(
                    corner,
                    (region.right - region.left) * width,
                    (region.bottom - region.top) * height,
                    colour=FOR if region.contribution >= 0 else AGAINST,
                    alpha=0.75 * share,
                )
            )

    def _draw_text(self, panel, name, words, legible):
        from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea, VPacker

        panel.set_title(legible.show(name, 30), fontfamily=legible.family, fontsize=10)
        panel.set_axis_off()
        words = words[words["word"] != _START]
        largest = self._largest(words)
        lines, used = [[]], 0
        for word, value in zip(words["word"], words["contribution"], strict=True):
            text = legible.show(word, _WIDTH)
            if used + n_columns(text) > _WIDTH and lines[-1]:
                if len(lines) == _LINES:
                    lines[-1].append(TextArea("…", textprops={"fontsize": 11}))
                    break
                lines.append([])
                used = 0
            used += n_columns(text) + 1
            back = _mixed(FOR if value >= 0 else AGAINST, abs(value) / largest)
            style = {"fontfamily": legible.family, "fontsize": 11, "backgroundcolor": back}
            lines[-1].append(TextArea(text, textprops=style))
        rows = [HPacker(children=line, pad=0, sep=9) for line in lines if line]
        if rows:
            box = VPacker(children=rows, pad=0, sep=9)
            panel.add_artist(AnchoredOffsetbox("center", child=box, frameon=False, pad=0))

    def _largest(self, parts):
        """Return what has full colour: not what is small beside the contributions of columns."""
        columns = self.columns[self.columns["column"] != _START]["contribution"]
        sizes = [0.1 * float(np.abs(columns).max()), *np.abs(parts["contribution"])]
        return max(sizes) or 1.0


def _rectangle(corner, width, height, *, colour, alpha):
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, facecolor=colour, alpha=alpha, linewidth=0)


def _mixed(colour, share):
    """Return a colour mixed with white; dark letters stay legible on it."""
    from matplotlib.colors import to_rgb

    return tuple(1 - 0.7 * share * (1 - np.array(to_rgb(colour))))
