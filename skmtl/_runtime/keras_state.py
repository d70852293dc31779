"""Keras' process-wide state, changed for a moment and put back."""

import random
import threading
from collections import defaultdict
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

_NAMES = "object_name_uids"


_sources = threading.local()
_lock = threading.Lock()
_n_seeded = 0
_randint = random.randint


@contextmanager
def keras_seeded(seed):
    """Seed what Keras draws its default seeds from, in this thread only.

    Keras calls ``random.randint``. Seeding the module would do where there is one thread; but the
    threads of a Dask worker draw from it too, at any time, and a network then starts elsewhere.
    """
    global _n_seeded
    before = getattr(_sources, "own", None)
    _sources.own = random.Random(seed)
    with _lock:
        _n_seeded += 1
        random.randint = _own_randint
    try:
        yield
    finally:
        _sources.own = before
        with _lock:
            _n_seeded -= 1
            if not _n_seeded:
                random.randint = _randint


def _own_randint(a, b):
    """Draw from the source of this thread where it has one."""
    own = getattr(_sources, "own", None)
    return _randint(a, b) if own is None else own.randint(a, b)


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
