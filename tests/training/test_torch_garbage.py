"""What a step leaves in memory on PyTorch."""

import gc

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.training.backend import Program

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
