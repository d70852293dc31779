"""The kind of label that is a number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import r2_score

from skmtl.data.labels import read_labels
from skmtl.labels import LabelOptions, NumberHead, NumberLabels
from skmtl.training.branch_weights import best_weights


def column(labels):
    return read_labels(labels).columns[0]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0.5, None], True),
        (pd.Series([1.5, np.nan]), True),
        ([1.0, 2.0], False),
        ([1, 2], False),
        (["1.5"], False),
    ],
)
def test_fractions_are_recognized(labels, expected):
    assert NumberLabels.recognizes(column(labels), LabelOptions()) is expected


@given(st.floats(1e-6, 1e6), st.integers(0, 1000))
def test_what_is_learned_does_not_depend_on_the_unit(unit, seed):
    numbers = np.random.default_rng(seed).normal(3.0, size=20)
    one, other = column(numbers), column(numbers * unit)
    plain, scaled = NumberLabels.of(one), NumberLabels.of(other)
    np.testing.assert_allclose(plain.encode(one), scaled.encode(other), rtol=1e-5, atol=1e-6)
    outputs = np.linspace(-2, 2, 20, dtype=np.float32)[:, None]
    np.testing.assert_allclose(plain.predict(outputs) * unit, scaled.predict(outputs), rtol=1e-9)
    scores = [k.score(c, outputs, np.ones(20)) for k, c in ((plain, one), (scaled, other))]
    assert scores[0] == pytest.approx(scores[1])
    assert scores[0] == pytest.approx(r2_score(numbers, plain.predict(outputs)))


def test_huge_numbers_stay_finite():
    kind = NumberLabels.of(column([1e300, -1e300, 2e300]))
    assert np.isfinite(kind.encode(column([1e300, None]))).all()
    assert np.isfinite(kind.scale)


def test_a_constant_is_learned_as_it_is():
    kind = NumberLabels.of(column([7, 7, None]))
    assert (kind.center, kind.scale) == (7.0, 7.0)
    assert kind.predict(np.zeros((2, 1), np.float32)).tolist() == [7.0, 7.0]
    assert kind.score(column([7.0]), np.zeros((1, 1)), np.ones(1)) == 1.0
    assert kind.score(column([7.0]), np.ones((1, 1)), np.ones(1)) == 0.0
    assert NumberLabels.of(column([0, 0])).scale == 1.0


@given(st.integers(1, 60), st.floats(1e-6, 1e6), st.floats(0.1, 10))
def test_there_is_nothing_to_explain_in_equal_numbers(n_rows, number, weight):
    kind, rows = NumberLabels(0.0, 1.0), column(np.full(n_rows, number))
    outputs, weights = np.zeros((n_rows, 1), np.float32), np.full(n_rows, weight)
    assert kind.score(rows, outputs, weights) == 0.0
    assert NumberLabels(number, 1.0).score(rows, outputs, weights) == 1.0
    outputs = np.full((n_rows, 1), 0.25)
    for unit in (1e-6, 1e6):  # what a constant is predicted as is a share of itself
        predicted = NumberLabels.of(column(np.full(n_rows, number * unit))).predict(outputs)
        np.testing.assert_allclose(predicted, 1.25 * number * unit)


def test_truth_that_is_infinite_is_named():
    with pytest.raises(ValueError, match="task 'y', row 1: numbers must be finite"):
        NumberLabels(0.0, 1.0).score(column([1.0, np.inf]), np.zeros((2, 1)), np.ones(2))


def test_a_logarithm_goes_back():
    prices = column([0.0, 9.0, 99.0, None])
    kind = NumberLabels.of(prices, options=LabelOptions(transform="log1p"))
    targets = kind.encode(prices)
    assert targets[3, 0] == 0
    np.testing.assert_allclose(kind.predict(targets)[:3], [0, 9, 99], rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match=r"row 1: target_transform='log1p' needs .* got -1"):
        kind.encode(column([3.0, -1.0]))


def test_quantiles_of_a_task_alone_are_columns():
    options = LabelOptions(loss="quantile", quantiles=(0.2, 0.6))
    kind = NumberLabels.of(column([1.0, 2.0, 3.0]), options=options)
    outputs = np.array([[0.0, 1.0]], np.float32)
    assert kind.head.n_outputs == 2
    assert kind.predict_alone(outputs).shape == (1, 2)
    assert kind.predict(outputs)[0] == kind.in_units(outputs)[0, 1]
    assert kind.output_names == [0.2, 0.6]
    assert kind.describe_outputs() == {"quantiles": [0.2, 0.6]}


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (["a", "b"], TypeError, "task 'y', row 0: a number is wanted; got str 'a'.*MultiTaskEst"),
        (pd.Series([[1.0]]), TypeError, "a number is wanted; got list"),
        ([1.0, np.inf], ValueError, "row 1: numbers must be finite"),
        ([None, None], ValueError, "no label at all"),
    ],
)
def test_bad_labels_are_named(labels, error, message):
    with pytest.raises(error, match=message):
        NumberLabels.of(column(labels))
    with pytest.raises(ValueError, match="whose labels are numbers"):
        NumberLabels.of(column([1.0]), known=[1, 2])


def test_what_no_numbers_can_have_taught_is_trouble():
    assert NumberLabels(0.0, 1.0).trouble() is None
    for kind in (
        NumberLabels(0.0, 0.0),
        NumberLabels(np.nan, 1.0),
        NumberLabels(0.0, 1.0, "quantile"),
    ):
        assert "scale or quantiles" in kind.trouble()
    assert "loss" in NumberLabels(0.0, 1.0, '{"class": "Loss"}').trouble()


def test_the_weights_of_branches_keep_quantiles_apart():
    """The squared error would shrink the quantiles of noise to the mean."""
    rng = np.random.default_rng(0)
    levels = np.array([-1.28, 0.0, 1.28])  # of a normal distribution: 0.1, 0.5, 0.9
    logits = np.stack([np.tile(levels, (4000, 1)), rng.normal(size=(4000, 3))], axis=1)
    head = NumberHead(3, "quantile", (0.1, 0.5, 0.9))
    there, weights = np.ones((4000, 2)), np.ones(4000)
    found = best_weights(head, logits, there, rng.normal(size=(4000, 1)), weights)
    np.testing.assert_allclose(found, [1.0, 0.0], atol=0.1)


def test_the_slope_of_a_quantiles_loss_is_its_derivative():
    rng = np.random.default_rng(1)
    head, z, y = (
        NumberHead(2, "quantile", (0.2, 0.7)),
        rng.normal(size=(9, 2)),
        rng.normal(size=(9, 1)),
    )
    _, slopes = head.loss_and_slope(z, y)
    for column, step in enumerate(np.eye(2) * 1e-6):
        high, low = (head.loss_and_slope(z + sign * step, y)[0] for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, column], (high - low) / 2e-6, atol=1e-6)
