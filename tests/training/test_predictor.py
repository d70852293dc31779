"""Predicting: what a row gives does not depend on the rows around it."""

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.data import Modality, Table
from skmtl.training.programs import predictor_for


@pytest.fixture(scope="module")
def model():
    X = np.random.default_rng(0).normal(size=(60, 7)).astype(np.float32)
    return MultiTaskClassifier(epochs=2, random_state=0).fit(X, np.arange(60) % 3)


@pytest.mark.parametrize("n_rows", [2, 7, 20, 32, 47, 48, 49, 100, 479, 481, 1000])
def test_vectors_give_the_same_bits_in_any_order(model, n_rows):
    if n_rows > 480 and keras.config.backend() == "jax":
        pytest.skip("XLA adds up a part of 480 rows in another order than the rest: last bits")
    rng = np.random.default_rng(n_rows)
    X = rng.normal(size=(n_rows, 7)).astype(np.float32)
    order = rng.permutation(n_rows)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (n_rows, 3)
    np.testing.assert_array_equal(model.predict_proba(X[order]), probabilities[order])


def test_one_row_alone_gives_the_same_bits(model):
    X = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    alone = np.concatenate([model.predict_proba(X[row : row + 1]) for row in range(5)])
    np.testing.assert_array_equal(alone, model.predict_proba(X))


def test_images_in_order_give_what_they_give_in_another():
    images = np.random.default_rng(2).integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    fitted = MultiTaskClassifier(epochs=1, random_state=0).fit(images, np.arange(20) % 3)._fitted
    predictor = predictor_for(fitted.spec, fitted.network.encoders)
    values = predictor.weights(fitted.weights.values)
    order = np.random.default_rng(3).permutation(20)
    in_order = Modality.of_rows(images[order])
    gathered = Modality(images, order.astype(np.int32))
    assert in_order.is_in_order
    assert not gathered.is_in_order
    first, second = (predictor(values, Table(20, {"image": m}))[0] for m in (in_order, gathered))
    np.testing.assert_array_equal(first, second)


def test_every_stage_of_the_network_is_returned(model):
    X = np.random.default_rng(4).normal(size=(9, 7)).astype(np.float32)
    fitted = model._fitted
    table = fitted.reader.read(X)
    (vectors,), (logits,), (outputs,) = (
        fitted.compute(stage, table) for stage in ("vectors", "logits", "outputs")
    )
    head = fitted.network.joint.get_layer("head_0")
    kernel, bias = (keras.ops.convert_to_numpy(v) for v in (head.kernel, head.bias))
    np.testing.assert_allclose(vectors @ kernel + bias, logits, atol=1e-5)
    odds = np.exp(logits)
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), outputs, atol=1e-6)
