"""Importing and using the package writes nothing and leaves the process as it was."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from skmtl._runtime import quiet_start

SCRIPT = """
import logging, os, sys, tempfile, warnings
before = dict(os.environ), list(warnings.filters), logging.getLogger().level
files = set(os.listdir(tempfile.gettempdir()))
import numpy as np
filters = list(warnings.filters)
from skmtl import MultiTaskClassifier
model = MultiTaskClassifier(epochs=1, random_state=0).fit(["好 的", "坏 的"] * 4, [0, 1] * 4)
model.predict(["好"])
new = set(os.environ) - set(before[0])  # TensorFlow, h5py and threadpoolctl leave some
new -= {"TF_ENABLE_ONEDNN_OPTS"}  # workers inherit it
assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == before[0].get("TF_ENABLE_ONEDNN_OPTS", "1")
assert not [name for name in new if name.startswith(("TF_CPP", "TF_EN", "KERAS", "CUDA", "SKMTL"))], new
assert {name: os.environ.get(name) for name in before[0]} == before[0]
assert logging.getLogger().level == before[2]
new = set(os.listdir(tempfile.gettempdir())) - files
assert not [name for name in new if "jieba" in name], new
import tensorflow as tf
tf.random.normal([1])  # fails under op determinism without a global seed
"""


def test_import_fit_and_predict_print_nothing_and_change_nothing():
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "user", "expected"),
    [
        ("", "0", "0"),  # what the user has set holds
        ("import keras", None, "None"),  # TensorFlow may have read it already
    ],
)
def test_onednn_is_on_unless_somebody_decided(first, user, expected):
    name = "TF_ENABLE_ONEDNN_OPTS"
    environment = {key: value for key, value in os.environ.items() if key != name}
    environment |= {} if user is None else {name: user}
    script = f"{first}\nimport os, skmtl._runtime.quiet_start; print(os.environ.get({name!r}))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{expected}\n"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="closes a file descriptor")
@pytest.mark.skipif(np.__version__ < "2.1", reason="NumPy 2.0 itself needs a standard error")
def test_a_process_without_standard_error_can_import():
    script = "import os, sys; os.close(2); sys.stderr = None; import skmtl._runtime.quiet_start"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_error_of_the_import_is_not_hidden(tmp_path):
    (tmp_path / "keras.py").write_text("raise ImportError('no Keras today')\n", encoding="utf-8")
    script = "import sys; sys.path.insert(0, sys.argv[1]); import skmtl._runtime.quiet_start"
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ImportError: no Keras today" in done.stderr


def test_preprocessing_and_model_selection_need_no_tensorflow():
    script = (
        "import sys, skmtl.preprocessing, skmtl.model_selection, skmtl.metrics, skmtl.datasets\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_jax_reads_that_memory_grows_while_it_starts(monkeypatch):
    name, seen = "XLA_PYTHON_CLIENT_PREALLOCATE", []
    monkeypatch.setattr(keras.ops, "zeros", lambda _: seen.append(os.environ.get(name)))
    monkeypatch.delenv(name, raising=False)
    quiet_start._import_keras()
    assert name not in os.environ
    monkeypatch.setenv(name, "true")
    quiet_start._import_keras()
    assert seen == ["false", "true"]  # what the user has set holds
    assert os.environ[name] == "true"


@pytest.mark.skipif(
    keras.config.backend() != "tensorflow",
    reason="JAX reads the environment, PyTorch takes what it needs",
)
def test_cards_are_shared(monkeypatch):
    import tensorflow as tf

    seen = []

    def set_memory_growth(device, is_on):
        seen.append((device, is_on))
        if device == "started":
            raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["started", f"new {kind}"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", set_memory_growth)
    quiet_start._grow_memory()
    assert seen == [("started", True), ("new GPU", True)]
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "false")
    quiet_start._grow_memory()
    assert len(seen) == 2  # what the user has set holds
