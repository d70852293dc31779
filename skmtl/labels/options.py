"""What a user may say of the labels of a task: its kind, its loss, how cells are read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real

from skmtl.exceptions import describe
from skmtl.labels.keras_losses import as_keras_loss

TRANSFORMS = ("log1p",)
QUANTILES = (0.1, 0.5, 0.9)
# names of losses that one kind has; Keras has losses of some of these names, too
LOSS_NAMES = (
    "crossentropy", "focal", "cumulative", "squared", "huber", "absolute", "quantile",
)  # fmt: skip


@dataclass(frozen=True)
class LabelOptions:
    """Options of one task; those that its kind does not have are left as they are.

    Parameters
    ----------
    kind : str or None
        Name of the kind; None infers it.
    order : tuple or None
        Classes in their order, for the kind "ordinal".
    loss : str or None
        Name of a loss of the kind, or what `as_keras_loss` made; None for the kind's first.
    label_smoothing : float
        Share of a class label that is spread over all classes.
    quantiles : tuple of float
        Which quantiles the loss "quantile" learns.
    transform : {"log1p"} or None
        What numbers go through before they are learned.
    tag_separator : str or None
        What stands between the tags in a string.
    said : frozenset of str
        Parameters that name the task.
    """

    kind: str | None = None
    order: tuple | None = None
    loss: str | None = None
    label_smoothing: float = 0.0
    quantiles: tuple[float, ...] = QUANTILES
    transform: str | None = None
    tag_separator: str | None = None
    said: frozenset[str] = frozenset()

    def loss_of(self, name, kind, losses) -> str:
        """Return the loss of a task: one of those of its kind, or one of Keras.

        Raises
        ------
        ValueError
            If its kind has no such loss.
        """
        loss = losses[0] if self.loss is None else self.loss
        if loss in losses or loss.startswith("{"):
            return loss
        if loss not in LOSS_NAMES:
            return as_keras_loss(loss)
        known = ", ".join(map(repr, losses))
        raise ValueError(
            f"task_losses: task {name!r} is of the kind {kind!r}, whose losses are {known}, and "
            f"those of Keras; got {loss!r}."
        )


def classes_by_task(classes, names, *, one_dimensional) -> dict:
    """Return all classes of the tasks that have such a list.

    Parameters
    ----------
    classes : None, array-like, dict of task to array-like, or list of array-like
        One array-like for a 1-D `y`, else one per task.
    names : sequence of str
        The tasks.
    one_dimensional : bool
        Whether `y` is 1-D.

    Raises
    ------
    TypeError, ValueError
        If there is a task too many or too few, or something is no list of classes.
    """
    if classes is None:
        return {}
    if isinstance(classes, Mapping):
        found = _by_task(classes, names, "classes")
    elif one_dimensional:
        found = {names[0]: classes}
    elif isinstance(classes, str) or len(classes) != len(names):
        raise ValueError(
            f"classes must be a dict of task to list, or have a list for each of the tasks "
            f"{list(names)}; got {describe(classes)}."
        )
    else:
        found = dict(zip(names, classes, strict=True))
    found = {name: one for name, one in found.items() if one is not None}
    for name, one in found.items():
        if isinstance(one, str) or not hasattr(one, "__len__"):
            raise TypeError(
                f"classes of task {name!r} must be a list or an array; got {describe(one)}."
            )
    return found


def label_options(estimator, names) -> dict[str, LabelOptions]:
    """Return the options of every task.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameters are checked.
    names : sequence of str
        The tasks.

    Raises
    ------
    TypeError, ValueError
        If a parameter names an unknown task, or has a value that is not allowed.
    """
    parameters = (
        "tasks", "task_losses", "label_smoothing", "quantiles", "target_transform", "tag_separator",
    )  # fmt: skip
    found = {name: _by_task(getattr(estimator, name), names, name) for name in parameters}
    by_name = [key for key in parameters if isinstance(getattr(estimator, key), Mapping)]
    options = {}
    for name in names:
        said = frozenset(key for key in by_name if found[key].get(name) is not None)
        values = {key: found[key].get(name) for key in parameters}
        options[name] = replace(_options(values, name), said=said)
    return options


def _by_task(value, names, parameter) -> dict:
    """Return the value of every task that has one; what is no dict holds for all tasks."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return dict.fromkeys(names, value)
    unknown = [key for key in value if key not in names]
    if unknown:
        raise ValueError(f"{parameter} names unknown tasks {unknown}; tasks: {list(names)}.")
    return dict(value)


def _options(values, name) -> LabelOptions:
    kind, order = values["tasks"], None
    if isinstance(kind, list | tuple):
        kind, order = "ordinal", tuple(kind)
    elif kind is not None and not isinstance(kind, str):
        raise TypeError(
            f"tasks: the kind of task {name!r} must be a string, or a list of classes in their "
            f"order; got {describe(kind)}."
        )
    smoothing = values["label_smoothing"] or 0.0
    if not isinstance(smoothing, Real) or not 0 <= smoothing < 1:
        raise ValueError(
            f"label_smoothing of task {name!r} must be at least 0 and below 1; "
            f"got {describe(smoothing)}."
        )
    transform = values["target_transform"]
    if transform is not None and transform not in TRANSFORMS:
        raise ValueError(
            f"target_transform of task {name!r} must be None or 'log1p'; got {describe(transform)}."
        )
    separator = values["tag_separator"]
    if separator is not None and (not isinstance(separator, str) or not separator):
        raise ValueError(
            f"tag_separator of task {name!r} must be None or a string; got {describe(separator)}."
        )
    loss = values["task_losses"]
    return LabelOptions(
        kind=kind,
        order=order,
        loss=loss if loss is None or isinstance(loss, str) else as_keras_loss(loss),
        label_smoothing=float(smoothing),
        quantiles=_quantiles(values["quantiles"], name),
        transform=transform,
        tag_separator=separator,
    )


def _quantiles(value, name) -> tuple[float, ...]:
    if value is None:  # a dict names others
        return QUANTILES
    found = (value,) if isinstance(value, Real) else value
    try:
        found = tuple(map(float, found))
    except (TypeError, ValueError):
        found = ()
    if not found or any(not 0 < q < 1 for q in found) or list(found) != sorted(set(found)):
        raise ValueError(
            f"quantiles of task {name!r} must be increasing numbers between 0 and 1; "
            f"got {describe(value)}."
        )
    return found
