"""Task gradients that are hard on an aggregator, and a compiled step to put them through.

All entries are small integers times a power of 2, so that a Gramian is exact in float32, too: a
test then compares methods, and not the rounding of two matrix products.
"""

import functools

import keras
import numpy as np
import tensorflow as tf

KINDS = ("random", "collinear", "opposite", "zero", "rank_deficient", "unbalanced")
SCALES = (2.0**-20, 1.0, 2.0**20)  # about 1e-6 and 1e6
N_PARAMETERS = 12
DTYPES = ("float32", "float64")


def make_gradients(kind, n_tasks, seed=0, scale=1.0):
    """Return task gradients of shape (n_tasks, N_PARAMETERS), float64."""
    rng = np.random.default_rng([KINDS.index(kind), n_tasks, seed])

    def integers(n_rows):
        return rng.integers(-5, 6, size=(n_rows, N_PARAMETERS)).astype("float64")

    gradients = integers(n_tasks)
    if kind == "collinear":
        gradients = np.arange(1, n_tasks + 1)[:, None] * integers(1)
    elif kind == "opposite":
        gradients[-1] = -gradients[0]
    elif kind == "zero":
        gradients[rng.integers(n_tasks)] = 0
    elif kind == "rank_deficient":
        mixing = rng.integers(-2, 3, size=(n_tasks, 2))
        mixing[:2] = np.eye(2)
        gradients = mixing @ integers(2)
    elif kind == "unbalanced":
        gradients[0] *= 128
    return gradients * scale


def cases(n_seeds=1, kinds=KINDS, n_tasks=(2, 3, 4, 5)):
    """Return (kind, n_tasks, seed) for a test's parametrisation."""
    return [(k, n, s) for k in kinds for n in n_tasks for s in range(n_seeds)]


@functools.lru_cache(maxsize=512)
def _step(aggregator_key, jit):
    aggregator = _AGGREGATORS[aggregator_key]
    method = getattr(aggregator, "aggregate", None) or aggregator.weigh
    seed = keras.random.SeedGenerator(0)
    step = tf.function(
        lambda values, present, state: method(values, present, state, seed=seed),
        jit_compile=jit,
    )
    return step, seed


_AGGREGATORS = {}


def run(aggregator, gradients, *, present=None, state=None, dtype="float64", jit=False, seed=0):
    """Return weights (or the gradient) and state as NumPy arrays, from a compiled step."""
    gradients = np.asarray(gradients, dtype)
    n_tasks = len(gradients)
    present = np.ones(n_tasks, bool) if present is None else np.asarray(present)
    is_matrix = hasattr(aggregator, "aggregate")
    if state is None:
        sizes = gradients.shape if is_matrix else (n_tasks,)
        state = aggregator.initial_state(*sizes)
    key = aggregator.program_key()
    _AGGREGATORS.setdefault(key, aggregator)
    step, generator = _step(key, jit)
    generator.state.assign([seed, 0])
    values = gradients if is_matrix else gradients @ gradients.T
    state = {name: tf.constant(value.astype(dtype)) for name, value in state.items()}
    result, state = step(tf.constant(values), tf.constant(present), state)
    assert result.dtype.name == dtype
    return result.numpy(), {name: value.numpy() for name, value in state.items()}


def weigh(aggregator, gradients, **options):
    """Return the weights in float64."""
    return run(aggregator, gradients, **options)[0].astype("float64")


def relative_error(got, expected):
    """Return the largest difference, relative to the largest entry expected."""
    size = np.max(np.abs(expected))
    return np.max(np.abs(got - expected)) / (size if size > 0 else 1)
