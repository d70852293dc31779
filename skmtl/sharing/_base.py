"""The contract of every sharing scheme."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import keras
from sklearn.base import BaseEstimator


@dataclass(frozen=True)
class Trunk:
    """Layers between the fused branches and the heads.

    Parameters
    ----------
    call : callable
        One tensor ``(n_samples, n_features)`` per task to one tensor per task. It may be called
        more than once (late fusion calls it once per modality) and uses the same layers each time.
    shared_layers : list of keras.Layer
        Layers that several tasks train.
    task_layers : list of list of keras.Layer
        For each task, the layers that only it trains.
    """

    call: Callable[[list], list]
    shared_layers: list = field(default_factory=list)
    task_layers: list = field(default_factory=list)


class Sharing(BaseEstimator, ABC):
    """How the tasks share the layers between branches and heads."""

    own_branches = False
    """Whether each task gets branches of its own."""

    @abstractmethod
    def build(self, *, n_tasks: int, units: tuple, dropout: float) -> Trunk:
        """Return a trunk.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.
        units : tuple of int
            Widths of the layers.
        dropout : float
            Share of each layer's outputs that is dropped while training.
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
