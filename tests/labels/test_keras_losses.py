"""Losses of Keras as texts."""

import keras
import numpy as np
import pytest

from skmtl.labels.keras_losses import as_keras_loss, row_losses, trouble


@pytest.mark.parametrize(
    "loss", ["mse", "log_cosh", keras.losses.Tversky(alpha=0.3, axis=-1), keras.losses.Huber()]
)
def test_a_loss_of_keras_becomes_a_text_that_is_its_own(loss):
    assert trouble(as_keras_loss(loss)) is None
    assert as_keras_loss(loss) == as_keras_loss(loss)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "3",
        '{"class": "deserialize", "config": {}}',
        '{"function": "serialize"}',
        '{"class": "Huber", "config": {"delta": []}, "more": 1}',
    ],
)
def test_other_texts_are_trouble(text):
    assert trouble(text) == "a loss that Keras has not"


def test_a_class_of_somebody_else_is_refused():
    class Mine(keras.losses.Loss):
        pass

    with pytest.raises(TypeError, match=r"objects of the classes in keras\.losses; got Mine"):
        as_keras_loss(Mine())


@pytest.mark.parametrize("loss", ["dice", keras.losses.Dice(), keras.losses.Tversky()])
def test_losses_of_whole_batches_are_refused(loss):
    with pytest.raises(ValueError, match=r"mix the rows of a batch.*Dice\(axis=-1\)"):
        as_keras_loss(loss)


def test_dice_of_each_row():
    text = as_keras_loss(keras.losses.Dice(axis=-1))
    right = np.eye(2, dtype="float32")
    np.testing.assert_allclose(row_losses(text, right, right[[0, 0]]), [0.0, 1.0], atol=1e-5)
