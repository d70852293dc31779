"""What only a card can show; every other test runs without one."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, KFold

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.exceptions import DeviceMemoryError
from skmtl.training import backend

pytestmark = pytest.mark.skipif(backend.is_on_cpu(), reason="needs a GPU that Keras computes on")
CAP = 8 * 2**30  # a larger card is cut; JAX reads XLA_CLIENT_MEM_FRACTION before it starts
ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}


@pytest.fixture(scope="module", autouse=True)
def small_card():
    if keras.config.backend() == "torch":
        import torch

        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, CAP / total))


@pytest.fixture(scope="module")
def large_images():
    """Images of which `wide` takes about 0.1 GiB each, and two classes."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (512, 128, 128, 3), dtype=np.uint8), np.arange(512) % 2


def wide(**parameters):
    model = MultiTaskClassifier(image_backbone="small_cnn", epochs=1, random_state=0, **parameters)
    return model.set_params(image_backbone__filters=(256, 256))


def small(**parameters):
    model = MultiTaskClassifier(branch_units=8, epochs=2, random_state=0, **parameters)
    return model.set_params(tokenizer__max_len=6)


def test_the_card_is_used(small_table):
    X, y = small_table
    fitted = small().fit(X, y)
    variable = fitted.model_.trainable_variables[0].value
    assert "cpu" not in str(getattr(variable, "device", variable)).lower()


def test_a_model_from_the_card_predicts_the_same_on_a_cpu(small_table, tmp_path):
    X, y = small_table
    fitted = small().fit(X, y)
    skmtl.save(fitted, tmp_path / "model")
    X.to_pickle(tmp_path / "table")
    script = (
        "import numpy as np, pandas as pd, skmtl, sys\n"
        "folder = sys.argv[1]\n"
        "model = skmtl.load(folder + '/model')\n"
        "found = model.predict_proba(pd.read_pickle(folder + '/table'))\n"
        "np.savez(folder + '/found.npz', *found)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    subprocess.run(command, env=os.environ | ON_CPU, check=True)
    found = np.load(tmp_path / "found.npz")
    for task, expected in enumerate(fitted.predict_proba(X)):
        # products of matrices in TF32 have ten bits behind the comma
        np.testing.assert_allclose(found[f"arr_{task}"], expected, atol=2e-3)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_learns(small_table, precision):
    X, y = small_table
    losses = small(precision=precision).set_params(epochs=15).fit(X, y).history_["loss"]
    assert losses[-1] < 0.9 * losses[0]


def test_two_fits_with_one_seed_learn_the_same(small_table):
    X, y = small_table
    first, second = (small().fit(X, y).history_["loss"] for _ in range(2))
    np.testing.assert_allclose(first, second, rtol=1e-4)


@pytest.mark.slow
def test_a_batch_that_does_not_fit_is_named_with_a_smaller_one(large_images):
    X, y = large_images
    model = wide(batch_size=512)
    with pytest.raises(
        DeviceMemoryError, match=r"batch_size=512 does not fit; try batch_size=256"
    ) as caught:
        model.fit(X, y)
    assert not hasattr(model, "classes_")
    del caught  # its frames hold arrays of the device


@pytest.mark.slow
def test_auto_finds_a_batch_that_fits(large_images):
    X, y = large_images
    model = wide(batch_size="auto").fit(X, y)
    assert 1 < model.batch_size_ < 512
    assert model.predict(X).shape == (512,)


@pytest.mark.slow
def test_two_workers_share_the_card(small_table):
    X, y = small_table
    grid = {"learning_rate": [0.003, 0.01]}
    alone, shared = (
        GridSearchCV(small(), grid, cv=KFold(2), n_jobs=n).fit(X, y).cv_results_ for n in (1, 2)
    )
    for key in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(shared[key], alone[key], atol=0.05)
