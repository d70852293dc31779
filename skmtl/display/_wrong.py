"""A gallery of what a model got wrong."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from skmtl._runtime.types import Labels, Rows
from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels
from skmtl.metrics._label_kinds import as_plain_kind, kind_of_labels
from skmtl.metrics._scorers import find_columns as find_task
from skmtl.metrics._task_view import (
    Responses,
    find_attribute,
    find_missing_label,
    find_task_names,
)

from ._axes import make_axes
from ._cells import cells_of_row, drawable_pixels, find_columns
from ._legible import Legible

_WIDTH, _LINES = 24, 3  # of a text below an image


class WrongPredictionsDisplay:
    """Images and texts of wrong predictions, with truth and prediction, the surest first.

    Make one with `from_estimator`.

    Parameters
    ----------
    table : DataFrame
        One row per wrong prediction: ``row``, ``task``, ``truth``, ``prediction``,
        ``probability`` (of the prediction; NaN where unknown), ``image`` and ``text`` (cells;
        None where there is none).
    captions : tuple of str, default=("is {}", "not {}")
        What stands above a panel: the truth, and what was predicted.

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (n_panels,)
        One panel per row of the table.
    figure_ : Figure
        Their figure.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from skmtl.display import WrongPredictionsDisplay
    >>> texts, labels = ["good", "bad", "nice"], np.array(["up", "down", "up"])
    >>> model = DummyClassifier().fit(texts, labels)
    >>> display = WrongPredictionsDisplay.from_estimator(model, texts, labels)
    >>> display.table[["row", "truth", "prediction", "text"]].to_numpy().tolist()
    [[1, 'down', 'up', 'bad']]
    """

    def __init__(
        self, table: pd.DataFrame, captions: tuple[str, str] = ("is {}", "not {}")
    ) -> None:
        self.table = table
        self.captions = captions

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Rows,
        y: Labels,
        *,
        tasks: Sequence[str] | None = None,
        n_predictions: int = 12,
        image_column: str | None = None,
        text_column: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw wrong predictions of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted on the tasks. With `predict_proba`, the surest mistakes come first; without,
            the first rows.
        X : DataFrame, or list or array of images or of texts
            What the estimator takes.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        tasks : sequence of str, default=None
            The tasks to look at; None takes all that have classes.
        n_predictions : int, default=12
            How many to draw at most.
        image_column, text_column : str, default=None
            Columns of a DataFrame to draw; None takes the first image column and the first text
            column, as the estimator's `columns_` names them, or else by their cells.
        ax : None or array-like of Axes, default=None
            One per wrong prediction; None makes a new figure.

        Returns
        -------
        WrongPredictionsDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If nothing is wrong, or a task or column is unknown.
        """
        X = as_pandas(X)
        columns = read_labels(y, missing_label=find_missing_label(estimator)).columns
        names = [column.name for column in columns]
        known = find_task_names(estimator) or names
        responses = Responses(estimator, X)
        found = []
        kinds = find_attribute(estimator, "task_kinds_") or {}
        for task in names if tasks is None else tasks:
            index, position = find_task(task, names, known)
            labels = columns[index].labels
            kind = as_plain_kind(kinds.get(known[position])) or kind_of_labels(labels)
            if kind == "class":
                found.append(_mistakes_of(responses, columns[index], position))
            elif tasks is not None:
                raise ValueError(
                    f"tasks names {task!r}, whose labels are of the kind {kind!r}; classes are "
                    "drawn here, tags by TagScoresDisplay, numbers by NumberPredictionsDisplay."
                )
        if not found:
            raise ValueError("There is no task of classes to draw.")
        table = pd.concat(found, ignore_index=True)
        if not len(table):
            raise ValueError("There is no wrong prediction to draw: all are right.")
        table = table.sort_values("probability", ascending=False, kind="stable").iloc[
            :n_predictions
        ]
        table = _with_cells(table, X, estimator, image_column, text_column)
        return cls(table).plot(ax=ax)

    @classmethod
    def from_label_issues(
        cls,
        issues: pd.DataFrame,
        X: Rows,
        *,
        n_issues: int = 12,
        image_column: str | None = None,
        text_column: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw the labels that are most probably wrong.

        Parameters
        ----------
        issues : DataFrame
            What `skmtl.comparison.find_label_issues` returned; its first lines are drawn.
        X : DataFrame, or list or array of images or of texts
            The table that was audited.
        n_issues : int, default=12
            How many to draw at most.
        image_column, text_column : str, default=None
            Columns of a DataFrame to draw; None takes the first of each kind, by their cells.
        ax : None or array-like of Axes, default=None
            One per label; None makes a new figure.

        Returns
        -------
        WrongPredictionsDisplay
            The drawn display.
        """
        names = {"label": "truth", "suggestion": "prediction"}
        table = issues.iloc[:n_issues].rename(columns=names).assign(probability=np.nan)
        table = _with_cells(table, as_pandas(X), None, image_column, text_column)
        return cls(table, captions=("labelled {}", "rather {}")).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw a panel per wrong prediction.

        Parameters
        ----------
        ax : None or array-like of Axes, default=None
            One per row of the table; None makes a new figure.

        Returns
        -------
        WrongPredictionsDisplay
            The display itself.
        """
        n_panels = len(self.table)
        n_columns = n_panels if ax is not None else min(4, n_panels)
        n_rows = -(-n_panels // n_columns)
        axes = make_axes(ax, n_rows, n_columns, size=(2.6, 3.4))
        texts = self.table[["task", "truth", "prediction", "text"]].astype(str)
        legible = Legible(texts.to_numpy().ravel())
        for panel, (_, mistake) in zip(axes, self.table.iterrows(), strict=False):
            self._draw(panel, mistake, legible)
        for panel in axes[n_panels:]:
            panel.remove()
        self.axes_, self.figure_ = axes[:n_panels], axes[0].figure
        return self

    def _draw(self, panel, mistake, legible):
        pixels = drawable_pixels(mistake["image"], mistake["row"], "image")
        n_lines = _LINES if pixels is not None else 2 * _LINES
        text = mistake["text"]
        text = None if text is None else legible.show(text, _WIDTH, n_lines)
        panel.set_xticks([])
        panel.set_yticks([])
        style = {"fontfamily": legible.family, "fontsize": 9}
        if pixels is not None:
            panel.imshow(pixels, cmap="gray" if pixels.ndim == 2 else None)
            panel.set_xlabel(text or "(no text)", **style)
        else:
            panel.text(
                0.5, 0.5, text or "(no image, no text)", ha="center", va="center",
                transform=panel.transAxes, **style,
            )  # fmt: skip
        sure = "" if np.isnan(mistake["probability"]) else f" ({mistake['probability']:.0%})"
        lines = [
            legible.show(mistake["task"], _WIDTH),
            legible.show(self.captions[0].format(mistake["truth"]), _WIDTH),
            legible.show(self.captions[1].format(mistake["prediction"]), _WIDTH - len(sure)) + sure,
        ]
        panel.set_title("\n".join(lines), **style)


def _with_cells(table, X, estimator, image_column, text_column) -> pd.DataFrame:
    """Return a table of rows with the image and the text of each row."""
    is_frame = isinstance(X, pd.DataFrame)
    drawn = find_columns(estimator, X, image_column, text_column) if is_frame else None
    cells = [cells_of_row(X, row, drawn) for row in table["row"]]
    table = table.reset_index(drop=True)
    table["image"] = pd.Series([image for image, _ in cells], dtype=object)
    table["text"] = pd.Series([text for _, text in cells], dtype=object)
    return table


def _mistakes_of(responses, column, position):
    predicted = responses.predict(position)
    rows = np.flatnonzero(column.is_labelled)
    rows = rows[np.asarray(predicted[rows] != column.values[rows], dtype=bool)]
    probability = np.full(len(rows), np.nan)
    if hasattr(responses.estimator, "predict_proba") and len(rows):
        probability = responses.predict_proba(position)[rows].max(axis=1)
    return pd.DataFrame(
        {
            "row": rows,
            "task": column.name,
            "truth": column.values[rows],
            "prediction": predicted[rows],
            "probability": probability,
        }
    ).astype({"truth": object, "prediction": object})
