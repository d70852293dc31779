"""Ctrl-C: what is kept of a fit, and what is not."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.labels import NumberHead
from skmtl.training.training_progress import TrainingProgress

X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)), columns=list("abcd"))
Y = pd.DataFrame({"side": X["a"] > 0, "sign": X["b"] > X["c"]})


def model(**parameters):
    small = {"epochs": 5, "batch_size": 16, "branch_units": 4, "random_state": 0}
    return MultiTaskClassifier(**small | {"learning_rate": 0.01} | parameters)


class Interrupt(keras.callbacks.Callback):
    """Press Ctrl-C at some point of an epoch."""

    def __init__(self, hook, epoch):
        super().__init__()
        self.hook, self.epoch, self.seen = hook, epoch, []

    def _press(self, hook, epoch):
        self.seen.append(hook)
        if (hook, epoch) == (self.hook, self.epoch):
            signal.raise_signal(signal.SIGINT)

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
        self.now = epoch
        self._press("begin", epoch)

    def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002
        if batch == 1:
            self._press("batch", self.now)

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        self._press("end", epoch)

    def on_train_end(self, logs=None):  # noqa: ARG002
        self.seen.append("train end")


def assert_same_bits(a, b):
    for p, q in zip(a.predict_proba(X), b.predict_proba(X), strict=True):
        np.testing.assert_array_equal(p, q)
    np.testing.assert_equal(a.history_, b.history_)


@pytest.mark.parametrize("hook", [pytest.param("batch", marks=pytest.mark.slow), "end"])
def test_the_last_whole_epoch_is_kept(hook):
    press = Interrupt(hook, 3)
    interrupted = model(on_interrupt="keep", callbacks=press)
    message = "interrupted after epoch 3 of 5; the weights of epoch 3, the last whole one, are kept"
    with pytest.warns(UserWarning, match=message):
        interrupted.fit(X, Y)
    assert press.seen[-1] == "train end", "callbacks may close their files"
    assert interrupted.n_iter_ == 3
    expected = model(epochs=3, callbacks=Interrupt("never", 0))
    assert_same_bits(interrupted, expected.fit(X, Y))


@pytest.mark.slow  # another network is compiled
def test_the_best_epoch_is_kept_with_early_stopping():
    seen = []

    def scorer(estimator, X, y):  # noqa: ARG001
        seen.append([0.1, 0.9, 0.3, 0.2][len(seen)])
        return seen[-1]

    options = {"early_stopping": True, "stopping_score": scorer, "on_interrupt": "keep"}
    interrupted = model(**options, callbacks=Interrupt("begin", 4))
    with pytest.warns(
        UserWarning, match="after epoch 4 of 5; the weights of epoch 2, the best one"
    ):
        interrupted.fit(X, Y)
    assert interrupted.history_["val_score"] == [0.1, 0.9, 0.3, 0.2]
    seen.clear()
    expected = model(**options | {"epochs": 2}).fit(X, Y)
    for p, q in zip(interrupted.predict_proba(X), expected.predict_proba(X), strict=True):
        np.testing.assert_allclose(p, q, atol=1e-6)


@pytest.mark.slow  # another network is compiled
def test_branches_are_weighted_before_their_time():
    table = X.assign(text=np.where(X["d"] > 0, "好 开心", "坏 难过"))
    options = {"columns": {"text": "text"}, "on_interrupt": "keep"}
    interrupted = model(**options, callbacks=Interrupt("begin", 2))
    with pytest.warns(UserWarning, match="after epoch 2 of 5"):
        interrupted.fit(table, Y)
    found = [w for task in interrupted.branch_weights_.values() for w in task.values()]
    assert 0.5 not in found
    assert interrupted.history_["side|text_branch_weight"] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("parameters", "hook", "epoch"),
    [
        ({}, "begin", 3),
        ({"on_interrupt": "keep"}, "batch", 0),
    ],
)
def test_by_default_and_before_the_first_epoch_it_is_an_error(parameters, hook, epoch):
    estimator = model(**parameters, callbacks=Interrupt(hook, epoch))
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        estimator.fit(X, Y)
    assert not hasattr(estimator, "history_")


@pytest.mark.slow  # another network is compiled
def test_a_checkpoint_outlives_it(tmp_path):
    interrupted = model(
        on_interrupt="keep", checkpoint_path=tmp_path, callbacks=Interrupt("end", 2)
    )
    with pytest.warns(UserWarning, match="after epoch 2 of 5"):
        interrupted.fit(X, Y)
    assert len(list(tmp_path.iterdir())) == 1
    seen = []
    watch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: seen.append(epoch))
    unpressed = Interrupt("never", 0)
    again = model(checkpoint_path=tmp_path, callbacks=[watch, unpressed]).fit(X, Y)
    assert seen == [2, 3, 4]
    assert_same_bits(again, model(callbacks=unpressed).fit(X, Y))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow  # another network is compiled
def test_losses_that_are_not_finite_stay_an_error():
    class Spoil(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
            if epoch == 1:
                self.model.optimizer.learning_rate = float("inf")

    with pytest.raises(ValueError, match="became"):
        model(on_interrupt="keep", callbacks=Spoil()).fit(X, Y)


def test_what_the_parameter_may_be():
    with pytest.raises(ValueError, match="on_interrupt must be one of 'raise', 'keep'; got 'stop'"):
        model(on_interrupt="stop").fit(X, Y)


@pytest.mark.slow  # another network is compiled
def test_partial_fit_after_it_goes_on():
    interrupted = model(on_interrupt="keep", callbacks=Interrupt("begin", 2))
    with pytest.warns(UserWarning, match="after epoch 2 of 5"):
        interrupted.fit(X, Y)
    interrupted.set_params(callbacks=None).partial_fit(X, Y)
    assert interrupted.n_iter_ == 3


@pytest.mark.slow
def test_a_process_that_gets_the_signal_goes_on_with_what_it_has(tmp_path):
    code = (
        "import numpy, signal, skmtl, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job ignores it
        "X = numpy.random.default_rng(0).normal(size=(60, 4)).astype('float32')\n"
        "model = skmtl.MultiTaskClassifier(epochs=10**6, branch_units=4, random_state=0, verbose=1,"
        " learning_rate=1e-4, on_interrupt='keep').fit(X, X[:, 0] > 0)\n"
        "model.save(sys.argv[1])\n"
    )
    path = os.pathsep.join([str(Path(skmtl.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "model"],
        env=os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(3):
        assert "epoch" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "Training was interrupted after epoch" in errors
    kept = skmtl.load(tmp_path / "model")
    assert 2 <= kept.n_iter_ < 10**6  # the signal may come while the third epoch is being reported
    assert len(kept.history_["y_loss"]) == kept.n_iter_


@pytest.mark.parametrize("key", [None, "val_price_r2"])
def test_validation_rows_without_a_score_choose_no_epoch(key):
    settings = SimpleNamespace(
        patience=2, nonfinite_loss="raise", on_interrupt="raise", stopping_key=key,
        task_names=("price",),
    )  # fmt: skip
    program = SimpleNamespace(network=SimpleNamespace(heads=(NumberHead(1),)), values=list)
    what = "the mean score of the tasks" if key is None else f"'{key}'"
    progress = TrainingProgress(settings)
    with pytest.raises(ValueError, match=f"goes by {what}, which is NaN on the validation rows"):
        progress.end_epoch({"val_price_r2": np.nan}, program, False, has_validation=True)
    progress = TrainingProgress(settings)
    for score in (0.5, np.nan):  # later, such an epoch is not better
        progress.end_epoch({"val_price_r2": score}, program, False, has_validation=True)
    assert (progress.best.score, progress.is_over) == (0.5, False)
