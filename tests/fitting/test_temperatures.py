"""Temperatures against a search, and limits against the definition of coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax

from skmtl.fitting.calibration import Calibration, best_temperature
from skmtl.labels import ClassLabels, TagLabels

KINDS = {
    "class": ClassLabels(np.arange(3)),
    "tags": TagLabels(np.arange(3), np.full(3, 0.5)),
}


def drawn(name, sharpness, n_rows=400):
    """Return logits that are too sure or not sure enough, labels drawn from the right ones."""
    kind, rng = KINDS[name], np.random.default_rng(0)
    logits = 2 * rng.normal(size=(n_rows, kind.head.n_outputs))
    if name == "tags":
        targets = (rng.random(logits.shape) < expit(logits)).astype(np.float32)
    else:
        noisy = logits + rng.gumbel(size=logits.shape)
        targets = noisy.argmax(axis=1)[:, None].astype(np.float32)
    return kind, sharpness * logits, targets, rng.uniform(0.5, 2, n_rows)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("sharpness", [0.25, 5.0])
def test_the_temperature_is_the_best_of_many(name, sharpness):
    kind, logits, targets, weights = drawn(name, sharpness)

    def loss(temperature):
        z = logits / temperature
        p = expit(z) if name == "tags" else softmax(z, axis=1)
        if name == "tags":
            gaps = ((p - targets) ** 2).mean(axis=1)
        else:
            gaps = (p.max(axis=1) - (p.argmax(axis=1) == targets[:, 0])) ** 2
        return weights @ gaps + np.log(temperature) ** 2 / 2

    found = best_temperature(kind, logits, targets, weights)
    assert loss(found) <= min(map(loss, np.geomspace(0.06, 18, 300))) + 1e-3
    assert found == pytest.approx(sharpness, rel=0.35)


@pytest.mark.parametrize("name", KINDS)
def test_a_network_that_is_as_sure_as_it_is_right_is_left_alone(name):
    assert best_temperature(*drawn(name, 1.0, 60)) == 1.0


def test_without_rows_the_temperature_is_one():
    nothing = (np.zeros((0, 3)), np.zeros((0, 1)), np.zeros(0))
    assert best_temperature(KINDS["class"], *nothing) == 1.0


@settings(deadline=None)
@given(
    n=st.integers(1, 300),
    coverage=st.floats(0.01, 0.99),
)
def test_enough_scores_lie_below_the_limit(n, coverage):
    scores = np.sort(np.random.default_rng(n).normal(size=n))
    limit = Calibration(1.0, scores).limit(coverage)
    below = (scores <= limit).sum()
    if np.isinf(limit):
        assert n / (n + 1) < coverage
    else:
        assert below >= coverage * (n + 1) - 1e-9
        assert below - 1 < coverage * (n + 1)


@pytest.mark.parametrize(
    ("temperature", "scores", "text"),
    [
        (0.0, [0.1], "a temperature"),
        (np.nan, [0.1], "a temperature"),
        (1.0, [0.2, 0.1], "not sorted"),
        (1.0, [np.nan, 0.1], "not sorted"),
        (1.0, [[0.1]], "not sorted"),
        (1.0, [1, 2], "not sorted"),
    ],
)
def test_what_a_file_may_not_hold_is_said(temperature, scores, text):
    assert text in Calibration(temperature, np.array(scores)).trouble()
    assert Calibration(1.5, np.array([0.1, 0.2])).trouble() is None
