"""Half precision: task gradients that are tiny must not become 0 on their way."""

import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.weighting import GradNorm

TINY = 1e-6  # gradients of the logits are then below what float16 can say, 6e-8


def history(precision, sample_weight, **parameters):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(48, 5)).astype(np.float32)
    y = np.stack([X[:, 0] > 0, X[:, 0] + X[:, 1] > 0], axis=1).astype(int)
    model = MultiTaskClassifier(
        precision=precision, optimizer="sgd", epochs=2, batch_size=48, branch_dropout=0.0,
        branch_units=8, trunk_units=(6,), random_state=1, **parameters,
    )  # fmt: skip
    return model.fit(X, y, sample_weight=np.full((48, 2), sample_weight)).history_


@pytest.mark.slow  # two networks are compiled
def test_an_aggregator_sees_tiny_task_gradients():
    half = history("mixed_float16", TINY, gradient_aggregator="upgrad")
    full = history(None, TINY, gradient_aggregator="upgrad")
    cosine = "task_0|task_1_gradient_cosine"
    assert abs(full[cosine][0]) > 0.1
    np.testing.assert_allclose(half[cosine], full[cosine], atol=0.02)


@pytest.mark.slow  # two networks are compiled
def test_gradnorm_sees_tiny_gradient_norms():
    # the gradients of the first batch are a hundredth of the later ones: heads start small
    parameters = {"loss_weights": GradNorm(learning_rate=30 / TINY)}
    half, full = (history(p, TINY, **parameters) for p in ("mixed_float16", None))
    for task in ("task_0", "task_1"):
        weights = full[f"{task}_loss_weight"]
        assert abs(weights[1] - weights[0]) > 0.01
        np.testing.assert_allclose(half[f"{task}_loss_weight"], weights, atol=1e-3)
