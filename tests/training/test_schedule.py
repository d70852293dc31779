"""Numbers of epochs and learning rates that are found."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl import MultiTaskClassifier
from skmtl.training.programs import forget_programs
from skmtl.training.schedule import AutoSchedule, WarmupCosine, as_epochs, auto_epochs


@given(st.integers(0, 10**9))
def test_more_rows_never_take_more_epochs(n_rows):
    assert 8 <= auto_epochs(n_rows + 1) <= auto_epochs(n_rows) <= 20


def auto_rates(n_epochs):
    return np.array([AutoSchedule(n_epochs).of_epoch(epoch) for epoch in range(n_epochs)])


def warmup_rates(n_epochs, n_steps):
    schedule = WarmupCosine(n_epochs)
    return np.concatenate([schedule.of_steps(epoch, n_steps) for epoch in range(n_epochs)])


@given(st.integers(1, 500))
def test_learning_rates_fall_at_the_end_only(n_epochs):
    rates = auto_rates(n_epochs)
    assert len(rates) == n_epochs
    assert (rates[: int(0.7 * n_epochs)] == 0.003).all()
    assert (np.diff(rates) <= 0).all()
    assert (rates > 0).all()


@given(st.integers(1, 60), st.integers(1, 60))
def test_warmup_cosine_rises_and_then_falls(n_epochs, n_steps):
    rates = warmup_rates(n_epochs, n_steps)
    done = (np.arange(len(rates)) + 0.5) / len(rates)
    is_rising = done < 0.1
    np.testing.assert_allclose(rates[is_rising], 0.003 * done[is_rising] / 0.1)
    falling = (done[~is_rising] - 0.1) / 0.9
    np.testing.assert_allclose(rates[~is_rising], 0.0015 * (1 + np.cos(np.pi * falling)))
    assert (rates > 0).all()
    assert (rates <= 0.003).all()


def test_only_a_schedule_that_depends_on_the_epochs_from_the_start_has_them_in_its_key():
    assert AutoSchedule(5).key == AutoSchedule(7).key
    assert WarmupCosine(5).key == WarmupCosine(5).key != WarmupCosine(7).key


def test_auto_looks_at_the_rows():
    assert as_epochs("auto", np.zeros((20_000, 2))) == as_epochs("auto", [0] * 20_000) == 10
    assert as_epochs(3, None) == 3
    # what is no table is for `fit` to refuse
    assert as_epochs("auto", None) == as_epochs("auto", np.float64(1)) == as_epochs("auto", 3) == 20
    with pytest.raises(ValueError, match="epochs must be"):
        as_epochs(0, None)


X = np.arange(24.0).reshape(12, 2)
Y = [0, 1] * 6


class Rates(keras.callbacks.Callback):
    """Keeps the learning rate at the end of every epoch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, _epoch, _logs=None):
        self.seen.append(float(self.model.optimizer.learning_rate))


class BatchRates(Rates):
    """Keeps the learning rate of every batch."""

    def on_epoch_end(self, _epoch, _logs=None):
        pass

    def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002
        self.seen.append(float(self.model.optimizer.learning_rate))


class GivenRates(keras.callbacks.Callback):
    """Sets the learning rate of every batch."""

    def __init__(self, rates):
        super().__init__()
        self.rates = iter(rates)

    def on_train_batch_begin(self, batch, logs=None):  # noqa: ARG002
        self.model.optimizer.learning_rate = next(self.rates)


def fitted(callback=None, **options):
    parameters = {"random_state": 0, "epochs": 5} | options
    return MultiTaskClassifier(callbacks=callback, **parameters).fit(X, Y)


def rates_of(callback=Rates, **options):
    rates = callback()
    fitted(rates, **options)
    return rates.seen


def test_the_learning_rate_of_each_epoch():
    assert rates_of() == pytest.approx(auto_rates(5))
    assert rates_of(learning_rate=0.01) == pytest.approx([0.01] * 5)
    assert rates_of(early_stopping=True) == pytest.approx([0.003] * 5)


def test_the_learning_rate_of_each_step():
    found = rates_of(BatchRates, learning_rate="warmup_cosine", batch_size=5)
    assert found == pytest.approx(warmup_rates(5, 3))


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_each_step_is_as_long_as_its_learning_rate_says(optimizer):
    options = {"batch_size": 5, "optimizer": optimizer}
    ours = fitted(learning_rate="warmup_cosine", **options)
    forget_programs()
    given = GivenRates(warmup_rates(5, 3))
    expected = fitted(given, learning_rate=0.003, **options)
    np.testing.assert_array_equal(ours.predict_proba(X), expected.predict_proba(X))
    assert ours.history_["loss"] == pytest.approx(expected.history_["loss"])


def test_a_program_is_shared_with_other_learning_rates():
    expected = fitted(learning_rate=0.01).history_["loss"]
    fitted(learning_rate="warmup_cosine")
    assert fitted(learning_rate=0.01).history_["loss"] == expected


def test_a_schedule_of_another_name_is_refused():
    message = r"learning_rate must be a number.*None, 'auto' or 'warmup_cosine'; got 'cosine'"
    with pytest.raises(ValueError, match=message):
        fitted(learning_rate="cosine")


def test_partial_fit_refuses_a_schedule_with_an_end():
    model = MultiTaskClassifier(learning_rate="warmup_cosine", random_state=0)
    with pytest.raises(ValueError, match=r"learning_rate must be .* for partial_fit.*'warmup_cos"):
        model.partial_fit(X, Y)


@pytest.mark.parametrize("learning_rate", ["auto", "warmup_cosine"])
def test_a_callback_that_sets_the_learning_rate_needs_a_number(learning_rate):
    # the schedule would overwrite what the callback sets
    X, y = np.zeros((8, 2)), [0, 1] * 4
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=10)
    model = MultiTaskClassifier(epochs=4, learning_rate=learning_rate, callbacks=callback)
    with pytest.raises(ValueError, match=f"ReduceLROnPlateau sets .*{learning_rate}.*a number"):
        model.fit(X, y)
    model.set_params(learning_rate=0.01).fit(X, y)
    assert float(callback.model.optimizer.learning_rate) < 0.01
