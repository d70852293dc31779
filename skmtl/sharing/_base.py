"""The contract of every sharing scheme."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import keras

from skmtl._runtime.checks import as_units
from skmtl._runtime.strategy import Strategy


@dataclass(frozen=True)
class Trunk:
    """Layers between the fused branches and the heads.

    Parameters
    ----------
    call : callable
        One tensor ``(n_samples, n_features)`` per task to one tensor per task. It may be called
        more than once (late fusion calls it once per modality) and uses the same layers each time.
    shared_layers : list of keras.Layer
        Layers that several tasks train: the losses of at least two tasks depend on them.
    task_layers : list of list of keras.Layer
        For each task, the layers that only it trains.
    last_shared_layers : list of keras.Layer
        The shared layers nearest to the heads, whose gradients GradNorm compares. By default the
        last one of `shared_layers` that has weights.

    Examples
    --------
    >>> from skmtl.sharing import Trunk
    >>> Trunk(lambda inputs: inputs).shared_layers
    []
    """

    call: Callable[[list], list]
    shared_layers: list = field(default_factory=list)
    task_layers: list = field(default_factory=list)
    last_shared_layers: list = field(default_factory=list)


class Sharing(Strategy):
    """How the tasks share the layers between branches and heads.

    Examples
    --------
    >>> from skmtl.sharing import Sharing, Trunk
    >>> class Nothing(Sharing):
    ...     def build(self, *, n_tasks, units, dropout):
    ...         return Trunk(lambda inputs: inputs, [], [[]] * n_tasks)
    >>> Nothing().build(n_tasks=2, units=(), dropout=0.0).call(["x", "x"])
    ['x', 'x']
    """

    own_branches = False
    """Whether each task gets separate branches."""

    @property
    def key(self) -> tuple:
        """Text of type and all parameters; networks of equal keys are alike."""
        return f"{type(self).__module__}.{type(self).__qualname__}", self.program_key()[1]

    def layer_units(self, trunk_units: tuple) -> tuple:
        """Return the widths of the layers that a row goes through between branches and heads.

        Parameters
        ----------
        trunk_units : tuple of int
            The parameter of the classifier; by default it is empty.

        Returns
        -------
        tuple of int
            By default `trunk_units`. A scheme that makes no sense without layers puts its own
            default in the place of an empty tuple.
        """
        return trunk_units

    def split(self, filters: tuple[int, ...], n_tasks: int) -> tuple[tuple, tuple]:  # noqa: ARG002
        """Return the filters of the stages of a CNN that tasks share, and of those of each task.

        Parameters
        ----------
        filters : tuple of int
            Filters of the stages of the whole CNN.
        n_tasks : int
            Number of tasks that see its images.

        Returns
        -------
        shared : tuple of int
            Of the stages that all tasks share.
        own : tuple of int
            Of the stages of one task; empty, as by default, where the tasks do not part.
        """
        return filters, ()

    @abstractmethod
    def build(self, *, n_tasks: int, units: tuple, dropout: float) -> Trunk:
        """Return a trunk.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.
        units : tuple of int
            Widths of the layers, as from `layer_units`.
        dropout : float
            Share of each layer's outputs that is dropped while training.

        Returns
        -------
        Trunk
            Its layers are new.
        """


def dense_stack(name: str, units, dropout: float) -> list:
    """Return the layers of a small fully connected network."""
    layers = []
    for depth, width in enumerate(units):
        layers.append(keras.layers.Dense(width, activation="relu", name=f"{name}_dense_{depth}"))
        if dropout:
            layers.append(keras.layers.Dropout(dropout, name=f"{name}_dropout_{depth}"))
    return layers


def apply_stack(layers, x):
    """Return `x` after all layers."""
    for layer in layers:
        x = layer(x)
    return x


def flat(stacks) -> list:
    """Return the layers of several small networks in one list."""
    return [layer for stack in stacks for layer in stack]


def once_per_input(compute, inputs) -> list:
    """Return for each task its own entry of what `compute` makes of the task's input.

    Tasks see different inputs where `task_columns` says so. Then every task gets what the whole
    trunk makes of its input: nothing of a modality that it may not see reaches it.

    Parameters
    ----------
    compute : callable
        A tensor to a list of tensors, one per task.
    inputs : list of tensor
        One per task.
    """
    made = {}
    for x in inputs:
        if id(x) not in made:
            made[id(x)] = compute(x)
    return [made[id(x)][task] for task, x in enumerate(inputs)]


def own_or_trunk_units(name: str, units, trunk_units: tuple, default: tuple) -> tuple:
    """Return the widths that a scheme was given, or else those of the trunk, or else its default.

    Parameters
    ----------
    name : str
        Name of the parameter, for the error text.
    units : int, sequence of int or None
        Value of the parameter.
    trunk_units : tuple of int
        What None stands for, unless it is empty.
    default : tuple of int
        What None stands for then.

    Raises
    ------
    TypeError, ValueError
        If `units` is given and is no positive int, nor a sequence of at least one.
    """
    if units is None:
        return trunk_units or default
    widths = as_units(name, units)
    if not widths:
        raise ValueError(f"{name} must have at least one width, or be None; got {units!r}.")
    return widths
