"""Every loss weighting that TorchJD also has agrees with it, inside a compiled step."""

import sys

import numpy as np
import pytest
import tensorflow as tf
from weighting_cases import DTYPES, TOLERANCE, arrays, relative_error, update, weigh

from skmtl.weighting import (
    FAMO,
    IMTLL,
    DynamicWeightAverage,
    FixedLossWeights,
    GeometricLossStrategy,
    RandomLossWeighting,
    SmoothTchebycheff,
    StepObservation,
    UncertaintyWeighting,
)

torch = pytest.importorskip("torch", reason="parity with TorchJD needs torch and torchjd")
reference = pytest.importorskip("torchjd.scalarization", reason="parity needs torchjd")

# On a machine without a GPU, PyTorch's optimizers warn about the GPU driver.
pytestmark = pytest.mark.filterwarnings("ignore:CUDA initialization:UserWarning")

every_dtype = pytest.mark.parametrize("dtype", DTYPES)
every_size = pytest.mark.parametrize("n_tasks", [2, 3, 4, 5])
SCALES = (1e-6, 1.0, 1e6)


def make_losses(n_tasks, scale=1.0, seed=0):
    """Return losses of which the first is 100 times the others, rounded to float32."""
    losses = np.random.default_rng([n_tasks, seed]).uniform(0.5, 2.0, n_tasks) * scale
    losses[0] *= 100
    return losses.astype("float32").astype("float64")


def torchjd_value(scalarizer, losses):
    """Return TorchJD's objective and its gradient by the losses."""
    losses = torch.tensor(losses, dtype=torch.float64, requires_grad=True)
    value = scalarizer.double()(losses)
    value.backward()
    return value.item(), losses.grad.numpy()


def assert_same(weighting, scalarizer, losses, dtype, state=None):
    expected, expected_gradient = torchjd_value(scalarizer, losses)
    weighted, gradient, _ = weigh(weighting, losses, state=state, dtype=dtype)
    assert relative_error(weighted.astype("float64").sum(), expected) <= TOLERANCE[dtype]
    assert relative_error(gradient, expected_gradient) <= TOLERANCE[dtype]


@every_dtype
@every_size
def test_fixed(n_tasks, dtype):
    weights = np.arange(1.0, n_tasks + 1)
    theirs = reference.Constant(torch.tensor(weights))
    for scale in SCALES:
        losses = make_losses(n_tasks, scale)
        assert_same(FixedLossWeights(weights=weights), theirs, losses, dtype)
        assert_same(FixedLossWeights(), reference.Sum(), losses, dtype)


@every_dtype
@every_size
@pytest.mark.parametrize(
    ("ours", "theirs", "names"),
    [
        (UncertaintyWeighting(), "UW", ("log_variances", "log_var")),
        (IMTLL(), "IMTLL", ("log_scales", "log_scale")),
    ],
    ids=["uncertainty", "imtl_l"],
)
def test_learned_weights(ours, theirs, names, n_tasks, dtype):
    scalarizer = getattr(reference, theirs)(n_tasks).double()
    learned = np.random.default_rng(n_tasks).integers(-8, 9, n_tasks) / 4
    learned[-1] = 0.0
    with torch.no_grad():
        getattr(scalarizer, names[1]).copy_(torch.tensor(learned))
    for scale in SCALES:
        losses = make_losses(n_tasks, scale)
        scalarizer.zero_grad()
        assert_same(ours, scalarizer, losses, dtype, {names[0]: learned.astype(dtype)})
        expected = getattr(scalarizer, names[1]).grad.numpy()
        state = {names[0]: learned.astype(dtype)}
        _, _, slopes = weigh(ours, losses, state=state, dtype=dtype)
        assert relative_error(slopes[names[0]], expected) <= TOLERANCE[dtype]


@every_size
def test_learned_weights_start_where_torchjd_starts(n_tasks):
    start = reference.UW(n_tasks).log_var.detach().numpy()
    assert (UncertaintyWeighting().initial_parameters(n_tasks)["log_variances"] == start).all()
    start = reference.IMTLL(n_tasks).log_scale.detach().numpy()
    assert (IMTLL().initial_parameters(n_tasks)["log_scales"] == start).all()


@every_dtype
@every_size
def test_dwa_over_epochs(n_tasks, dtype):
    for scale in SCALES:
        ours, theirs = DynamicWeightAverage(temperature=1.5), reference.DWA(temperature=1.5)
        state = arrays(ours, n_tasks, dtype)
        for epoch in range(5):
            losses = make_losses(n_tasks, scale, seed=epoch)
            assert_same(ours, theirs, losses, dtype, state)
            theirs.step()
            state = ours.end_epoch(state, losses, np.ones(n_tasks, bool))
            assert state["weights"].dtype == dtype


@every_dtype
@every_size
def test_gls(n_tasks, dtype):
    for scale in SCALES:
        losses = make_losses(n_tasks, scale)
        assert_same(GeometricLossStrategy(), reference.GeometricMean(), losses, dtype)


@every_dtype
@every_size
@pytest.mark.parametrize("mu", [0.01, 1.0])
def test_stch(mu, n_tasks, dtype):
    preferences = np.arange(1.0, n_tasks + 1) / n_tasks
    ideal = np.full(n_tasks, 0.25)
    pairs = [
        (SmoothTchebycheff(mu=mu), reference.STCH(mu=mu)),
        (
            SmoothTchebycheff(mu=mu, preferences=preferences, ideal=ideal),
            reference.STCH(mu, torch.tensor(preferences), torch.tensor(ideal)),
        ),
    ]
    for ours, theirs in pairs:
        for scale in SCALES:
            assert_same(ours, theirs, make_losses(n_tasks, scale), dtype)


@every_dtype
@every_size
def test_rlw_with_the_same_draws(n_tasks, dtype, monkeypatch):
    draws = np.random.default_rng(n_tasks).normal(size=n_tasks)
    monkeypatch.setattr(torch, "randn", lambda *_, **__: torch.tensor(draws))
    monkeypatch.setattr(
        "skmtl.weighting._rlw.keras.random.normal", lambda *_, **__: tf.constant(draws, dtype)
    )
    monkeypatch.setattr("weighting_cases._STEPS", {})  # traced with these draws, for this test
    for scale in SCALES:
        losses = make_losses(n_tasks, scale)
        assert_same(RandomLossWeighting(), reference.Random(), losses, dtype)


@every_dtype
@every_size
@pytest.mark.parametrize("bounded", [False, True])
def test_famo_over_steps(bounded, n_tasks, dtype, monkeypatch):
    # PyTorch's optimizers import triton, which crashes beside TensorFlow (two copies of LLVM).
    monkeypatch.setitem(sys.modules, "triton", None)
    for scale in SCALES:
        bounds = np.full(n_tasks, 0.25 * scale).astype("float32") if bounded else None
        ours = FAMO(min_losses=bounds)
        theirs = reference.FAMO(n_tasks, None if bounds is None else torch.tensor(bounds)).double()
        state = arrays(ours, n_tasks, dtype)
        for step in range(6):
            losses = make_losses(n_tasks, scale, seed=step)
            assert_same(ours, theirs, losses, dtype, state)
            after = make_losses(n_tasks, scale, seed=step + 100)
            theirs.update(torch.tensor(after))
            observation = StepObservation(
                losses=tf.constant(losses, dtype),
                present=tf.ones(n_tasks, bool),
                losses_after=tf.constant(after, dtype),
            )
            state = update(ours, state, observation)
        logits = theirs._w.detach().numpy()
        assert relative_error(state["logits"], logits) <= TOLERANCE[dtype]
