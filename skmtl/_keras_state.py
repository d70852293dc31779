"""Keras' process-wide state, changed for a moment and put back."""

import random
from collections import defaultdict
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

_NAMES = "object_name_uids"


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


@contextmanager
def keras_names():
    """Number automatic names from the start, and go on as before afterwards.

    TensorFlow keeps 34 KB for every new name of a variable, for ever: a process that fits a hundred
    networks with `conv2d_300` and the like grows by as many names (docs/performance.md).
    """
    before = global_state.get_global_attribute(_NAMES)
    global_state.set_global_attribute(_NAMES, defaultdict(int))
    try:
        yield
    finally:
        global_state.set_global_attribute(_NAMES, before)
