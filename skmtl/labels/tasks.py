"""The tasks of an estimator: names, kinds of labels, and what they have in common."""

from dataclasses import dataclass

import numpy as np

from skmtl.data.labels import read_labels, stack_labels
from skmtl.data.weights import read_sample_weight
from skmtl.labels.classes import ClassLabels
from skmtl.labels.head import Head
from skmtl.labels.kind import LabelKind
from skmtl.labels.numbers import NumberLabels
from skmtl.labels.options import LabelOptions, classes_by_task
from skmtl.labels.ordinal import OrdinalLabels
from skmtl.labels.tags import TagLabels

# a new kind of label is one more file and one more entry; the first that recognises a column has it
LABEL_KINDS = (TagLabels, NumberLabels, OrdinalLabels, ClassLabels)
MOST_WHOLE_NUMBERS = 30  # different ones that are taken for classes, where numbers are allowed, too


@dataclass(frozen=True, eq=False)
class Targets:
    """The labels of all tasks as numbers that a network learns.

    Parameters
    ----------
    values : ndarray of float32, shape (n_samples, n_targets)
        The columns of each task, one task after the other; 0 where a label is missing.
    is_labelled : ndarray of bool, shape (n_samples, n_tasks)
        False where a label is missing.
    places : list of int
        The column of `y` that each task was read from.
    """

    values: np.ndarray
    is_labelled: np.ndarray
    places: list[int]


@dataclass(frozen=True, eq=False)
class Tasks:
    """The tasks of an estimator: their names and their kinds of labels.

    Parameters
    ----------
    names : tuple of str
        One name per task.
    kinds : tuple of LabelKind
        What the labels of each task are.
    one_dimensional : bool
        Whether `y` was 1-D, so that predictions are 1-D too.
    missing_label : object
        The label that says "missing", beside None, NaN and NA.

    Examples
    --------
    >>> from skmtl.labels import Tasks
    >>> tasks = Tasks.of(["no", "yes", None])
    >>> targets = tasks.encode(["yes", None])
    >>> targets.values.tolist(), targets.is_labelled.tolist(), tasks.one_dimensional
    ([[1.0], [0.0]], [[True], [False]], True)
    """

    names: tuple[str, ...]
    kinds: tuple[LabelKind, ...]
    one_dimensional: bool
    missing_label: object = None

    @classmethod
    def of(
        cls, y, *, missing_label=None, classes=None, n_rows=None, kinds=("class",), options=None
    ) -> "Tasks":
        """Read the tasks off the label columns.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; None, NaN, NA or `missing_label` where there is none.
        missing_label : str, number or bool, optional
            One more value that says "missing".
        classes : array-like of shape (n_classes,), or dict of task to such, optional
            All classes, where `y` does not hold them.
        n_rows : int, optional
            Number of rows of `X`, which `y` must have too.
        kinds : sequence of str
            Names of the kinds that tasks may have; the first one is taken where none is recognised.
        options : callable, optional
            From the names of the tasks to a `LabelOptions` for each.

        Returns
        -------
        Tasks

        Raises
        ------
        ValueError
            If a task has no label, a single class, or fractions for labels.
        TypeError
            If the labels of a task mix strings, numbers and bools.

        Examples
        --------
        >>> tasks = Tasks.of([["cat", 1], ["dog", None], ["cat", 0]])
        >>> tasks.names, [classes.tolist() for classes in tasks.classes]
        (('task_0', 'task_1'), [['cat', 'dog'], [0, 1]])
        """
        table = read_labels(y, missing_label=missing_label, n_rows=n_rows)
        names = table.names
        _refuse_one_hot(table)
        classes = classes_by_task(classes, names, one_dimensional=table.is_one_dimensional)
        said = options(names) if options else {}
        found = []
        for column in table.columns:
            one = said.get(column.name, LabelOptions())
            kind = _kind_of(column, kinds, one)
            foreign = sorted(one.said - kind.takes)
            if foreign:
                raise ValueError(
                    f"{foreign[0]} names task {column.name!r}, which is of the kind {kind.kind!r} "
                    "and has no such option; leave it out."
                )
            found.append(kind.of(column, classes.get(column.name), one))
        return cls(tuple(names), tuple(found), table.is_one_dimensional, missing_label)

    @property
    def classes(self) -> tuple[np.ndarray | None, ...]:
        """The classes or tags of each task; None for numbers."""
        return tuple(kind.classes for kind in self.kinds)

    @property
    def heads(self) -> tuple[Head, ...]:
        """What ends the network for each task."""
        return tuple(kind.head for kind in self.kinds)

    def encode(self, y) -> Targets:
        """Return labels as numbers that a network learns.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels of the same tasks. A frame's columns are found by their names.

        Returns
        -------
        Targets

        Raises
        ------
        TypeError, ValueError
            If a task is missing or unknown, or a label was not in fit or is of another kind.
        """
        table = read_labels(y, missing_label=self.missing_label)
        places = self._places(table)
        columns = [table.columns[place] for place in places]
        values = [kind.encode(column) for kind, column in zip(self.kinds, columns, strict=True)]
        labelled = np.stack([column.is_labelled for column in columns], axis=1)
        return Targets(np.concatenate(values, axis=1), labelled, places)

    def _places(self, table) -> list[int]:
        """Return where each task stands in a table of labels."""
        is_frame = table.has_names and not table.is_one_dimensional
        if is_frame and set(table.names) == set(self.names):
            return [table.names.index(name) for name in self.names]
        if is_frame or len(table.columns) != len(self.names):
            raise ValueError(f"y must have the tasks {list(self.names)}; got {table.names}.")
        return list(range(len(self.names)))

    def predict(self, outputs) -> np.ndarray:
        """Return the predicted labels.

        Parameters
        ----------
        outputs : list of ndarray of shape (n_samples, n_outputs)
            Outputs of the network for each task, such as class probabilities.

        Returns
        -------
        ndarray of shape (n_samples, n_tasks), or (n_samples,) if `y` was 1-D
            Labels of different kinds share an object array.
        """
        if self.one_dimensional:
            return self.kinds[0].predict_alone(outputs[0])
        columns = [kind.predict(o) for kind, o in zip(self.kinds, outputs, strict=True)]
        return stack_labels(columns)

    def score(self, y, outputs, sample_weight=None) -> float:
        """Return the mean over the tasks of their scores on the rows that have a label.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels; one that was not in fit is predicted wrong.
        outputs : list of ndarray of shape (n_samples, n_outputs)
            Outputs of the network for each task.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), optional
            Weights of rows, or of single labels.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If the numbers of rows differ, or no label has a weight above 0.
        """
        table = read_labels(y, missing_label=self.missing_label)
        places, n_rows = self._places(table), table.n_rows
        columns = [table.columns[place] for place in places]
        if n_rows != len(outputs[0]):
            raise ValueError(
                f"X and y must have the same number of rows; got {len(outputs[0])} and {n_rows}."
            )
        weights = np.stack([column.is_labelled for column in columns], axis=1).astype(np.float64)
        if sample_weight is not None:
            weights *= read_sample_weight(sample_weight, self.names, n_rows, places)
        if not weights.any():
            raise ValueError("y has no label for any task: there is nothing to score.")
        scores = []
        for task, (kind, column) in enumerate(zip(self.kinds, columns, strict=True)):
            rows = np.flatnonzero(weights[:, task])
            if len(rows):
                scores.append(
                    kind.score(column.take(rows), outputs[task][rows], weights[rows, task])
                )
        return float(np.mean(scores))


def _refuse_one_hot(table):
    """Refuse class indicators, which would train a task per class."""
    if table.has_names or len(table.columns) < 3 or not table.n_rows:
        return
    try:
        values = np.stack([column.values for column in table.columns], axis=1).astype(np.float64)
    except (TypeError, ValueError):
        return
    if np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all():
        raise ValueError(
            f"y looks one-hot: each row has a single 1 among {values.shape[1]} columns. For one "
            "task, pass the numbers of the classes, y.argmax(axis=1); if each column is a "
            "task, name the columns in a DataFrame."
        )


def _kind_of(column, kinds, options) -> type[LabelKind]:
    """Return the kind that the user names, or the first that recognises a column."""
    by_name = {kind.kind: kind for kind in LABEL_KINDS}
    if options.kind is not None:
        if options.kind not in kinds:
            hint = ""
            if options.kind in by_name:
                hint = " MultiTaskEstimator takes any mixture of kinds of labels."
            raise ValueError(
                f"tasks: the kind of task {column.name!r} must be one of {sorted(kinds)} in this "
                f"estimator; got {options.kind!r}.{hint}"
            )
        return by_name[options.kind]
    allowed = [kind for kind in LABEL_KINDS if kind.kind in kinds]
    if len(kinds) > 1:
        found = next((kind for kind in allowed if kind.recognizes(column, options)), None)
        if "number" in kinds and found in (None, ClassLabels):
            _refuse_many_whole_numbers(column)
        if found is not None:
            return found
    return by_name[kinds[0]]  # where no kind fits, it says what is wrong


def _refuse_many_whole_numbers(column):
    """Ask whether whole numbers of many values are classes or numbers."""
    labels = column.labels
    if column.categories is not None:  # of a dtype that says what they are
        return
    if labels.dtype.kind not in "iuf" or len(np.unique(labels)) <= MOST_WHOLE_NUMBERS:
        return
    raise ValueError(
        f"y: task {column.name!r} has {len(np.unique(labels))} different whole numbers, which may "
        f"be classes or numbers; say tasks={{{column.name!r}: 'number'}} or 'class'."
    )
