"""Learning rates of optimizers, and of programs that are reused."""

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.training.optimizers import constant_learning_rate
from skmtl.training.programs import forget_programs, optimizer_key

X = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
Y = np.arange(24) % 2
DECAY = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)


@pytest.mark.parametrize("kind", [keras.optimizers.Adam, keras.optimizers.SGD])
def test_a_number_is_constant_and_a_schedule_is_not(kind):
    assert constant_learning_rate(kind(0.25)) == 0.25
    assert constant_learning_rate(kind(DECAY)) is None


def test_programs_are_shared_by_numbers_and_not_by_schedules():
    adam = keras.optimizers.Adam
    assert optimizer_key(adam(0.25)) == optimizer_key(adam(0.5))
    assert optimizer_key(adam(0.25)) != optimizer_key(adam(DECAY))
    assert optimizer_key(adam(0.25)) != optimizer_key(adam(0.25, beta_1=0.5))


def test_a_reused_program_trains_at_the_rate_of_its_fit():
    def losses(rate):
        model = MultiTaskClassifier(epochs=3, branch_units=4, learning_rate=rate, random_state=0)
        return model.fit(X, Y).history_["loss"]

    forget_programs()
    fast, slow = losses(0.1), losses(0.001)
    assert fast != slow
    forget_programs()
    assert losses(0.001) == slow


def test_gradients_are_clipped_to_a_length():
    def moved(**options):
        model = MultiTaskClassifier(
            epochs=1, batch_size=24, branch_dropout=0.0, optimizer="sgd", random_state=0
        ).set_params(learning_rate=1.0, **options)
        start = model.initialize(X, Y).model_.trainable_variables
        start = [np.array(v) for v in start]
        end = model.fit(X, Y).model_.trainable_variables
        return np.sqrt(sum(((np.array(v) - w) ** 2).sum() for v, w in zip(end, start, strict=True)))

    assert moved() > 0.02
    assert moved(optimizer__global_clipnorm=0.01) == pytest.approx(0.01, rel=1e-3)


def test_averages_of_weights_are_refused():
    X, y = np.zeros((8, 2)), [0, 1] * 4
    with pytest.raises(ValueError, match="optimizer__use_ema must be False"):
        MultiTaskClassifier().set_params(optimizer__use_ema=True).fit(X, y)


def test_gradients_are_added_up_over_steps_only_without_missing_labels():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(16, 2)), rng.integers(0, 2, (16, 2)).astype(object)
    model = MultiTaskClassifier(epochs=1, random_state=0)
    model.set_params(optimizer__gradient_accumulation_steps=2).fit(X, y)
    y[0, 0] = None
    with pytest.raises(ValueError, match="gradient_accumulation_steps needs labels of all tasks"):
        model.fit(X, y)


@pytest.mark.slow
def test_a_class_that_is_defined_again_is_another_program():
    def define(sign):
        class Stepper(keras.optimizers.SGD):
            def update_step(self, gradient, variable, learning_rate):
                super().update_step(sign * gradient, variable, learning_rate)

        return Stepper

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(64, 3)), rng.integers(0, 2, 64)
    up, down = (
        MultiTaskClassifier(optimizer=define(sign), learning_rate=0.3, random_state=0).fit(X, y)
        for sign in (-1, 1)
    )
    assert up.history_["loss"][-1] > up.history_["loss"][0] > down.history_["loss"][-1]
