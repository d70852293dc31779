"""What a program does with the methods, but not compiled: tensors in, whatever the backend."""

import functools

import keras
import numpy as np
from differentiate import numbers
from keras import ops, tree


def on_tensors(function):
    """Return a function that takes NumPy arrays as tensors of their dtype, and returns arrays."""

    @functools.wraps(function)
    def call(*arguments, **options):
        tensors = [tree.map_structure(_as_tensor, argument) for argument in arguments]
        return numbers(function(*tensors, **options))

    return call


def _as_tensor(value):
    if not isinstance(value, np.ndarray):
        return value
    dtype = "float32" if value.dtype == "float64" and is_float32() else value.dtype.name
    return ops.convert_to_tensor(value, dtype)


def is_float32() -> bool:
    """Return whether the backend computes in float32 all that is asked for in float64."""
    return keras.config.backend() == "jax"
