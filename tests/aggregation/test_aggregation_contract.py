"""What the training loop relies on, of every aggregator."""

import ast
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from aggregation_cases import DTYPES, KINDS, SCALES, make_gradients, relative_error, run
from sklearn.base import clone

from skmtl.aggregation import (
    DBMTL,
    GRADIENT_AGGREGATORS,
    AlignedMTL,
    CAGrad,
    DualProj,
    FairGrad,
    GradDrop,
    GradientAggregator,
    GradientMatrixAggregator,
    GradVac,
    NashMTL,
    PCGrad,
    UPGrad,
)

RANDOM = {"pcgrad", "gradvac", "graddrop"}

every = pytest.mark.parametrize("name", sorted(GRADIENT_AGGREGATORS))


def make(name):
    return GRADIENT_AGGREGATORS[name]()


@every
def test_is_final_and_of_one_contract(name):
    kind = GRADIENT_AGGREGATORS[name]
    assert kind.__mro__[1] in (GradientAggregator, GradientMatrixAggregator)
    assert kind.__subclasses__() == []


@every
def test_clone_and_nested_parameters(name):
    aggregator = make(name)
    copy = clone(aggregator)
    assert copy.program_key() == aggregator.program_key()
    assert hash(copy.program_key()) == hash(aggregator.program_key())
    for parameter, value in aggregator.get_params().items():
        assert clone(aggregator).set_params(**{parameter: value}).get_params()[parameter] == value


@every
def test_defaults_are_the_documented_ones(name):
    for parameter, value in make(name).get_params().items():
        documented = re.search(rf"^ *{parameter} : .*default=(.+)$", make(name).__doc__, re.M)
        assert ast.literal_eval(documented[1]) == value


def test_program_keys_tell_parameters_apart():
    keys = {CAGrad().program_key(), CAGrad(c=0.41).program_key(), GradVac().program_key()}
    assert len(keys) == 3
    assert CAGrad(c=np.float64(0.4)).program_key() != CAGrad(c=np.float64(0.5)).program_key()


@every
def test_compiled_steps_are_finite_and_follow_the_dtype(name):
    # `run` asserts the dtype.
    for dtype in DTYPES:
        for kind in KINDS:
            for scale in SCALES:
                gradients = make_gradients(kind, 3, 1, scale)
                result, state = run(make(name), gradients, dtype=dtype)
                assert np.isfinite(result).all()
                assert all(np.isfinite(value).all() for value in state.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(GRADIENT_AGGREGATORS) - RANDOM))
def test_xla_computes_the_same(name):
    # XLA draws other random numbers.
    for kind in ("random", "unbalanced"):
        gradients = make_gradients(kind, 3, 2)
        plain, _ = run(make(name), gradients, seed=3)
        fused, _ = run(make(name), gradients, seed=3, jit=True)
        assert relative_error(fused, plain) <= 1e-7


@pytest.mark.slow
@every
def test_xla_is_finite_in_hard_cases(name):
    for kind in ("opposite", "zero"):
        fused, _ = run(make(name), make_gradients(kind, 3, 2), jit=True)
        assert np.isfinite(fused).all()


@every
def test_no_slice_starts_at_a_computed_place(name):
    # XLA takes such a start for a constant, and compiles again for every value it depends on:
    # seconds in every epoch, on networks that are compiled by XLA.
    aggregator, n_tasks = make(name), 3
    is_matrix = isinstance(aggregator, GradientMatrixAggregator)
    method = aggregator.aggregate if is_matrix else aggregator.weigh
    sizes = (n_tasks, 4) if is_matrix else (n_tasks,)
    state = {key: tf.constant(value) for key, value in aggregator.initial_state(*sizes).items()}
    seed = keras.random.SeedGenerator(0)
    step = tf.function(lambda x, state: method(x, tf.ones(n_tasks, bool), state, seed=seed))
    values = tf.zeros((n_tasks, sizes[-1]))
    graph = step.get_concrete_function(values, state).graph.as_graph_def()
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        kinds = {node.name: node.op for node in nodes}
        starts = [node.input[1].split(":")[0] for node in nodes if node.op == "StridedSlice"]
        assert all(kinds[start] == "Const" for start in starts)


@every
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "jit", [pytest.param(False, id="graph"), pytest.param(True, id="xla", marks=pytest.mark.slow)]
)
def test_gradients_of_zero(name, dtype, jit):
    result, _ = run(make(name), np.zeros((3, 4)), dtype=dtype, jit=jit)
    assert np.isfinite(result).all()


@pytest.mark.parametrize("name", sorted(set(GRADIENT_AGGREGATORS) - {"sum", "mean"}))
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_counts_as_absent(name, bad):
    # Sum and mean are left out: plain training hides nothing.
    gradients = make_gradients("random", 2)
    spoilt = np.insert(gradients, 1, bad, axis=0)
    # inf - inf makes numpy warn before the aggregator sees anything
    with np.errstate(invalid="ignore"):
        got, _ = run(make(name), spoilt)
    expected, _ = run(make(name), gradients)
    if got.shape == (3,):
        assert got[1] == 0
        got = np.delete(got, 1)
    assert relative_error(got, expected) <= 1e-9


@every
@pytest.mark.parametrize(
    ("present", "dtype"),
    [([True, False, True], "float32"), ([False, True, True, True, False], "float64")],
)
def test_absent_tasks_change_nothing(name, present, dtype):
    present = np.array(present)
    aggregator = make(name)
    gradients = make_gradients("random", len(present), 5) * present[:, None]
    state = None
    if name in ("gradvac", "db_mtl"):  # a state that is not the initial one
        _, state = run(aggregator, make_gradients("random", len(present), 6), dtype=dtype)
    reduced_state = state and {
        key: value[np.ix_(present, present)] if key == "goals" else value[present]
        for key, value in state.items()
    }
    got, new_state = run(aggregator, gradients, present=present, state=state, dtype=dtype)
    if name in ("pcgrad", "gradvac") and present.sum() > 2:
        expected = None  # the random orders differ; see the next test
    else:
        expected, _ = run(aggregator, gradients[present], state=reduced_state, dtype=dtype)
    if isinstance(aggregator, GradientAggregator):
        assert (got[~present] == 0).all()
        got = got[present]
    if expected is not None:
        tolerance = {"float32": 1e-5, "float64": 1e-9}[dtype]
        assert relative_error(got, expected) <= tolerance
    for key, value in new_state.items():
        assert (value[~present] == state[key][~present]).all()
        if key == "goals":
            assert (value[:, ~present] == state[key][:, ~present]).all()


@pytest.mark.parametrize("aggregator", [PCGrad(), GradVac(beta=0.0)], ids=["pcgrad", "gradvac"])
def test_random_orders_of_the_present_tasks_are_as_likely(aggregator):
    gradients = np.array([[4.0, 0.0, 0.0], [-2.0, 3.0, 0.0], [-2.0, -3.0, 1.0]])
    padded = np.insert(gradients, 1, 0, axis=0)
    present = np.array([True, False, True, True])
    full = {tuple(run(aggregator, gradients, seed=s)[0].round(9)) for s in range(60)}
    got = {
        tuple(np.delete(run(aggregator, padded, present=present, seed=s)[0], 1).round(9))
        for s in range(60)
    }
    assert got == full
    assert len(full) > 1


def test_random_methods_follow_the_seed():
    gradients = make_gradients("random", 4, 3)
    for name in sorted(RANDOM):
        draws = [tuple(run(make(name), gradients, seed=seed)[0]) for seed in (0, 0, 1, 2, 3)]
        assert draws[0] == draws[1]
        assert len(set(draws)) > 1


@pytest.mark.parametrize(
    ("aggregator", "message"),
    [
        (CAGrad(c=-0.1), "c must be a finite number >= 0; got -0.1"),
        (CAGrad(c="0.1"), "c must be a finite number >= 0; got str"),
        (NashMTL(max_norm=0.0), "max_norm must be a finite number > 0; got 0.0"),
        (FairGrad(alpha=0.0), "alpha must be a finite number > 0; got 0.0"),
        (UPGrad(regularization=0.0), "regularization must be a finite number > 0; got 0.0"),
        (DualProj(regularization=-1.0), "regularization must be a finite number > 0; got -1.0"),
        (GradVac(beta=1.5), r"beta must be a number in \[0, 1\]; got 1.5"),
        (AlignedMTL(scale="max"), "scale must be one of min, median, rmse; got 'max'"),
        (GradDrop(leak=2.0), r"leak must be a number in \[0, 1\]; got 2.0"),
        (DBMTL(beta=1.0), r"beta must be a number in \[0, 1\); got 1.0"),
        (DBMTL(decay=-1.0), "decay must be a finite number >= 0; got -1.0"),
    ],
)
def test_parameters_are_checked_before_training(aggregator, message):
    sizes = (2, 3) if isinstance(aggregator, GradientMatrixAggregator) else (2,)
    with pytest.raises((ValueError, TypeError), match=message):
        aggregator.initial_state(*sizes)
