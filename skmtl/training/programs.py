"""Compiled programs, kept for the next fit of the same shape."""

import json
from contextlib import contextmanager

import keras

from skmtl._runtime.checks import as_count
from skmtl._runtime.lru import BoundedCache
from skmtl.network.network import build_network
from skmtl.training.backend import Predictor, Program
from skmtl.training.optimizers import constant_learning_rate

MAX_PROGRAMS = 8
MAX_BYTES = 2**30  # an eighth of the reference card, for programs and for predictors


def _places(kept):
    """Return how many of the places a program takes: those of its memory, at most all of them."""
    return min(max(1, MAX_PROGRAMS * kept.n_bytes / MAX_BYTES), MAX_PROGRAMS)


_idle = BoundedCache(MAX_PROGRAMS, size=_places)
_predictors = BoundedCache(MAX_PROGRAMS, size=_places)


def optimizer_key(optimizer) -> str:
    """Return a text that is equal for optimizers that compile to the same program.

    A constant learning rate lives in a variable, so it is no part of it.
    """
    config = optimizer.get_config()
    if constant_learning_rate(optimizer) is not None:
        del config["learning_rate"]
    config.pop("name", None)
    return json.dumps([type(optimizer).__name__, config], sort_keys=True, default=repr)


@contextmanager
def borrowed_program(weights, optimizer, weighting, aggregator, n_devices=None):
    """Lend a program to one fit.

    A program that another thread is using is not in the store, so two fits never share one.

    Parameters
    ----------
    weights : NetworkWeights
        They say the architecture, and give a network if a program must be made.
    optimizer : keras.optimizers.Optimizer
        A copy of it is taken if a program must be made.
    weighting, aggregator : strategies
        Of this fit.
    n_devices : int or None
        Number of devices that share every batch; None for one.
    """
    n_devices = 1 if n_devices is None else as_count("n_devices", n_devices)
    spec = weights.spec
    strategy = aggregator.program_key() if aggregator is not None else None
    # the class too: one that is defined once more has the key of the one before
    of_optimizer = type(optimizer), optimizer_key(optimizer)
    key = (spec.key, of_optimizer, weighting.program_key(), strategy, n_devices)
    program = _idle.pop(key)
    if program is None:
        copy = type(optimizer).from_config(optimizer.get_config())
        if spec.precision == "mixed_float16":
            copy = keras.optimizers.LossScaleOptimizer(copy)
        program = Program(weights.take_network(), copy, weighting, aggregator, n_devices)
    yield program
    # after an error the program is dropped: nothing of it is trusted
    _idle.put(key, program)


def predictor_for(spec, encoders, *, stage="outputs") -> Predictor:
    """Return the compiled forward pass of an architecture; see `PredictorBase`."""
    key = (spec.key, stage)
    predictor = _predictors.get(key)
    if predictor is None:
        predictor = Predictor(build_network(spec, 0, encoders), stage=stage)
        _predictors.put(key, predictor)
    return predictor


def forget_programs() -> bool:
    """Drop every compiled program and forward pass of this process.

    This only frees memory: the next fit compiles again, with the same results.

    Returns
    -------
    bool
        Whether there were any.
    """
    had_any = bool(_idle or _predictors)
    _idle.clear()
    _predictors.clear()
    return had_any
