"""What each loss weighting claims, by name, and what the training loop relies on."""

import ast
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from weighting_cases import DTYPES, TOLERANCE, arrays, relative_error, update, weigh

from skmtl.weighting import (
    FAMO,
    IMTLL,
    LOSS_WEIGHTINGS,
    DynamicWeightAverage,
    FixedLossWeights,
    GeometricLossStrategy,
    GradNorm,
    LossWeighting,
    RandomLossWeighting,
    SmoothTchebycheff,
    StepObservation,
    UncertaintyWeighting,
)

every = pytest.mark.parametrize("name", sorted(LOSS_WEIGHTINGS))
few = settings(max_examples=10, deadline=None, derandomize=True)
loss_vectors = st.lists(st.floats(0.125, 8, width=32), min_size=2, max_size=5).map(np.array)


def observe(losses, present=None, norms=None, after=None, dtype="float64"):
    present = np.ones(len(losses), bool) if present is None else present

    def tensor(values):
        return None if values is None else tf.constant(values, dtype)

    return StepObservation(tensor(losses), tf.constant(present), tensor(norms), tensor(after))


@every
def test_is_final(name):
    kind = LOSS_WEIGHTINGS[name]
    assert kind.__mro__[1] is LossWeighting
    assert kind.__subclasses__() == []


@every
def test_clone_and_program_key(name):
    weighting = LOSS_WEIGHTINGS[name]()
    key = clone(weighting).program_key()
    assert key == weighting.program_key()
    assert len({key, weighting.program_key()}) == 1


@every
def test_defaults_are_the_documented_ones(name):
    for parameter, value in LOSS_WEIGHTINGS[name]().get_params().items():
        doc = LOSS_WEIGHTINGS[name].__doc__
        documented = re.search(rf"^ *{parameter} : .*default=(.+)$", doc, re.M)
        assert ast.literal_eval(documented[1]) == value


def test_program_keys_tell_parameters_apart_but_not_fixed_weights():
    assert FixedLossWeights(weights=[1, 2]).program_key() == FixedLossWeights().program_key()
    assert FAMO().program_key() != FAMO(learning_rate=0.1).program_key()
    arrays = [SmoothTchebycheff(ideal=np.array([0.0, x])) for x in (0.1, 0.1 + 1e-12)]
    assert arrays[0].program_key() != arrays[1].program_key()


@every
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_hard_losses_stay_finite_in_the_compiled_step(name, jit):
    weighting = LOSS_WEIGHTINGS[name]()
    for dtype in DTYPES if not jit else ("float32",):
        for losses in ([0.0, 1.0, 2.0], [1e-6, 1.0, 1e6], [0.0, 0.0, 0.0]):
            weighted, gradient, slopes = weigh(weighting, losses, dtype=dtype, jit=jit)
            assert np.isfinite(weighted).all()
            assert np.isfinite(gradient).all()
            assert all(np.isfinite(slope).all() for slope in slopes.values())


@every
@pytest.mark.parametrize("dtype", DTYPES)
def test_absent_tasks_change_nothing(name, dtype, monkeypatch):
    # The same draws, whatever the number of tasks.
    monkeypatch.setattr(
        "skmtl.weighting._rlw.keras.random.normal",
        lambda shape, **_: tf.constant([0.5, -0.5, 0.0][: shape[0]], dtype),
    )
    monkeypatch.setattr("weighting_cases._STEPS", {})  # traced with these draws, for this test
    weighting = LOSS_WEIGHTINGS[name]()
    present = np.array([True, True, False])
    losses = np.array([0.5, 2.0, 0.0])
    whole = arrays(weighting, 3, dtype)
    part = arrays(weighting, 2, dtype)
    for step in range(3):
        weighted, gradient, slopes = weigh(
            weighting, losses, present=present, state=whole, dtype=dtype
        )
        expected = weigh(weighting, losses[:2], state=part, dtype=dtype)
        assert weighted[2] == gradient[2] == 0
        assert relative_error(weighted[:2], expected[0]) <= TOLERANCE[dtype]
        assert relative_error(gradient[:2], expected[1]) <= TOLERANCE[dtype]
        assert all(slope[2] == 0 for slope in slopes.values())
        norms, after = np.array([3.0, 1.0, 0.0]), np.array([0.4, 1.9, 0.0]) / (step + 1)
        new = update(weighting, whole, observe(losses, present, norms, after, dtype))
        small = observe(losses[:2], present[:2], norms[:2], after[:2], dtype)
        part = update(weighting, part, small)
        new = weighting.end_epoch(new, after, present)
        part = weighting.end_epoch(part, after[:2], present[:2])
        for key in new:
            assert new[key][2] == whole[key][2]
            assert relative_error(new[key][:2], part[key]) <= TOLERANCE[dtype]
        whole = new


@every
def test_a_loss_that_is_not_finite_moves_no_state(name):
    weighting = LOSS_WEIGHTINGS[name]()
    state = arrays(weighting, 3, "float64")
    losses = np.array([1.0, np.nan, 2.0])
    new = update(weighting, state, observe(losses, norms=losses, after=losses / 2))
    new = weighting.end_epoch(new, losses, np.ones(3, bool))
    for key, value in new.items():
        assert np.isfinite(value).all()
        assert value[1] == state[key][1]


@pytest.mark.parametrize("name", sorted(set(LOSS_WEIGHTINGS) - {"rlw"}))  # which is random
@few
@given(losses=loss_vectors)
def test_permutation_equivariance(name, losses):
    weighting = LOSS_WEIGHTINGS[name]()
    order = np.random.default_rng(0).permutation(len(losses))
    weighted, gradient, _ = weigh(weighting, losses)
    swapped, swapped_gradient, _ = weigh(weighting, losses[order])
    np.testing.assert_allclose(swapped, weighted[order], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(swapped_gradient, gradient[order], rtol=1e-9)


@pytest.mark.parametrize("name", ["gls", "stch", "famo", "rlw"])
def test_every_term_depends_on_its_own_loss_alone(name):
    # So that an aggregator still sees one gradient per task.
    weighting = LOSS_WEIGHTINGS[name]()
    losses = tf.constant([0.5, 1.0, 2.0], "float64")
    state = {k: tf.constant(v) for k, v in arrays(weighting, 3, "float64").items()}
    generator = keras.random.SeedGenerator(0)
    with tf.GradientTape() as tape:
        tape.watch(losses)
        terms = weighting.weigh(losses, tf.ones(3, bool), state, seed=generator)
    jacobian = tape.jacobian(terms, losses).numpy()
    assert (jacobian == np.diag(np.diag(jacobian))).all()


@few
@given(losses=loss_vectors, factor=st.sampled_from([0.25, 4.0]))
def test_gls_sees_relative_changes_only(losses, factor):
    # One loss in other units changes the objective, but not the direction in log losses.
    scaled = losses * np.where(np.arange(len(losses)) == 0, factor, 1)
    _, gradient, _ = weigh(GeometricLossStrategy(), losses)
    _, scaled_gradient, _ = weigh(GeometricLossStrategy(), scaled)
    ratio = (scaled_gradient * scaled) / (gradient * losses)
    np.testing.assert_allclose(ratio, ratio[0])


def test_stch_tends_to_the_largest_loss():
    losses = [1.0, 3.0, 2.0]
    weighted, gradient, _ = weigh(SmoothTchebycheff(mu=1e-3, preferences=[1, 1, 1]), losses)
    assert abs(weighted.sum() - 3.0) <= 1e-6
    np.testing.assert_allclose(gradient, [0, 1, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("weighting", "name", "optimum"),
    [
        (UncertaintyWeighting(), "log_variances", np.log),
        (IMTLL(), "log_scales", lambda x: -np.log(x)),
    ],
    ids=["uncertainty", "imtl_l"],
)
def test_learned_weights_have_their_optimum(weighting, name, optimum):
    losses = np.array([0.1, 1.0, 7.0])
    _, _, slopes = weigh(weighting, losses, state={name: optimum(losses)})
    np.testing.assert_allclose(slopes[name], 0, atol=1e-12)


def test_uncertainty_weighting_can_start_where_the_paper_starts_for_classification():
    start = -np.log(2)
    _, gradient, _ = weigh(UncertaintyWeighting(initial_log_variance=start), [1.0, 3.0])
    np.testing.assert_allclose(gradient, 1)


@few
@given(losses=loss_vectors, seed=st.integers(0, 100))
def test_rlw_weights_are_on_the_simplex_and_follow_the_seed(losses, seed):
    _, weights, _ = weigh(RandomLossWeighting(), losses, seed=seed)
    assert min(weights) > 0
    assert abs(weights.sum() - 1) <= 1e-9
    assert (weigh(RandomLossWeighting(), losses, seed=seed)[1] == weights).all()
    assert not (weigh(RandomLossWeighting(), losses, seed=seed + 1)[1] == weights).any()


@few
@given(losses=loss_vectors)
def test_famo_moves_the_network_by_a_convex_combination(losses):
    state = arrays(FAMO(), len(losses), "float64")
    state["logits"] = np.linspace(-1, 1, len(losses))
    _, weights, _ = weigh(FAMO(), losses, state=state)
    assert min(weights) > 0
    assert abs(weights.sum() - 1) <= 1e-6


def test_famo_turns_to_the_task_that_fell_least():
    famo, state = FAMO(), arrays(FAMO(), 2, "float64")
    state = update(famo, state, observe(np.array([1.0, 1.0]), after=np.array([0.5, 0.9])))
    assert state["logits"][1] > state["logits"][0]


def test_dwa_weights_keep_their_sum_and_favour_the_slow_task():
    dwa, state = DynamicWeightAverage(), arrays(DynamicWeightAverage(), 3, "float64")
    for losses in ([1.0, 1.0, 1.0], [0.5, 0.9, 0.7], [0.1, 0.8, 0.5]):
        state = dwa.end_epoch(state, losses, np.ones(3, bool))
        assert abs(state["weights"].sum() - 3) <= 1e-12
    assert state["weights"][1] > state["weights"][2] > state["weights"][0]


def gradnorm_reference(weights, initial, losses, norms, alpha, learning_rate):
    """Return the next weights by the paper's equations 1 and 2 and Algorithm 1."""
    progress = losses / initial
    rates = progress / progress.mean()
    target = (weights * norms).mean() * rates**alpha
    gradient = np.sign(weights * norms - target) * norms
    weights = np.maximum(weights - learning_rate * gradient, 1e-3)
    return weights * len(weights) / weights.sum()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("alpha", [0.0, 0.12, 1.5])
@pytest.mark.parametrize("n_tasks", [2, 3, 4, 5])
def test_gradnorm_over_steps(n_tasks, alpha, dtype):
    gradnorm = GradNorm(alpha=alpha, learning_rate=0.05)
    for unbalance in (1.0, 100.0):
        rng = np.random.default_rng(n_tasks)
        state, weights, initial = arrays(gradnorm, n_tasks, dtype), np.ones(n_tasks), None
        for _ in range(10):
            losses = rng.uniform(0.5, 2, n_tasks)
            norms = rng.uniform(0.5, 2, n_tasks)
            losses[0] *= unbalance
            norms[0] *= unbalance
            initial = losses if initial is None else initial
            weights = gradnorm_reference(weights, initial, losses, norms, alpha, 0.05)
            state = update(gradnorm, state, observe(losses, norms=norms, dtype=dtype))
            assert relative_error(state["weights"], weights) <= TOLERANCE[dtype]


def test_gradnorm_brings_the_norms_together():
    gradnorm = GradNorm(alpha=0.0, learning_rate=0.004)
    state = arrays(gradnorm, 2, "float64")
    norms = np.array([4.0, 1.0])
    for _ in range(400):
        state = update(gradnorm, state, observe(np.ones(2), norms=norms))
    weighted = state["weights"] * norms
    assert abs(weighted[0] - weighted[1]) <= 0.1
    assert abs(state["weights"].sum() - 2) <= 1e-9


def test_gradnorm_takes_the_first_loss_of_a_late_task():
    gradnorm, state = GradNorm(), arrays(GradNorm(), 2, "float64")
    norms = np.ones(2)
    first = observe(np.array([1.0, 0.0]), np.array([True, False]), norms)
    state = update(gradnorm, state, first)
    state = update(gradnorm, state, observe(np.array([0.5, 3.0]), norms=norms))
    assert state["initial_losses"].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("weighting", "message"),
    [
        (FixedLossWeights(weights=[1.0]), r"one entry per task, 2 in all; got shape \(1,\)"),
        (FixedLossWeights(weights=[1.0, -1.0]), r"finite and >= 0; got \[1.0, -1.0\]"),
        (FixedLossWeights(weights=[1.0, np.nan]), "finite and >= 0"),
        (
            UncertaintyWeighting(initial_log_variance="0"),
            "initial_log_variance must be a finite number; got str",
        ),
        (DynamicWeightAverage(temperature=0.0), "temperature must be a finite number > 0; got 0.0"),
        (SmoothTchebycheff(mu=0.0), "mu must be a finite number > 0; got 0.0"),
        (SmoothTchebycheff(preferences=[1.0]), r"preferences must be .* 2 in all; got \[1.0\]"),
        (SmoothTchebycheff(preferences=[1.0, 0.0]), "one entry > 0.0 per task"),
        (SmoothTchebycheff(ideal=[0.0] * 3), r"ideal must be .* got \[0.0, 0.0, 0.0\]"),
        (FAMO(learning_rate=0.0), "learning_rate must be a finite number > 0; got 0.0"),
        (FAMO(weight_decay=-1.0), "weight_decay must be a finite number >= 0; got -1.0"),
        (FAMO(min_losses=[0.0]), r"min_losses must be .* got \[0.0\]"),
        (GradNorm(alpha=-1.0), "alpha must be a finite number >= 0; got -1.0"),
        (GradNorm(learning_rate=0.0), "learning_rate must be a finite number > 0; got 0.0"),
    ],
)
def test_parameters_are_checked_before_training(weighting, message):
    start = weighting.initial_state
    if isinstance(weighting, UncertaintyWeighting):
        start = weighting.initial_parameters
    with pytest.raises((ValueError, TypeError), match=message):
        start(2)
