"""Recorded steps on PyTorch: the same bits, or none at all."""

import keras
import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl.training.programs import forget_programs

if keras.config.backend() != "torch":
    pytest.skip("the other backends compile", allow_module_level=True)

import torch

from skmtl._runtime.torch_recording import only_where, record
from skmtl.training.torch import _recorder
from skmtl.training.torch._recorder import StepRecorder

RNG = np.random.default_rng(0)
N = 96
IMAGES = RNG.integers(0, 256, (N, 8, 8, 3), dtype=np.uint8)
NUMBERS = RNG.normal(size=(N, 6)).astype(np.float32)
TABLE = pd.DataFrame(
    {
        "image": list(IMAGES),
        "text": [f"word{i % 9} word{i % 4}" for i in range(N)],
        "x": NUMBERS[:, 0],
    }
)
Y = pd.DataFrame({"a": (NUMBERS[:, 0] > 0) * 1, "b": np.arange(N) % 3})
GAPS = Y.astype(float).mask(RNG.random(Y.shape) < 0.6).fillna({"a": 1.0}, limit=40)
NORMALISED = keras.Sequential(
    [keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(), keras.layers.ReLU()]
)


@pytest.fixture
def recorders(monkeypatch):
    """The recorders that a fit makes; they record from the third step on."""
    made, start = [], StepRecorder.__init__

    def noted(self, variables):
        start(self, variables)
        made.append(self)

    monkeypatch.setattr(StepRecorder, "__init__", noted)
    monkeypatch.setattr(_recorder, "N_BEFORE", 2)
    forget_programs()
    yield made
    forget_programs()


def fitted(X, y, **parameters):
    forget_programs()
    model = MultiTaskClassifier(epochs=3, batch_size=16, random_state=0).set_params(**parameters)
    model.fit(X, y)
    return model.history_, [v.numpy() for v in map(torch.as_tensor, model.model_.get_weights())]


@pytest.mark.parametrize(
    ("X", "y", "parameters"),
    [
        (NUMBERS, Y, {}),
        (NUMBERS, GAPS, {}),
        (NUMBERS, GAPS, {"loss_weights": "uncertainty"}),
        (NUMBERS, GAPS, {"loss_weights": "famo"}),
        (NUMBERS, Y, {"gradient_aggregator": "sum"}),
        (NUMBERS, Y, {"trunk_units": (8,), "trunk_dropout": 0.5, "optimizer__weight_decay": 0.01}),
        (IMAGES, Y, {}),
        (IMAGES, GAPS, {"image_backbone": NORMALISED}),
        (TABLE, Y, {"text_backbone__dropout": 0.0}),
    ],
)
def test_recorded_steps_leave_the_same_bits(recorders, monkeypatch, X, y, parameters):
    history, weights = fitted(X, y, **parameters)
    assert any(recorder._trusted for recorder in recorders)
    monkeypatch.setattr(_recorder, "MOST_LAYOUTS", 0)
    history_as_written, as_written = fitted(X, y, **parameters)
    for found, expected in zip(weights, as_written, strict=True):
        np.testing.assert_array_equal(found, expected)
    for name, values in history_as_written.items():
        if "seconds" not in name:
            np.testing.assert_array_equal(history[name], values)


@pytest.mark.parametrize(
    "parameters",
    [
        {"image_augmentation": ["flip", "shift"]},
        {"gradient_aggregator": "pcgrad"},
        {"gradient_aggregator": "cagrad"},
    ],
)
def test_what_draws_from_a_seed_of_keras_or_loops_is_not_recorded(
    recorders, monkeypatch, parameters
):
    _, weights = fitted(IMAGES, Y, **parameters)
    assert not any(recorder._trusted for recorder in recorders)
    monkeypatch.setattr(_recorder, "MOST_LAYOUTS", 0)
    for found, expected in zip(weights, fitted(IMAGES, Y, **parameters)[1], strict=True):
        np.testing.assert_array_equal(found, expected)


def run(recorder, step, n_steps):
    """Run a step that adds to a variable, and return what it returned each time."""
    batch = {"x": torch.ones(()), "none": None}
    return [float(recorder.run(step, batch, None, "key")["sum"]) for _ in range(n_steps)]


def test_a_step_that_reads_a_value_is_run_as_it_is_written(recorders):  # noqa: ARG001
    total = keras.Variable(0.0)

    def step(batch):
        total.assign_add(batch["x"])
        return {"sum": torch.tensor(float(total.value.detach()))}

    recorder = StepRecorder([total])
    assert run(recorder, step, 6) == [1, 2, 3, 4, 5, 6]
    assert not recorder._recorded


def test_a_step_that_counts_in_python_is_run_as_it_is_written(recorders):  # noqa: ARG001
    total, counted = keras.Variable(0.0), []

    def step(batch):
        counted.append(1)
        total.assign_add(batch["x"] * len(counted))
        return {"sum": total.value.detach().clone()}

    recorder = StepRecorder([total])
    # what was added while it was recorded, 3, is taken back
    assert run(recorder, step, 6) == [1, 3, 7, 12, 18, 25]
    assert recorder._recorded
    assert not recorder._trusted


def test_a_recorded_step_runs_no_python(recorders):  # noqa: ARG001
    total, counted = keras.Variable(0.0), []

    def step(batch):
        counted.append(1)
        total.assign_add(batch["x"])
        return {"sum": total.value.detach().clone()}

    recorder = StepRecorder([total])
    assert run(recorder, step, 9) == list(range(1, 10))
    assert len(counted) == 5  # two as written, one recorded and written, one to compare


def test_few_layouts_and_no_large_networks_are_recorded(recorders, monkeypatch):  # noqa: ARG001
    total = keras.Variable(0.0)

    def step(batch):
        total.assign_add(batch["x"][0])
        return {"sum": total.value.detach().clone()}

    monkeypatch.setattr(_recorder, "MOST_LAYOUTS", 1)
    recorder = StepRecorder([total])
    for _ in range(5):
        for n_rows in (2, 3):
            recorder.run(step, {"x": torch.ones(n_rows)}, None, "key")
    assert len(recorder._recorded) == len(recorder._trusted) == 1
    monkeypatch.setattr(_recorder, "MOST_VALUES", 0)
    recorder = StepRecorder([total])
    run(recorder, lambda batch: step({"x": batch["x"][None]}), 6)
    assert not recorder._recorded


@pytest.mark.parametrize("holds", [True, False])
def test_only_where_a_condition_holds(holds):
    moved, kept = torch.zeros(2), torch.zeros(2)
    only_where(torch.tensor(holds), lambda: moved.add_(1), [moved, kept])
    assert moved.tolist() == [float(holds)] * 2
    assert kept.tolist() == [0, 0]


def test_a_recording_looks_at_what_is_there_then():
    scale = torch.ones(())
    again = record(lambda tensors: {"y": tensors["x"] * scale}, {"x": torch.ones(2)})
    scale.fill_(3)
    assert again({"x": torch.tensor([1.0, 2.0])})["y"].tolist() == [3, 6]
