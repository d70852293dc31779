"""Keras' process-wide state, changed for a moment and put back."""

import random
from contextlib import contextmanager

import keras


@contextmanager
def keras_seeded(seed):
    """Seed what Keras draws its default seeds from, and put it back."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


@contextmanager
def keras_precision(precision):
    """Build under a dtype policy, None for the one that is set, and put it back."""
    if precision is None:
        yield
        return
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
