"""Several devices give the numbers of one; JAX alone has them."""

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

SCRIPT = """
import json, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from small_table import make_small_table
from skmtl import MultiTaskClassifier
X, y = make_small_table(40)
numbers = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
histories = {}
for name, table in {"loops": numbers, "steps": X}.items():
    for n_devices in (None, 4):
        model = MultiTaskClassifier(epochs=3, batch_size=10, n_devices=n_devices, random_state=0)
        model.set_params(gradient_aggregator="mgda" if name == "loops" else None)
        model.fit(table, y if name == "steps" else np.arange(80).reshape(40, 2) % 3)
        histories[f"{name} {n_devices}"] = model.history_
try:
    MultiTaskClassifier(n_devices=5).fit(numbers, np.arange(40) % 2)
except ValueError as error:
    histories["error"] = str(error)
print(json.dumps(histories))
"""


def test_one_device_and_four_give_the_same_history():
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed: an extra of its own")
    flags = "--xla_force_host_platform_device_count=4"
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, Path(__file__).parents[1]],
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": flags},
        check=True,
        stdout=subprocess.PIPE,
    )
    histories = json.loads(result.stdout)
    assert "n_devices must be at most 4" in histories["error"]
    for name in ("loops", "steps"):
        one, four = histories[f"{name} None"], histories[f"{name} 4"]
        assert one.keys() == four.keys()
        for key in one:
            np.testing.assert_allclose(four[key], one[key], rtol=1e-5, atol=1e-5, err_msg=key)


@pytest.mark.skipif(keras.config.backend() == "jax", reason="JAX can share batches")
def test_other_backends_say_that_they_cannot():
    with pytest.raises(ValueError, match="n_devices above 1 needs Keras on JAX"):
        MultiTaskClassifier(n_devices=2).fit(np.zeros((4, 2)), [0, 1, 0, 1])


@pytest.mark.parametrize("n_devices", [0, 1.5, "all"])
def test_what_is_no_number_of_devices(n_devices):
    with pytest.raises(ValueError, match="n_devices must be an int >= 1"):
        MultiTaskClassifier(n_devices=n_devices).fit(np.zeros((4, 2)), [0, 1, 0, 1])
