"""TensorFlow, JAX and PyTorch train to the same losses and read each other's files."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from backend_worker import CASES, predictions, small_model, trained
from small_table import make_small_table

OTHERS = [name for name in ("tensorflow", "jax", "torch") if name != keras.config.backend()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with first weights, and with what this backend makes of them."""
    folder = tmp_path_factory.mktemp("backends")
    small_model().initialize(*make_small_table(24)).save(folder / "start.skmtl")
    result = {"losses": trained(folder, keras.config.backend())}
    (folder / f"{keras.config.backend()}.json").write_text(json.dumps(result))
    return folder


@pytest.fixture(scope="module", params=OTHERS)
def other(request):
    """The name of another backend, after it has done its work in another process."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed: it is an extra")
    folder = request.getfixturevalue("folder")
    worker = Path(__file__).with_name("backend_worker.py")
    subprocess.run(
        [sys.executable, worker, folder, keras.config.backend()],
        env={**os.environ, "KERAS_BACKEND": request.param},
        check=True,
    )
    return request.param


def read(folder, name):
    return json.loads((folder / f"{name}.json").read_text())


def test_losses_are_the_same(other, folder):
    ours, theirs = (read(folder, name)["losses"] for name in (keras.config.backend(), other))
    for case in CASES:
        np.testing.assert_allclose(theirs[case], ours[case], rtol=1e-5, atol=1e-5)
        assert ours[case][-1] < ours[case][0]


def test_each_reads_the_files_of_the_other(other, folder):
    name = keras.config.backend()
    theirs = read(folder, other)["predictions"][name]
    np.testing.assert_allclose(theirs, np.load(folder / f"{name}.npy"), atol=1e-5)
    ours = predictions(folder / f"{other}.skmtl")
    np.testing.assert_allclose(ours, np.load(folder / f"{other}.npy"), atol=1e-5)


def test_tensorflow_is_imported_by_nobody_who_does_not_use_it(other, folder):
    assert ("tensorflow" in read(folder, other)["imported"]) == (other == "tensorflow")
