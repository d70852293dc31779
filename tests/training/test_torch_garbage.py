"""What a step leaves in memory on PyTorch."""

import gc

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.exceptions import DeviceMemoryError
from skmtl.training import backend
from skmtl.training.backend import Program
from skmtl.training.device_memory import fit_in_memory, in_fitting_parts

pytestmark = pytest.mark.skipif(
    keras.config.backend() != "torch",
    reason="the other backends walk through inputs without circles",
)
X = np.random.default_rng(0).integers(0, 256, (48, 8, 8, 3), dtype=np.uint8)
Y = np.arange(48) % 3


def n_with_graph():
    import torch

    return sum(
        type(found) is torch.Tensor and found.grad_fn is not None for found in gc.get_objects()
    )


@pytest.fixture
def seen(monkeypatch):
    """How many tensors have a graph of gradients while a step begins."""
    counts, step = [], Program.train_step

    def counted(self, *arguments):
        counts.append(n_with_graph())
        return step(self, *arguments)

    monkeypatch.setattr(Program, "train_step", counted)
    return counts


def test_the_graph_of_a_step_is_gone_before_the_next_one(seen):
    gc.collect()
    model = MultiTaskClassifier(epochs=2, batch_size=16, random_state=0).fit(X, Y)
    assert seen == [0] * 6
    model.predict(X)
    assert n_with_graph() == 0
    assert gc.isenabled()


def test_whoever_has_switched_the_collector_off_finds_it_so(seen):
    gc.collect()
    gc.disable()
    try:
        MultiTaskClassifier(epochs=1, batch_size=16, random_state=0).fit(X, Y)
        assert seen == [0] * 3
        assert not gc.isenabled()
    finally:
        gc.enable()


class Full(keras.layers.Layer):
    """A device that has room for some rows only; Keras adds to what a layer raises."""

    most = 99

    def call(self, inputs):
        import torch

        outputs = 2.0 * inputs
        if len(inputs) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return outputs


@pytest.fixture
def attempts():
    """Compute rows in vain, and what is left of earlier attempts as each begins."""
    import torch

    from skmtl.training.torch._garbage import freed

    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), Full(name="full")])

    def attempt(start, stop):
        attempt.left.append(n_with_graph())
        with freed():
            return len(network(torch.ones((stop - start, 2))))

    attempt.left, attempt.device = [], network.get_layer("full")
    attempt.device.most = 1
    gc.collect()
    gc.disable()
    yield attempt
    gc.enable()


def test_a_failed_attempt_leaves_nothing_to_the_next(attempts):
    assert in_fitting_parts(attempts, 0, 4, "a row") == [1] * 4
    assert attempts.left == [0] * 7


def test_an_error_that_somebody_keeps_holds_nothing(attempts):
    attempts.device.most = 0
    with pytest.raises(
        DeviceMemoryError, match="Out of device memory: a row does not fit even one row"
    ) as caught:
        in_fitting_parts(attempts, 0, 2, "a row")
    assert attempts.left == [0] * 2
    assert n_with_graph() == 0
    assert "Full.call()" in str(caught.value.__cause__)


def test_a_batch_that_did_not_fit_leaves_nothing_to_the_next_one(attempts, monkeypatch):
    monkeypatch.setattr(backend, "is_on_cpu", lambda: False)
    size, _ = fit_in_memory(lambda size: attempts(0, size), "auto", 8)
    assert size == 1
    assert attempts.left == [0] * 4
