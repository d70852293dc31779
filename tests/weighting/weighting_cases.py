"""A compiled step to put loss weightings through, as the training loop does."""

import keras
import numpy as np
import tensorflow as tf

from skmtl.weighting import StepObservation

DTYPES = ("float32", "float64")
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


def arrays(weighting, n_tasks, dtype):
    """Return state and parameters at the start, in one dtype."""
    start = {**weighting.initial_state(n_tasks), **weighting.initial_parameters(n_tasks)}
    return {name: value.astype(dtype) for name, value in start.items()}


_STEPS = {}


def _step(weighting, jit):
    """Return a compiled step, and the generator of its random numbers; traced once a program."""
    key = (weighting.program_key(), jit)
    if key in _STEPS:
        return _STEPS[key]
    generator = keras.random.SeedGenerator(0)

    @tf.function(jit_compile=jit)
    def step(losses, present, state):
        with tf.GradientTape() as tape:
            tape.watch([losses, state])
            weighted = weighting.weigh(losses, present, state, seed=generator)
            weighted = tf.where(present, weighted, 0)
            total = tf.reduce_sum(weighted)
        return weighted, tape.gradient(total, [losses, state])

    return _STEPS.setdefault(key, (step, generator))


def weigh(weighting, losses, *, present=None, state=None, dtype="float64", jit=False, seed=0):
    """Return the weighted losses, the gradient of their sum, and that of the parameters."""
    losses = tf.constant(losses, dtype)
    present = tf.constant(np.ones(len(losses), bool) if present is None else present)
    state = arrays(weighting, len(losses), dtype) if state is None else state
    step, generator = _step(weighting, jit)
    generator.state.assign([seed, 0])
    state = {name: tf.constant(value) for name, value in state.items()}
    weighted, (by_loss, by_state) = step(losses, present, state)
    assert weighted.dtype.name == dtype
    slopes = {n: v.numpy() for n, v in by_state.items() if v is not None}
    return weighted.numpy(), by_loss.numpy(), slopes


_UPDATES = {}


def update(weighting, state, observation):
    """Return the state after a compiled update, absent tasks kept as the loop keeps them."""
    key = weighting.program_key()
    if key not in _UPDATES:
        _UPDATES[key] = tf.function(
            lambda state, *seen: weighting.update(state, StepObservation(*seen))
        )
    seen = (observation.losses, observation.present)
    seen += (observation.gradient_norms, observation.losses_after)
    new = _UPDATES[key]({name: tf.constant(value) for name, value in state.items()}, *seen)
    kept = {}
    for name, value in new.items():
        assert value.dtype == state[name].dtype
        kept[name] = tf.where(observation.present, value, state[name]).numpy()
    return kept


def relative_error(got, expected):
    """Return the largest difference, relative to the largest entry expected."""
    size = np.max(np.abs(expected))
    return np.max(np.abs(np.asarray(got) - expected)) / (size if size > 0 else 1)
