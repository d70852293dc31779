"""Gradients for the tests, on whatever backend Keras runs."""

import keras
import numpy as np
from keras import ops


def numbers(values):
    """Return tensors, or a list of them, as NumPy arrays; PyTorch's may be tracked."""
    return keras.tree.map_structure(ops.convert_to_numpy, values)


def value_and_gradients(function, variables):
    """Return scalars and their gradients.

    Parameters
    ----------
    function : callable
        Returns a list of scalar tensors.
    variables : list of keras.Variable
        What to differentiate by.

    Returns
    -------
    values : list of float
    gradients : list of list of ndarray
        One list per scalar, with one array per variable; zeros where it does not depend on it.
    """
    backend = keras.config.backend()
    if backend == "tensorflow":
        values, found = _by_tensorflow(function, [v.value for v in variables])
    elif backend == "jax":
        values, found = _by_jax(function, variables)
    else:
        values, found = _by_torch(function, [v.value for v in variables])
    found = [
        [
            np.zeros(v.shape, "float32") if g is None else ops.convert_to_numpy(g)
            for v, g in zip(variables, row, strict=True)
        ]
        for row in found
    ]
    return [float(ops.convert_to_numpy(value)) for value in values], found


def _by_tensorflow(function, tensors):
    import tensorflow as tf

    with tf.GradientTape(persistent=True) as tape:
        values = function()
    rows = [tape.gradient(value, tensors) for value in values]
    return values, [[g if g is None else tf.convert_to_tensor(g) for g in row] for row in rows]


def _by_jax(function, variables):
    import jax

    def pure(tensors):
        with keras.StatelessScope(zip(variables, tensors, strict=True)):
            return function()

    tensors = [v.value for v in variables]
    return pure(tensors), jax.jacrev(pure)(tensors)


def _by_torch(function, tensors):
    import torch

    values = function()
    return values, [
        torch.autograd.grad(value, tensors, retain_graph=True, allow_unused=True)
        for value in values
    ]
