"""A fit that was killed goes on to the same bits."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from small_table import make_small_table

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.metrics import make_task_scorer


class Killed(BaseException):
    """Like a kill: nothing catches it."""


class KillAfter(keras.callbacks.Callback):
    """Stops a fit in the middle of an epoch, when the checkpoints of others are written."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
        if epoch == self.epoch:
            raise Killed(f"in epoch {epoch}")


def model(**parameters):
    small = {"image_backbone__filters": (4,), "branch_units": 8}
    model = MultiTaskClassifier(epochs=5, random_state=0, batch_size=16)
    return model.set_params(**small | parameters)


CASES = {
    "weighting": {"loss_weights": "dwa", "optimizer": "sgd", "optimizer__momentum": 0.9},
    "learned": {"loss_weights": "uncertainty", "gradient_aggregator": "pcgrad"},
    "random": {"loss_weights": "rlw", "gradient_aggregator": "graddrop"},
    "stopping": {"early_stopping": True, "n_iter_no_change": 2, "validation_fraction": 0.3},
    "mixed": {"precision": "mixed_float16", "trunk_units": (8,), "fusion": "concat"},
    "schedule": {"optimizer__learning_rate": keras.optimizers.schedules.CosineDecay(0.01, 20)},
    "warm-up": {"learning_rate": "warmup_cosine"},
}


def assert_same_fit(a, b, X):
    for p, q in zip(a.predict_proba(X), b.predict_proba(X), strict=True):
        np.testing.assert_array_equal(p, q)
    for v, w in zip(a.model_.get_weights(), b.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(v, w)
    np.testing.assert_equal(a.history_, b.history_)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", CASES.values(), ids=CASES)
@pytest.mark.parametrize("epoch", [3])
def test_the_same_bits_as_without_a_kill(parameters, epoch, small_table, tmp_path):
    X, y = small_table
    whole = model(**parameters).fit(X, y)
    broken = model(**parameters, checkpoint_path=tmp_path, callbacks=KillAfter(epoch))
    if parameters.get("early_stopping") and whole.n_iter_ <= epoch:
        pytest.skip("stopped before the kill")
    with pytest.raises(Killed, match="in epoch"):
        broken.fit(X, y)
    assert not hasattr(broken, "model_")
    assert len(list(tmp_path.iterdir())) == 1
    resumed = model(**parameters, checkpoint_path=tmp_path).fit(X, y)
    assert_same_fit(whole, resumed, X)
    assert not list(tmp_path.iterdir())


def test_it_goes_on_where_it_stopped(small_table, tmp_path, capsys):
    X, y = small_table
    with pytest.raises(Killed, match="in epoch"):
        model(checkpoint_path=tmp_path, callbacks=KillAfter(3)).fit(X, y)
    seen = []
    counter = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: seen.append(epoch))
    model(checkpoint_path=tmp_path, callbacks=counter, verbose=1).fit(X, y)
    assert seen == [3, 4]
    assert "going on after epoch 3" in capsys.readouterr().out


def test_more_epochs_go_on_too(small_table, tmp_path):
    X, y = small_table
    with pytest.raises(Killed, match="in epoch"):
        model(checkpoint_path=tmp_path, callbacks=KillAfter(3)).fit(X, y)
    resumed = model(checkpoint_path=tmp_path, epochs=7).fit(X, y)
    assert_same_fit(model(epochs=7).fit(X, y), resumed, X)


OTHERS = {
    "seed": {"random_state": 1},
    "batches": {"batch_size": 8},
    "rate": {"learning_rate": 0.002},
    "warm-up": {"learning_rate": "warmup_cosine"},
    "optimizer": {"optimizer": "adamw"},
    "dropout": {"branch_dropout": 0.4},
    "weights": {"loss_weights": {"mood": 2.0}},
    "method": {"loss_weights": "dwa"},
    "aggregator": {"gradient_aggregator": "mgda"},
    "classes": {"class_weight": "balanced"},
}


@pytest.mark.slow
@pytest.mark.parametrize("parameters", OTHERS.values(), ids=OTHERS)
def test_other_parameters_are_another_fit(parameters, small_table, tmp_path):
    X, y = small_table
    with pytest.raises(Killed, match="in epoch"):
        model(checkpoint_path=tmp_path, callbacks=KillAfter(2)).fit(X, y)
    with pytest.raises(Killed, match="in epoch"):
        model(**parameters, checkpoint_path=tmp_path, callbacks=KillAfter(1)).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_other_rows_are_another_fit(small_table, tmp_path):
    X, y = small_table
    with pytest.raises(Killed, match="in epoch"):
        model(checkpoint_path=tmp_path, callbacks=KillAfter(2)).fit(X, y)
    assert_same_fit(
        model().fit(X[:50], y[:50]), model(checkpoint_path=tmp_path).fit(X[:50], y[:50]), X
    )
    weights = np.ones(60)
    weights[3] = 2
    model(checkpoint_path=tmp_path, epochs=1).fit(X, y, sample_weight=weights)
    assert len(list(tmp_path.iterdir())) == 1, "the killed fit keeps its own file"


@pytest.mark.slow
def test_other_validation_rows_or_another_way_to_judge_them_are_another_fit(small_table, tmp_path):
    X, y = small_table
    fits = [
        ({}, slice(None)),
        ({}, slice(20)),
        ({"early_stopping": True}, slice(20)),
        ({"early_stopping": True, "stopping_score": "mood"}, slice(20)),
        ({"early_stopping": True, "stopping_score": make_task_scorer("mood")}, slice(20)),
        ({"early_stopping": True, "stopping_score": make_task_scorer("colour")}, slice(20)),
    ]
    for n_files, (parameters, rows) in enumerate(fits, start=1):
        broken = model(**parameters, checkpoint_path=tmp_path, callbacks=KillAfter(2))
        with pytest.raises(Killed, match="in epoch"):
            broken.fit(X, y, X_val=X[rows], y_val=y[rows])
        assert len(list(tmp_path.iterdir())) == n_files
    parameters, rows = fits[-1]
    resumed = model(**parameters, checkpoint_path=tmp_path)
    resumed.fit(X, y, X_val=X[rows], y_val=y[rows])
    assert_same_fit(model(**parameters).fit(X, y, X_val=X[rows], y_val=y[rows]), resumed, X)


def test_a_damaged_file_is_named(small_table, tmp_path):
    X, y = small_table
    with pytest.raises(Killed, match="in epoch"):
        model(checkpoint_path=tmp_path, callbacks=KillAfter(2)).fit(X, y)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"checkpoint_path: .* cannot be read: .* Delete it"):
        model(checkpoint_path=tmp_path).fit(X, y)


def test_what_the_parameter_may_be(small_table, tmp_path):
    X, y = small_table
    with pytest.raises(ValueError, match="checkpoint_path needs a random_state"):
        model(checkpoint_path=tmp_path, random_state=None).fit(X, y)
    with pytest.raises(TypeError, match="checkpoint_path must be None or a folder; got int"):
        model(checkpoint_path=3).fit(X, y)


def test_partial_fit_keeps_no_checkpoint(small_table, tmp_path):
    model(checkpoint_path=tmp_path / "c").partial_fit(*small_table)
    assert not (tmp_path / "c").exists()


@pytest.mark.slow
def test_a_killed_process_goes_on_in_another(tmp_path):
    X, y = make_small_table(60)
    code = (
        "import sys, skmtl\n"
        "from small_table import make_small_table\n"
        "X, y = make_small_table(60)\n"
        "m = skmtl.MultiTaskClassifier(epochs=int(sys.argv[2]), random_state=0, batch_size=16,"
        " branch_units=8, checkpoint_path=sys.argv[1], verbose=1)\n"
        "m.set_params(image_backbone__filters=(4,)).fit(X, y)\n"
        "m.save(sys.argv[1] + '/model')\n"
    )
    path = [Path(skmtl.__file__).parents[1], Path(__file__).parents[1]]
    path = os.pathsep.join([*map(str, path), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    # 2000 epochs take a minute, and the kill comes after the third
    first = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path, "2000"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    lines = [first.stdout.readline() for _ in range(4)]
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdout.close()
    assert any(lines)
    second = subprocess.run(
        [sys.executable, "-c", code, tmp_path, "20"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    resumed = skmtl.load(tmp_path / "model")
    if resumed.n_iter_ == 20:
        assert "going on after epoch" in second.stdout
        assert_same_fit(model(epochs=20).fit(X, y), resumed, X)


def test_partial_fit_does_what_the_parameters_say_now():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(64, 3))
    y = pd.DataFrame({"a": (X[:, 0] > 0) * 1, "b": (X[:, 1] > 0) * 1})
    model = MultiTaskClassifier(random_state=0, learning_rate=0.01).partial_fit(X, y)
    before = model.predict_proba(X)[0]
    model.set_params(learning_rate=1e-12).partial_fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X)[0], before, atol=1e-6)
    model.set_params(loss_weights={"a": 0.0, "b": 1.0}).partial_fit(X, y)
    assert model.history_["a_loss_weight"] == [1.0, 1.0, 0.0]
