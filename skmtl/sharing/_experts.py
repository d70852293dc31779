"""Experts and gates: mixtures of small networks."""

import keras
from keras import ops

from skmtl.sharing._base import dense_stack

EXPERT_UNITS = 128


def make_experts(name: str, n_experts: int, units, dropout: float) -> list[list]:
    """Return small fully connected networks of one shape, each a list of layers."""
    return [dense_stack(f"{name}_{number}", units, dropout) for number in range(n_experts)]


def make_gate(name: str, n_experts: int) -> keras.layers.Layer:
    """Return a layer from an input to the shares of the experts, which sum to 1."""
    return keras.layers.Dense(n_experts, activation="softmax", use_bias=False, name=name)


def mix(shares, outputs):
    """Return the sum of the experts' outputs, each times its share.

    Parameters
    ----------
    shares : tensor of shape (n_samples, n_experts)
        Output of a gate.
    outputs : list of tensor, shape (n_samples, n_units)
        One per expert.
    """
    return ops.sum(ops.stack(outputs, axis=1) * ops.expand_dims(shares, -1), axis=1)


def last_dense(stack) -> keras.layers.Layer:
    """Return the last layer of a small network that has weights."""
    return next(layer for layer in reversed(stack) if isinstance(layer, keras.layers.Dense))
