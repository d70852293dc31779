"""Keras' process-wide and private state, changed while a network is built and put back.

What is reached into, and why:

- ``random.randint`` of Python, from which Keras draws the seeds of initializers and dropout. Keras
  has no other way to seed layers that a user's function or a preset makes.
- ``object_name_uids`` of Keras' private ``global_state``, by which it numbers names of layers.
  `keras.backend.reset_uids` starts the numbers again, but nothing public puts them back.
- The dtype policy, by Keras' public functions.
"""

import random
import threading
from collections import defaultdict
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

from skmtl._runtime.interrupts import interrupts_held

_NAMES = "object_name_uids"

_build_lock = threading.RLock()
_sources = threading.local()
_seed_lock = threading.Lock()
_n_seeded = 0
_randint = random.randint


@contextmanager
def building(seed, precision=None):
    """Build layers, one thread at a time, with weights that depend on the seed alone.

    Yields the list of the seeds that Keras draws meanwhile, see `keras_seeded`.

    Parameters
    ----------
    seed : int or str
        Seed of what the initializers draw, and of dropout.
    precision : str or None
        Dtype policy; None for the one that is set.
    """
    with (
        _build_lock,
        interrupts_held(),
        keras_names(),
        keras_seeded(seed) as drawn,
        keras_precision(precision),
    ):
        yield drawn


@contextmanager
def keras_seeded(seed):
    """Seed what Keras draws its default seeds from, in this thread only.

    Keras calls ``random.randint``. `random.seed` would do where there is one thread; but the
    threads of a Dask worker draw from it too, at any time, and weights would then differ.

    Yields a list to which every draw adds its two bounds and what came out.
    """
    global _n_seeded
    before = getattr(_sources, "own", None)
    drawn = getattr(_sources, "drawn", None)
    with _seed_lock:
        _n_seeded += 1
        random.randint = _own_randint
    try:
        _sources.own, _sources.drawn = random.Random(0), []
        _check_seeds()
        _sources.own, _sources.drawn = random.Random(seed), []
        yield _sources.drawn
    finally:
        _sources.own, _sources.drawn = before, drawn
        with _seed_lock:
            _n_seeded -= 1
            if not _n_seeded:
                random.randint = _randint


def _own_randint(a, b):
    """Draw from the source of this thread where it has one."""
    own = getattr(_sources, "own", None)
    if own is None:
        return _randint(a, b)
    seed = own.randint(a, b)
    _sources.drawn.append((a, b, seed))
    return seed


def seeds_again(seed, bounds) -> list[int]:
    """Return what Keras would draw between some bounds, one after the other, while seeded."""
    source = random.Random(seed)
    return [source.randint(a, b) for a, b in bounds]


def _check_seeds():
    """Raise if Keras draws its seeds from elsewhere: equal seeds would give different networks."""
    state = _sources.own.getstate()
    keras.initializers.RandomNormal()
    if _sources.own.getstate() == state:
        raise RuntimeError(
            f"Keras {keras.__version__} no longer draws its seeds from random.randint, so "
            "random_state would have no effect: install an older Keras, and report this."
        )


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
