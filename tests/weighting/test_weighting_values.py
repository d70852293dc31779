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
    GradNorm,
    LossWeighting,
    RandomLossWeighting,
    SmoothTchebycheff,
    SoftOptimalUncertainty,
    StepObservation,
    UncertaintyWeighting,
)
from skmtl.weighting._objective import masked_softmax, terms

LOSSES = np.array([0.5, 2.0, 3.0])
SCALES = np.array([0.2, -0.4, 1.0])


def shares(logits):
    """Return the softmax."""
    return np.exp(logits) / np.exp(logits).sum()


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
        # softmax(1 / (T L)) of losses 0.5, 2 and 3
        (SoftOptimalUncertainty(), {}, LOSSES * shares(1 / LOSSES)),
        (SoftOptimalUncertainty(temperature=4.0), {}, LOSSES * shares(0.25 / LOSSES)),
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


def test_softmax_over_the_tasks_present():
    got = np.asarray(masked_softmax(np.array([1000.0, 2000.0, 1001.0]), np.array([1, 0, 1], bool)))
    np.testing.assert_allclose(got, [1 / (1 + np.e), 0, np.e / (1 + np.e)])
    assert not np.asarray(masked_softmax(LOSSES, np.zeros(3, bool))).any()
    assert np.asarray(masked_softmax(np.zeros(1), np.ones(1, bool))).tolist() == [1]


def test_terms_share_what_the_weights_leave():
    present = np.array([True, False, True])
    got = np.asarray(terms(10.0, np.array([2.0, 0.0, 1.0]), np.array([1.0, 0.0, 4.0]), present))
    assert got.tolist() == [2 + 2, 0, 4 + 2]


def test_stch_of_absent_tasks_and_preferences():
    stch = SmoothTchebycheff(mu=0.5, preferences=[3, 2, 1], ideal=[0.1, -0.5, 0.2])
    part = SmoothTchebycheff(mu=0.5, preferences=[2, 1], ideal=[-0.5, 0.2])
    whole = weigh(stch, np.array([0.0, 2.0, 3.0]), (False, True, True))
    np.testing.assert_allclose(whole[1:], weigh(part, LOSSES[1:], (True, True)))
    assert whole[0] == 0
    assert np.asarray(weigh(stch, np.zeros(3), (False, False, False))).tolist() == [0, 0, 0]


def test_a_loss_of_zero_is_the_smallest_number_for_gls():
    smallest = np.finfo("float64").tiny
    terms = weigh(GeometricLossStrategy(), np.array([0.0, 4.0]), (True, True))
    assert terms.sum() == pytest.approx(np.sqrt(4 * smallest), rel=1e-12, abs=0)


def test_famo_with_a_loss_at_its_bound():
    terms = weigh(FAMO(), np.array([0.0, 1.0]), (True, True))
    excess = np.array([1e-8, 1 + 1e-8])
    np.testing.assert_allclose(terms, np.log(excess) / np.sum(1 / excess), rtol=1e-6, atol=1e-14)


def test_famo_leaves_a_task_alone_that_is_not_known():
    famo = FAMO(weight_decay=0.0)
    start = {"logits": SCALES, "first_moments": 0.1 * SCALES, "second_moments": SCALES**2}
    state = arrays(famo, 3, "float64") | start
    observed = StepObservation(LOSSES, np.array([True, False, True]), losses_after=LOSSES / 2)
    new = famo.update(state, observed)
    for name in ("logits", "first_moments", "second_moments", "n_updates"):
        assert np.asarray(new[name])[1] == state[name][1]
        assert np.asarray(new[name])[0] != state[name][0]
    # both known losses halved: no task is behind, and only the old momentum moves
    np.testing.assert_allclose(np.asarray(new["first_moments"])[[0, 2]], 0.09 * SCALES[[0, 2]])


def step_of_gradnorm(losses, norms, present=(True, True, True), initial=(0.0, 0.0, 0.0), rate=0.1):
    gradnorm = GradNorm(alpha=2.0, learning_rate=rate)
    state = {"weights": np.array([0.5, 1.0, 1.5]), "initial_losses": np.array(initial)}
    observed = StepObservation(np.array(losses), np.array(present), gradient_norms=np.array(norms))
    new = gradnorm.update(state, observed)
    return np.asarray(new["weights"]), np.asarray(new["initial_losses"])


def test_gradnorm_of_losses_that_are_zero():
    # Nothing to compare with: all train at one rate, so that the norms alone decide.
    for losses, initial in (([0.0] * 3, [0.0] * 3), ([0.0] * 3, [1.0, 2.0, 3.0])):
        weights, _ = step_of_gradnorm(losses, [1.0, 1.1, 1.0], initial=initial)
        # products 0.5, 1.1, 1.5 against a target of 3.1 / 3
        np.testing.assert_allclose(weights, np.array([0.6, 0.89, 1.4]) * 3 / 2.89)
    # A task whose first loss was 0 is at its start; the others are at half of theirs.
    weights, initial = step_of_gradnorm([0.0, 1.0, 0.5], [3.0, 3.0, 3.0], initial=[0.0, 2.0, 1.0])
    rates = np.array([1.0, 0.5, 0.5]) * 1.5
    products = np.array([1.5, 3.0, 4.5])
    expected = np.array([0.5, 1.0, 1.5]) - 0.3 * np.sign(products - 3.0 * rates**2)
    np.testing.assert_allclose(weights, 3 * expected / expected.sum())
    assert initial.tolist() == [0, 2, 1]


def test_gradnorm_keeps_the_weights_above_their_smallest():
    weights, _ = step_of_gradnorm([1.0, 1.0, 1.0], [8.0, 1.0, 1.0], rate=1.0)
    # products 4, 1, 1.5 against 13 / 6: only the first falls, far below 0
    expected = np.array([0.001, 2.0, 2.5])
    np.testing.assert_allclose(weights, 3 * expected / expected.sum())


def test_gradnorm_without_a_task_changes_nothing():
    weights, initial = step_of_gradnorm([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [False] * 3)
    assert weights.tolist() == [0.5, 1.0, 1.5]
    assert initial.tolist() == [0, 0, 0]


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


def test_dwa_without_a_task_changes_nothing():
    dwa = DynamicWeightAverage()
    state = {"weights": np.array([0.5, 1.5]), "last_losses": np.array([1.0, 2.0])}
    new = dwa.end_epoch(state, np.array([3.0, 4.0]), np.array([False, False]))
    assert new["weights"].tolist() == [0.5, 1.5]
    assert new["last_losses"].tolist() == [1, 2]


def test_dwa_of_a_loss_that_grew_a_thousandfold():
    dwa = DynamicWeightAverage(temperature=1.0)
    state = {"weights": np.ones(2, "float32"), "last_losses": np.array([1.0, 0.0], "float32")}
    new = dwa.end_epoch(state, np.array([1000.0, 1.0]), np.array([True, True]))
    assert new["weights"].tolist() == [2, 0]
    assert state["weights"].tolist() == [1, 1]


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
