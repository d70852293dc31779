"""Dense networks under XLA, and their dropout: the same layer, other random numbers."""

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skmtl import MultiTaskClassifier
from skmtl.training.programs import forget_programs
from skmtl.training.tensorflow._dense import HashedDropout, hashed, threshold


@pytest.fixture
def layer():
    return HashedDropout(keras.layers.Dropout(0.3, seed=7))


def test_numbers_are_spread_evenly():
    numbers = hashed(2**18, [3, 5]).numpy()
    counts = np.bincount(numbers >> 24, minlength=256)
    chi_square = ((counts - 1024) ** 2 / 1024).sum()
    assert 170 < chi_square < 350  # 255 degrees of freedom: both ends are 1 in 10,000
    assert len(np.unique(numbers)) == len(numbers)  # a bijection


@pytest.mark.parametrize("other", [[3, 6], [4, 5], [3, 2**31], [5, 3]])
def test_neighbouring_keys_give_unrelated_numbers(other):
    first, second = hashed(2**16, [3, 5]).numpy(), hashed(2**16, other).numpy()
    bits = np.unpackbits((first ^ second).view(np.uint8)).mean()
    assert abs(bits - 0.5) < 0.003
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02


def test_neighbouring_positions_are_unrelated():
    numbers = hashed(2**16, [0, 0]).numpy()
    for lag in (1, 2, 7, 64, 1024):
        assert abs(np.corrcoef(numbers[:-lag], numbers[lag:])[0, 1]) < 0.02


@pytest.mark.parametrize("rate", [1e-6, 0.1, 0.5, 0.999999])
def test_threshold_is_the_share_of_the_numbers(rate):
    assert threshold(rate) / 2**32 == pytest.approx(rate, abs=1e-9)


def test_a_share_is_dropped_and_the_rest_keeps_the_sum(layer):
    outputs = layer(np.ones((1000, 100), np.float32), training=True).numpy()
    assert set(np.unique(outputs)) == {np.float32(0), np.float32(1 / 0.7)}
    assert (outputs == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert outputs.mean() == pytest.approx(1.0, abs=0.01)


def test_every_step_has_a_mask_of_its_own_and_a_seed_repeats_them(layer):
    rows = np.ones((8, 64), np.float32)
    start = np.asarray(layer.seed_generator.state)
    first, second = layer(rows, training=True).numpy(), layer(rows, training=True).numpy()
    assert (first != second).any()
    layer.seed_generator.state.assign(start)
    np.testing.assert_array_equal(layer(rows, training=True), first)


def test_nothing_is_dropped_in_prediction_or_at_rate_zero(layer):
    rows = np.ones((4, 4), np.float32)
    np.testing.assert_array_equal(layer(rows), rows)
    np.testing.assert_array_equal(
        HashedDropout(keras.layers.Dropout(0.0))(rows, training=True), rows
    )


@pytest.mark.slow
def test_a_dense_program_has_it_and_the_fitted_network_has_not():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 5)), rng.integers(0, 2, (40, 2))
    model = MultiTaskClassifier(
        branch_units=8, branch_dropout=0.5, trunk_units=8, epochs=2, random_state=0
    )
    forget_programs()
    first = clone(model).fit(X, y)
    again = clone(model).fit(X, y)  # the same program, its masks again from the seed
    assert first.history_["loss"] == again.history_["loss"]
    layers = {type(x) for x in first.model_._flatten_layers()}
    assert keras.layers.Dropout in layers
    assert HashedDropout not in layers
    without = clone(model).set_params(branch_dropout=0.0).fit(X, y)
    assert without.history_["loss"] != first.history_["loss"]
