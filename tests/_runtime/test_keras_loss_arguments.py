"""Arguments of losses that Keras' own configuration may leave out."""

import keras
import pytest

from skmtl._runtime.keras_loss_arguments import loss_arguments


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (keras.losses.Huber(delta=0.3), {"delta": 0.3}),
        (keras.losses.Tversky(alpha=0.3), {"alpha": 0.3}),
        (keras.losses.CategoricalFocalCrossentropy(gamma=3.0), {"gamma": 3.0}),
        (keras.losses.LogCosh(reduction="sum"), {}),
    ],
)
def test_every_argument_is_found(loss, expected):
    found = loss_arguments(loss)
    assert {key: found[key] for key in expected} == expected
    assert not {"name", "reduction", "dtype"} & set(found)
    type(loss)(**found)
