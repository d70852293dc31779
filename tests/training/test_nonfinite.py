"""Losses and weights that are not finite end training, and say where."""

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier


class Spoil(keras.callbacks.Callback):
    """Puts an infinite learning rate into an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
        if epoch == self.epoch:
            self.model.optimizer.learning_rate.assign(np.inf)


def model(**parameters):
    # a learning rate that does not fall, and no rows that only the last epochs see
    defaults = {"epochs": 6, "random_state": 0, "batch_size": 16, "optimizer": "sgd"}
    defaults |= {"learning_rate": 0.003, "fusion": "late"}
    return MultiTaskClassifier(**defaults | parameters)


@pytest.mark.parametrize("epoch", [0, 2])
def test_an_error_names_task_and_epoch(epoch, small_table):
    X, y = small_table
    estimator = model(callbacks=Spoil(epoch))
    message = rf"The loss of task '(colour|mood)'.* became \w+ in epoch {epoch + 1}; training stop"
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, y)
    assert not hasattr(estimator, "_fitted")


def test_the_last_good_epoch_is_kept(small_table):
    X, y = small_table
    estimator = model(callbacks=Spoil(2), nonfinite_loss="restore")
    with pytest.warns(UserWarning, match="in epoch 3; .* The weights of epoch 2 are kept"):
        estimator.fit(X, y)
    assert estimator.n_iter_ == 2
    expected = model(epochs=2).fit(X, y).predict_proba(X)
    for p, q in zip(estimator.predict_proba(X), expected, strict=True):
        np.testing.assert_array_equal(p, q)


def test_nothing_to_go_back_to_is_an_error(small_table):
    with pytest.raises(ValueError, match="There is no epoch before it"):
        model(callbacks=Spoil(0), nonfinite_loss="restore").fit(*small_table)


@pytest.mark.parametrize("nonfinite_loss", ["raise", "restore"])
def test_weights_spoilt_by_the_last_step_are_noticed(nonfinite_loss, small_table):
    """One batch per epoch: the loss is taken before the step that spoils the weights."""
    X, y = small_table
    estimator = model(
        epochs=2, batch_size=64, callbacks=Spoil(1), nonfinite_loss=nonfinite_loss,
        learning_rate=0.1,
    )  # fmt: skip
    if nonfinite_loss == "raise":
        with pytest.raises(
            ValueError, match="weights became NaN or infinite at the end of epoch 2"
        ):
            estimator.fit(X, y)
        return
    with pytest.warns(UserWarning, match="weights became NaN or infinite at the end of epoch 2"):
        estimator.fit(X, y)
    assert np.isfinite(estimator.predict_proba(X)[0]).all()


HUGE = {"learning_rate": 1e38, "batch_size": 64, "epochs": 1}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("nonfinite_loss", ["raise", "restore"])
def test_a_last_step_to_huge_weights_is_an_error(optimizer, nonfinite_loss, small_table):
    """The weights are finite, what the network makes of them is not."""
    estimator = model(**HUGE, optimizer=optimizer, nonfinite_loss=nonfinite_loss)
    with pytest.raises(ValueError, match=r"became .* (in|at the end of) epoch 1; training st"):
        estimator.fit(*small_table)
    assert not hasattr(estimator, "_fitted")


class StopAfter(Spoil):
    """Spoils an epoch, and stops the training after it."""

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        self.model.stop_training = epoch == self.epoch


@pytest.mark.parametrize("nonfinite_loss", ["raise", "restore"])
def test_the_last_step_is_judged_where_a_callback_stops_the_training(nonfinite_loss, small_table):
    estimator = model(batch_size=64, callbacks=StopAfter(1), nonfinite_loss=nonfinite_loss)
    message = "weights became NaN or infinite at the end of epoch 2"
    if nonfinite_loss == "raise":
        with pytest.raises(ValueError, match=message):
            estimator.fit(*small_table)
        return
    with pytest.warns(UserWarning, match=message):
        estimator.fit(*small_table)
    assert np.isfinite(estimator.predict_proba(small_table[0])[0]).all()


def test_large_weights_that_compute_finite_losses_are_no_trouble():
    X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    estimator = model(branch_units=None, learning_rate=1e3, epochs=1).fit(X, np.arange(20) % 2)
    assert max(np.abs(w).max() for w in estimator.model_.get_weights()) > 100


def test_the_parameter_is_checked(small_table):
    with pytest.raises(ValueError, match="nonfinite_loss must be 'raise' or 'restore'; got 'skip'"):
        model(nonfinite_loss="skip").fit(*small_table)
