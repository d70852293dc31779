"""The estimate of a fit's memory, and the mission's own model."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl.training.memory import GIB, MemoryEstimate

BERT = Path(__file__).parents[2].parent / "shared/models/bert_tiny_zh_random"


def make_table(n=8, side=32):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8)
    X = pd.DataFrame({"image": list(images), "text": ["我爱北京天安门"] * n})
    y = pd.DataFrame({"a": np.arange(n) % 10, "b": (np.arange(n) + 1) % 10})
    return X, y


def test_parts_add_up_and_grow_with_the_batch():
    X, y = make_table(20)
    model = MultiTaskClassifier(random_state=0).initialize(X, y)
    small, large = model.estimate_memory(batch_size=64), model.estimate_memory(batch_size=512)
    assert large.activations == pytest.approx(8 * small.activations, rel=0.01)
    assert small.weights == large.weights >= 2 * 4 * model.n_parameters_
    assert small.gradients == 4 * model.n_parameters_
    assert small.optimizer == 2 * small.gradients  # Adam: two slots
    assert small.total == sum((small.weights, small.gradients, small.optimizer, small.activations))
    plain = model.set_params(optimizer="sgd").estimate_memory()
    assert plain.optimizer == 0
    assert plain.batch_size == 32
    assert str(plain).startswith("GiB at batch size 32: weights 0.0")


def test_activations_of_a_dense_network_are_what_one_counts():
    X = np.zeros((20, 6), np.float32)
    model = MultiTaskClassifier(branch_units=100, branch_dropout=0.0).initialize(
        X, np.arange(20) % 2
    )
    # per row: product, bias and relu of 100 numbers, product and bias of 2, and the largest again
    expected = 4 * (3 * 100 + 100) + 4 * (2 * 2 + 2)
    assert model.estimate_memory(batch_size=1).activations == pytest.approx(expected, rel=0.1)


def test_half_precision_takes_less_for_activations():
    X, y = make_table(20)
    full = MultiTaskClassifier().initialize(X[["image"]], y).estimate_memory()
    half = MultiTaskClassifier(precision="mixed_bfloat16").initialize(X[["image"]], y)
    assert half.estimate_memory().activations < 0.75 * full.activations


def test_frozen_backbones_keep_no_activations():
    X, y = make_table(20)
    free = MultiTaskClassifier().initialize(X[["image"]], y).estimate_memory()
    frozen = MultiTaskClassifier(freeze_backbones=True).initialize(X[["image"]], y)
    assert frozen.estimate_memory().activations < free.activations
    assert frozen.estimate_memory().gradients < free.gradients


def test_a_limit():
    estimate = MemoryEstimate(1, 2 * GIB, GIB, 2 * GIB, 2 * GIB)
    assert estimate.total == 7 * GIB
    assert estimate.fits()
    assert not estimate.fits(7 * GIB)


@pytest.mark.slow
@pytest.mark.skipif(not BERT.is_dir(), reason="shared/models is not there")
def test_the_seed_model_trains_a_step_and_has_fewer_weights_than_two_networks():
    pytest.importorskip("keras_hub")
    X, _ = make_table(8)
    model = MultiTaskClassifier(
        image_backbone="vgg16", text_backbone=str(BERT), trunk_units=(1024,), fusion="concat",
        branch_units=256, batch_size=8, epochs=1, random_state=0,
    ).set_params(image_backbone__weights=None, tokenizer__max_len=16)  # fmt: skip
    y_all = pd.DataFrame({"a": list(range(8)), "b": list(range(8))})
    model.fit(X, y_all)
    assert np.isfinite(model.history_["loss"]).all()
    assert model.predict(X).shape == (8, 2)
    separate = model.set_params(sharing="none").initialize(X, y_all)
    shared = model.set_params(sharing="hard").initialize(X, y_all)
    n_shared = shared.n_parameters_
    n_separate = separate.set_params(sharing="none").initialize(X, y_all).n_parameters_
    assert 14_714_688 < n_shared < 0.51 * n_separate  # VGG16 alone has 14,714,688
    estimate = model.set_params(sharing="hard").initialize(X, y_all).estimate_memory(batch_size=32)
    assert estimate.fits()
    assert not estimate.fits(GIB // 4)
