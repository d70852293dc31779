"""Predicting: what a row gives does not depend on the rows around it."""

import numpy as np
import pytest

from skmtl import MultiTaskClassifier


@pytest.fixture(scope="module")
def model():
    X = np.random.default_rng(0).normal(size=(60, 7)).astype(np.float32)
    return MultiTaskClassifier(epochs=2, random_state=0).fit(X, np.arange(60) % 3)


@pytest.mark.parametrize("n_rows", [2, 7, 20, 32, 47, 48, 49, 100, 479, 481, 1000])
def test_vectors_give_the_same_bits_in_any_order(model, n_rows):
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
