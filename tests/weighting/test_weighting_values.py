"""Every loss weighting against its formula, written out in NumPy; quick, and without TorchJD."""

import keras
import numpy as np
import pytest
from weighting_cases import arrays

from skmtl.weighting import (
    FAMO,
    IMTLL,
    LOSS_WEIGHTINGS,
    DynamicWeightAverage,
    FixedLossWeights,
    GeometricLossStrategy,
    LossWeighting,
    RandomLossWeighting,
    SmoothTchebycheff,
    StepObservation,
    UncertaintyWeighting,
)

LOSSES = np.array([0.5, 2.0, 3.0])
SCALES = np.array([0.2, -0.4, 1.0])


def weigh(weighting, losses=LOSSES, present=(True, True, True), **state):
    """Return the weighted losses outside of a compiled program."""
    start = arrays(weighting, len(losses), "float64") | state
    seed = keras.random.SeedGenerator(0)
    return np.asarray(weighting.weigh(losses, np.array(present), start, seed=seed))


def smooth_maximum(losses, mu, preferences, ideal):
    return mu * np.log(np.sum(np.exp(preferences * (losses - ideal) / mu)))


@pytest.mark.parametrize(
    ("weighting", "state", "expected"),
    [
        (FixedLossWeights(), {}, LOSSES),
        (FixedLossWeights(weights=[1.0, 0.0, 0.25]), {}, LOSSES * [1, 0, 0.25]),
        (DynamicWeightAverage(), {}, LOSSES),
        (DynamicWeightAverage(), {"weights": SCALES}, LOSSES * SCALES),
        (UncertaintyWeighting(), {}, LOSSES / 2),
        (UncertaintyWeighting(initial_log_variance=-0.5), {}, (np.exp(0.5) * LOSSES - 0.5) / 2),
        (UncertaintyWeighting(), {"log_variances": SCALES}, (np.exp(-SCALES) * LOSSES + SCALES) / 2),
        (IMTLL(), {}, LOSSES),
        (IMTLL(), {"log_scales": SCALES}, np.exp(SCALES) * LOSSES - SCALES),
    ],
)  # fmt: skip
def test_weighted_losses(weighting, state, expected):
    np.testing.assert_allclose(weigh(weighting, **state), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("weighting", "objective"),
    [
        (GeometricLossStrategy(), lambda x: np.prod(x) ** (1 / len(x))),
        (SmoothTchebycheff(), lambda x: smooth_maximum(x, 1.0, 1 / len(x), 0.0)),
        (
            SmoothTchebycheff(mu=0.1, preferences=[1, 2, 3], ideal=[0.1, 0.0, -0.2]),
            lambda x: smooth_maximum(x, 0.1, np.array([1, 2, 3]), np.array([0.1, 0, -0.2])),
        ),
    ],
    ids=["gls", "stch", "stch_of_parameters"],
)
def test_terms_sum_to_the_objective(weighting, objective):
    terms = weigh(weighting)
    assert terms.sum() == pytest.approx(objective(LOSSES))
    # a term is the task's own part, and the rest in equal shares
    step = 1e-6
    slopes = [
        (objective(LOSSES + step * unit) - objective(LOSSES - step * unit)) / (2 * step)
        for unit in np.eye(3)
    ]
    rest = (objective(LOSSES) - np.dot(slopes, LOSSES)) / 3
    np.testing.assert_allclose(terms, slopes * LOSSES + rest, rtol=1e-6)


@pytest.mark.parametrize("weighting", [GeometricLossStrategy(), SmoothTchebycheff()], ids=repr)
def test_the_objective_is_that_of_the_tasks_present(weighting):
    whole = weigh(weighting, present=(True, False, True))
    np.testing.assert_allclose(whole[[0, 2]], weigh(weighting, LOSSES[[0, 2]], (True, True)))
    assert whole[1] == 0


def test_no_task_present_is_no_error():
    for name, kind in LOSS_WEIGHTINGS.items():
        weighted = weigh(kind(), np.zeros(3), (False, False, False))
        assert np.isfinite(weighted).all(), name


def test_rlw_draws_a_softmax_of_normal_numbers():
    drawn = np.asarray(
        keras.random.normal((3,), dtype="float64", seed=keras.random.SeedGenerator(0))
    )
    expected = np.exp(drawn) / np.exp(drawn).sum()
    np.testing.assert_allclose(weigh(RandomLossWeighting()), expected * LOSSES)


def test_famo_terms():
    bounds = np.array([0.1, 0.2, 0.0])
    shares = np.exp(SCALES) / np.exp(SCALES).sum()
    excess = LOSSES - bounds
    expected = shares * np.log(excess) / np.sum(shares / excess)
    terms = weigh(FAMO(min_losses=bounds), logits=SCALES)
    np.testing.assert_allclose(terms, expected, rtol=1e-6)


@pytest.mark.parametrize("options", [{}, {"learning_rate": 0.1, "weight_decay": 0.5}])
def test_famo_takes_a_step_of_adam(options):
    famo = FAMO(**options)
    rate, decay = options.get("learning_rate", 0.025), options.get("weight_decay", 0.001)
    state = arrays(famo, 3, "float64") | {"logits": SCALES}
    logits, first, second = SCALES, 0.0, 0.0
    for number, after in ((1, LOSSES / [2, 1, 4]), (2, LOSSES / [1.5, 3, 1])):
        falls = np.log(LOSSES / after)
        shares = np.exp(logits) / np.exp(logits).sum()
        gradient = shares * (falls - shares @ falls) + decay * logits
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        unbiased = first / (1 - 0.9**number), second / (1 - 0.999**number)
        logits = logits - rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
        observed = StepObservation(LOSSES, np.ones(3, bool), losses_after=after)
        state = famo.update(state, observed)
        np.testing.assert_allclose(state["logits"], logits, rtol=1e-6)


def test_dwa_over_epochs():
    for temperature in (2.0, 0.5):
        dwa = DynamicWeightAverage(temperature=temperature)
        state = arrays(dwa, 3, "float64")
        before = None
        for losses in (LOSSES, LOSSES * [0.5, 0.9, 1.0], LOSSES * [0.4, 0.2, 1.5]):
            state = dwa.end_epoch(state, losses, np.ones(3, bool))
            shares = np.exp((losses / before if before is not None else np.ones(3)) / temperature)
            np.testing.assert_allclose(state["weights"], 3 * shares / shares.sum(), rtol=1e-6)
            before = losses


def test_dwa_leaves_an_absent_task_alone():
    dwa = DynamicWeightAverage()
    state = arrays(dwa, 3, "float64") | {
        "last_losses": LOSSES,
        "weights": np.array([0.5, 1.5, 1.0]),
    }
    new = dwa.end_epoch(state, LOSSES / [2, 9, 1], np.array([True, False, True]))
    shares = np.exp(np.array([0.5, 1.0]) / 2)
    np.testing.assert_allclose(new["weights"][[0, 2]], 1.5 * shares / shares.sum())
    assert new["weights"][1] == 1.5
    assert new["last_losses"].tolist() == [0.25, 2.0, 3.0]


@pytest.mark.parametrize("name", sorted(LOSS_WEIGHTINGS))
def test_what_the_training_loop_asks_for(name):
    weighting = LOSS_WEIGHTINGS[name]()
    assert weighting.needs_gradient_norms == (name == "gradnorm")
    assert weighting.needs_losses_after == (name == "famo")
    sizes = {value.shape for value in arrays(weighting, 4, "float64").values()}
    assert sizes <= {(4,)}


def test_a_weighting_of_your_own_needs_no_state():
    class Doubled(LossWeighting):
        def weigh(self, losses, present, state, *, seed):  # noqa: ARG002
            return 2 * losses

    own = Doubled()
    assert own.initial_state(2) == own.initial_parameters(2) == {}
    assert own.update({"a": 1}, None) == own.end_epoch({"a": 1}, None, None) == {"a": 1}
    assert weigh(own).tolist() == (2 * LOSSES).tolist()
