"""Confusion matrices, one per task."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from sklearn.metrics import confusion_matrix

from skmtl._runtime.types import Labels, Rows
from skmtl.data.labels import as_label_array, read_labels
from skmtl.metrics._label_kinds import as_plain_kind, kind_of_labels
from skmtl.metrics._task_view import find_attribute, true_and_predicted

from ._axes import make_axes
from ._legible import Legible

_NUMBERED = 15  # classes up to which cells hold numbers
_WIDTH = 28  # columns of a name, longer ones are cut off


class TaskConfusionMatrixDisplay:
    """One confusion matrix per task, over the rows labelled for it.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    matrices : dict of str to ndarray of shape (n_classes, n_classes)
        Per task; rows are true classes, columns predicted ones.
    labels : dict of str to array-like of shape (n_classes,)
        The classes of each task, in the order of the matrix.

    Attributes
    ----------
    axes_ : ndarray of Axes, shape (n_panels,)
        One panel per task.
    figure_ : Figure
        Their figure.

    Examples
    --------
    >>> from skmtl.display import TaskConfusionMatrixDisplay
    >>> display = TaskConfusionMatrixDisplay.from_predictions(
    ...     [["cat", 0], ["dog", None], ["dog", 1]], [["cat", 1], ["cat", 0], ["dog", 1]]
    ... )
    >>> display.matrices["task_0"].tolist()
    [[1, 0], [1, 1]]
    """

    def __init__(self, matrices: Mapping[str, Any], labels: Mapping[str, Any]) -> None:
        self.matrices = {task: np.asarray(matrix) for task, matrix in matrices.items()}
        self.labels = {task: np.asarray(names) for task, names in labels.items()}

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Rows,
        y: Labels,
        *,
        tasks: Sequence[str] | None = None,
        normalize: Literal["true", "pred", "all"] | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw the confusions of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted on the tasks.
        X : table of n_samples rows
            What the estimator takes.
        y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        tasks : sequence of str, default=None
            The tasks to draw; None draws all that have classes.
        normalize : {"true", "pred", "all"}, default=None
            As in scikit-learn's `confusion_matrix`.
        ax : None or array-like of Axes, default=None
            One per task; None makes a new figure.

        Returns
        -------
        TaskConfusionMatrixDisplay
            The drawn display.
        """
        pair = true_and_predicted(estimator, X, y)
        kinds = find_attribute(estimator, "task_kinds_") or {}
        return cls._from_columns(*pair, tasks, normalize, kinds).plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Labels,
        y_pred: Labels,
        *,
        tasks: Sequence[str] | None = None,
        normalize: Literal["true", "pred", "all"] | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw the confusions of predictions.

        Parameters
        ----------
        y_true : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; a missing one leaves its row out of its task.
        y_pred : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
            Predictions, columns in the order of `y_true`.
        tasks : sequence of str, default=None
            The tasks to draw; None draws all that have classes.
        normalize : {"true", "pred", "all"}, default=None
            As in scikit-learn's `confusion_matrix`.
        ax : None or array-like of Axes, default=None
            One per task; None makes a new figure.

        Returns
        -------
        TaskConfusionMatrixDisplay
            The drawn display.
        """
        columns = read_labels(y_true, parameter="y_true").columns
        predicted = read_labels(y_pred, parameter="y_pred").columns
        return cls._from_columns(columns, predicted, tasks, normalize, {}).plot(ax=ax)

    @classmethod
    def _from_columns(cls, columns, predicted, tasks, normalize, kinds):
        names = [column.name for column in columns]
        if len(columns) != len(predicted):
            raise ValueError(
                f"There must be a column of predictions per task; got {len(predicted)} for {names}."
            )
        unknown = [task for task in tasks or () if task not in names]
        if unknown:
            raise ValueError(f"tasks names unknown tasks {unknown}; known: {names}.")
        matrices, labels = {}, {}
        for column, guess in zip(columns, predicted, strict=True):
            if tasks is not None and column.name not in tasks:
                continue
            keep = column.is_labelled
            if not keep.any():
                raise ValueError(f"Task {column.name!r} has no labelled row.")
            truth, guess = column.labels, as_label_array(guess.values[keep])
            kind = as_plain_kind(kinds.get(column.name)) or kind_of_labels(truth, guess)
            if kind != "class":
                if tasks is None:
                    continue
                raise ValueError(
                    f"tasks names {column.name!r}, whose labels are of the kind {kind!r}; classes "
                    "are drawn here, tags by TagScoresDisplay, numbers by NumberPredictionsDisplay."
                )
            classes = np.unique(np.concatenate([truth, guess]))
            labels[column.name] = classes
            matrices[column.name] = confusion_matrix(
                truth, guess, labels=classes, normalize=normalize
            )
        if not matrices:
            raise ValueError("There is no task of classes to draw.")
        return cls(matrices, labels)

    def plot(self, ax: Any = None) -> Self:
        """Draw a panel per task.

        Parameters
        ----------
        ax : None, Axes or array-like of Axes, default=None
            One per task; None makes a new figure.

        Returns
        -------
        TaskConfusionMatrixDisplay
            The display itself.
        """
        sides = [np.clip(2.5 + 0.24 * len(names), 4.0, 16.0) for names in self.labels.values()]
        size = (sum(sides) / len(sides) + 1.5, max(sides) + 1.0)
        axes = make_axes(ax, 1, len(self.matrices), size=size, width_ratios=sides)
        legible = Legible([*self.labels, *(n for names in self.labels.values() for n in names)])
        for panel, (task, matrix) in zip(axes, self.matrices.items(), strict=True):
            image = panel.imshow(matrix, cmap="Blues", vmin=0)
            panel.figure.colorbar(image, ax=panel, fraction=0.046, pad=0.04)
            names = [legible.show(name, _WIDTH) for name in self.labels[task]]
            size = float(np.clip(360 / len(names), 6, 10))
            style = {"fontfamily": legible.family, "fontsize": size}
            panel.set_xticks(range(len(names)), names, rotation=90, **style)
            panel.set_yticks(range(len(names)), names, **style)
            panel.set_title(legible.show(task, _WIDTH), fontfamily=legible.family)
            panel.set_xlabel("predicted")
            panel.set_ylabel("true")
            if len(names) <= _NUMBERED:
                self._write_numbers(panel, matrix)
        self.axes_, self.figure_ = axes, axes[0].figure
        return self

    @staticmethod
    def _write_numbers(panel, matrix):
        counts = np.issubdtype(matrix.dtype, np.integer)
        for (row, column), value in np.ndenumerate(matrix):
            panel.text(
                column,
                row,
                f"{value}" if counts else f"{value:.2f}",
                ha="center",
                va="center",
                size="small",
                color="white" if value > matrix.max() / 2 else "black",
            )
