"""Dense networks under XLA, and their dropout: the same layer, other random numbers."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skmtl import MultiTaskClassifier, MultiTaskRegressor
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


def test_a_row_without_the_only_column_does_not_train_on_that_of_another():
    rng = np.random.default_rng(0)
    x = rng.normal(size=120)
    lacks = np.arange(120) % 3 == 1
    X = pd.DataFrame({"x": np.where(lacks, np.nan, x)})
    y = np.where(lacks, 10.0, 3 * x)
    model = MultiTaskRegressor(epochs=40, learning_rate=0.02, branch_dropout=0.0, random_state=0)
    model.fit(X, y)
    assert model.score(X[~lacks], y[~lacks]) > 0.98
    assert model.history_["y_r2"][-1] == pytest.approx(model.score(X, y), abs=0.02)


def test_padding_is_not_in_the_means_of_batches():
    """33 rows in batches of 32: the last one has a single row, with zeros."""
    images = np.zeros((33, 4, 4, 1), np.uint8)
    images[0] = 255
    layers = [keras.layers.Flatten(), keras.layers.BatchNormalization(momentum=0.0)]
    model = MultiTaskClassifier(epochs=3, batch_size=32, random_state=0)
    model.set_params(image_backbone=keras.Sequential([*layers, keras.layers.Dense(4)]))
    model.fit(images, np.arange(33) % 2)
    (mean,) = (v for v in model.model_.weights if "moving_mean" in v.path)
    assert np.asarray(mean).max() <= 1 / 30
