"""A new head says almost nothing."""

import keras
import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskEstimator
from skmtl.network.heads import build_head


def test_a_new_head_has_small_weights_that_differ():
    head = build_head(3, "head_0")
    outputs = keras.ops.convert_to_numpy(head(np.ones((2, 4), "float32")))
    assert 0 < np.abs(outputs).max() < 0.04
    assert len(np.unique(outputs[0])) == 3


@pytest.mark.parametrize("fusion", ["weighted", "concat"])
def test_a_network_that_has_learned_nothing_predicts_the_mean_and_equal_shares(fusion):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"words": ["一 二", "三"] * 20, "size": rng.normal(size=40)})
    y = pd.DataFrame({"price": rng.normal(5e3, 1e3, 40), "kind": ["a", "b", "c", "d"] * 10})
    model = MultiTaskEstimator(fusion=fusion, epochs=1, learning_rate=1e-12, random_state=0)
    frame = model.fit(X, y).predict_frame(X, proba=True)
    np.testing.assert_allclose(frame["price"], y["price"].to_numpy().mean(), rtol=0.02)
    np.testing.assert_allclose(frame["kind"], 0.25, atol=0.02)
