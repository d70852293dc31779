"""Keras callbacks are called as Keras' own `fit` calls them."""

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.training.callbacks import has_batch_hooks

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
Y = np.arange(20) % 2


def fit(callback, **parameters):
    model = MultiTaskClassifier(
        epochs=2, batch_size=8, branch_units=4, callbacks=callback, random_state=0
    )
    return model.set_params(**parameters).fit(X, Y)


class OfTheClass(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        pass


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        (keras.callbacks.Callback(), False),
        (keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: None), False),
        (keras.callbacks.LambdaCallback(on_train_batch_end=lambda *_: None), True),
        (keras.callbacks.LambdaCallback(on_train_batch_begin=lambda *_: None), True),
        (OfTheClass(), True),
    ],
)
def test_which_callbacks_want_every_batch(callback, expected):
    assert has_batch_hooks([callback]) == expected


@pytest.mark.parametrize("hook", ["on_train_batch_begin", "on_train_batch_end"])
def test_hooks_on_an_instance_are_called_for_every_batch(hook):
    seen = []
    fit(keras.callbacks.LambdaCallback(**{hook: lambda batch, logs: seen.append(batch)}))  # noqa: ARG005
    assert seen == [0, 1, 2] * 2


def test_a_hook_for_every_batch_changes_no_result():
    plain = fit(None).predict_proba(X)
    hooked = fit(keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None))  # noqa: ARG005
    np.testing.assert_allclose(hooked.predict_proba(X), plain, atol=1e-6)


def test_parameters_are_those_of_keras():
    callback = keras.callbacks.Callback()
    fit(callback)
    assert callback.params == {"verbose": 0, "epochs": 2, "steps": 3}
