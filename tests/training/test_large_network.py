"""A large network: VGG16 beside BERT, the size that sharing is meant for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier

BERT = Path(__file__).parents[2].parent / "shared/models/bert_tiny_zh_random"


def make_table(n=8, side=32):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8)
    X = pd.DataFrame({"image": list(images), "text": ["我爱北京天安门"] * n})
    y = pd.DataFrame({"a": np.arange(n) % 10, "b": (np.arange(n) + 1) % 10})
    return X, y


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
