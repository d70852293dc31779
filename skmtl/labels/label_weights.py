"""Sample, class and label weights in one array."""

from collections.abc import Mapping
from numbers import Real

import numpy as np

from skmtl.data.weights import read_sample_weight
from skmtl.exceptions import describe
from skmtl.labels.head import target_slices
from skmtl.labels.tasks import Targets, Tasks


def label_weights(
    targets: Targets, tasks: Tasks, *, sample_weight=None, class_weight=None, balance=None
) -> np.ndarray:
    """Return the weight of every label: 0 where it is missing.

    Parameters
    ----------
    targets : Targets
        The labels, from ``tasks.encode(y)``.
    tasks : Tasks
        Names and kinds of the tasks.
    sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), optional
        Weights of rows, or of single labels; finite and not negative. Columns without names stand
        in the order of those of `y`.
    class_weight : "balanced" or dict, optional
        "balanced" for every task, or ``{task: "balanced" | {class: weight}}``. With a 1-D `y` also
        ``{class: weight}``. Classes that are not named keep the weight 1, and so do labels that are
        no classes.
    balance : Targets, optional
        Labels whose classes "balanced" counts, such as those that are trained on; by default
        `targets`.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_tasks)

    Raises
    ------
    ValueError
        If a shape, a weight, a task or a class is wrong, or every label has the weight 0.

    Examples
    --------
    >>> from skmtl.labels import Tasks, label_weights
    >>> y = [["a", 0], ["b", 1], ["b", None]]
    >>> tasks = Tasks.of(y)
    >>> label_weights(tasks.encode(y), tasks, sample_weight=[1, 2, 3]).tolist()
    [[1.0, 1.0], [2.0, 2.0], [3.0, 0.0]]
    """
    weights = targets.is_labelled.astype(np.float32)
    if sample_weight is not None:
        given = read_sample_weight(sample_weight, tasks.names, len(weights), targets.places)
        weights *= given.astype(np.float32)
    slices = target_slices(tasks.heads)
    for task, value in _class_weights(tasks, class_weight).items():
        place = slices[task].start
        counted = targets if balance is None else balance
        labelled = counted.values[counted.is_labelled[:, task], place].astype(int)
        factors = _task_factors(tasks.names[task], labelled, tasks.kinds[task].classes, value)
        weights[:, task] *= factors[targets.values[:, place].astype(int)]
    if len(weights) and not weights.any():
        raise ValueError(
            "All weights are zero: sample_weight and class_weight leave no label to train on."
        )
    return weights


def _class_weights(tasks, class_weight) -> dict[int, object]:
    """Return the class weights of the tasks that have any."""
    if class_weight is None:
        return {}
    have = [
        name for name, kind in zip(tasks.names, tasks.kinds, strict=True) if kind.has_class_weights
    ]
    if isinstance(class_weight, str):
        class_weight = dict.fromkeys(have, class_weight)
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            f"class_weight must be None, 'balanced' or a dict; got {describe(class_weight)}."
        )
    if tasks.one_dimensional and not set(class_weight) & set(tasks.names):
        class_weight = {tasks.names[0]: class_weight}
    unknown = [name for name in class_weight if name not in tasks.names]
    if unknown:
        raise ValueError(f"class_weight names unknown tasks {unknown}; tasks: {list(tasks.names)}.")
    class_weight = {name: value for name, value in class_weight.items() if value is not None}
    for name in class_weight:
        if name not in have:
            kind = tasks.kinds[tasks.names.index(name)].kind
            raise ValueError(
                f"class_weight is for classes, and task {name!r} is of the kind {kind!r}; leave it "
                "out, or weigh its rows with sample_weight."
            )
    return {tasks.names.index(name): value for name, value in class_weight.items()}


def _task_factors(name, codes, classes, value) -> np.ndarray:
    if isinstance(value, str):
        if value != "balanced":
            raise ValueError(f"class_weight of task {name!r} must be 'balanced'; got {value!r}.")
        counts = np.bincount(codes, minlength=len(classes))
        if not counts.any():
            return np.ones(len(classes), np.float32)
        # of the classes that are there: the mean weight of a row is 1, also in a fold without some
        n_there = np.count_nonzero(counts)
        return (counts.sum() / (n_there * np.maximum(counts, 1))).astype(np.float32)
    if not isinstance(value, Mapping):
        raise TypeError(
            f"class_weight of task {name!r} must be 'balanced' or a dict; got {describe(value)}."
        )
    factors = np.ones(len(classes), np.float32)
    code_of = {label: code for code, label in enumerate(classes.tolist())}
    for label, weight in value.items():
        if label not in code_of:
            raise ValueError(f"class_weight of task {name!r} names the unknown class {label!r}.")
        if not isinstance(weight, Real) or not np.isfinite(weight) or weight < 0:
            raise ValueError(
                f"class_weight of task {name!r}, class {label!r}, must be finite and not negative; "
                f"got {weight!r}."
            )
        factors[code_of[label]] = weight
    return factors
