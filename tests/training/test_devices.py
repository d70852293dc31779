"""Several devices give the numbers of one; on PyTorch there is only one."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier

# virtual devices must be requested before the backend starts: in another process
SCRIPT = """
import json, os, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
if os.environ["KERAS_BACKEND"] == "tensorflow":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 4)
from small_table import make_small_table
from skmtl import MultiTaskClassifier
X, y = make_small_table(40)
numbers = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
codes = np.arange(80).reshape(40, 2) % 3
MORE = {"branch_dropout": 0.0, "branch_units": 6, "trunk_units": 5}
SMALL = {"image_backbone__filters": (4, 4), "text_backbone__embedding_dim": 6}
CASES = {
    "numbers": (numbers, codes, {"gradient_aggregator": "pcgrad", "loss_weights": "gradnorm"}),
    "missing": (X, y, {"loss_weights": "uncertainty", "early_stopping": True, **SMALL}),
    "half": (numbers, codes, {"precision": "mixed_float16", "gradient_aggregator": "upgrad"}),
}
if os.environ["KERAS_BACKEND"] == "jax":
    MORE = {}
else:  # which draws masks for each device's own rows
    CASES["missing"][2]["text_backbone__dropout"] = 0.0
histories = {}
for name, (table, labels, options) in CASES.items():
    for n_devices in (None, 4):
        model = MultiTaskClassifier(epochs=3, batch_size=10, n_devices=n_devices, random_state=0)
        histories[f"{name} {n_devices}"] = (
            model.set_params(**(MORE | options)).fit(table, labels).history_
        )
again = model.set_params(branch_dropout=0.5).fit(table, labels).history_
histories["is reproducible"] = again == model.fit(table, labels).history_
try:
    MultiTaskClassifier(n_devices=5).fit(numbers, np.arange(40) % 2)
except ValueError as error:
    histories["error"] = str(error)
print(json.dumps(histories))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_one_device_and_four_give_the_same_history(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: it is an extra")
    flags = "--xla_force_host_platform_device_count=4" if backend == "jax" else ""
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, Path(__file__).parents[1]],
        env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": flags},
        check=True,
        stdout=subprocess.PIPE,
    )
    histories = json.loads(result.stdout)
    assert "n_devices must be at most 4" in histories.pop("error")
    assert histories.pop("is reproducible")
    names = {key.split()[0] for key in histories}
    assert len(histories) == 2 * len(names)
    for name in names:
        one, four = histories[f"{name} None"], histories[f"{name} 4"]
        assert one.keys() == four.keys()
        # half precision rounds at a thousandth, and sums are in another order
        tolerance = 1e-3 if name == "half" else 1e-5
        for key in one:
            if name == "half" and key.endswith("accuracy"):
                continue  # a row may be as near to one class as to another
            np.testing.assert_allclose(
                four[key], one[key], rtol=tolerance, atol=tolerance, err_msg=f"{name} {key}"
            )


@pytest.mark.skipif(keras.config.backend() != "torch", reason="TensorFlow and JAX share batches")
def test_pytorch_says_that_it_cannot():
    with pytest.raises(ValueError, match="n_devices above 1 needs Keras on TensorFlow or JAX"):
        MultiTaskClassifier(n_devices=2).fit(np.zeros((4, 2)), [0, 1, 0, 1])


@pytest.mark.skipif(keras.config.backend() == "torch", reason="PyTorch knows no several devices")
def test_more_devices_than_there_are():
    with pytest.raises(ValueError, match="n_devices must be at most"):
        MultiTaskClassifier(n_devices=99).fit(np.zeros((4, 2)), [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("n_devices", "error"), [(0, ValueError), (1.5, TypeError), ("all", TypeError)]
)
def test_what_is_no_number_of_devices(n_devices, error):
    with pytest.raises(error, match="n_devices must be an int >= 1"):
        MultiTaskClassifier(n_devices=n_devices).fit(np.zeros((4, 2)), [0, 1, 0, 1])
