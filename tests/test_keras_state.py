"""Keras' process-wide state is changed for a moment only."""

import keras
import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl._keras_state import keras_names


def test_names_are_numbered_from_the_start_and_go_on_afterwards():
    keras.layers.Dense(1)
    before = keras.backend.get_uid("dense")
    with keras_names():
        assert keras.layers.Dense(1).name == "dense"
        assert keras.layers.Dense(1).name == "dense_1"
    assert keras.backend.get_uid("dense") == before + 1


def test_names_go_on_after_an_error():
    before = keras.backend.get_uid("dense")
    with pytest.raises(KeyError, match="inside"), keras_names():
        raise KeyError("inside")
    assert keras.backend.get_uid("dense") == before + 1


def test_every_fit_uses_the_same_names():
    # TensorFlow keeps every new name for ever: with other names, memory grows with every fit
    rng = np.random.default_rng(0)
    images = np.empty(8, object)
    images[:] = list(rng.integers(0, 256, (8, 8, 8, 3)).astype(np.uint8))
    y = rng.integers(0, 2, 8)
    paths = []
    for _ in range(2):
        keras.layers.Conv2D(1, 1)  # what a user builds in between
        model = MultiTaskClassifier(epochs=1, random_state=0)
        network = model.fit(pd.DataFrame({"image": images}), y)._fitted.network
        paths.append([variable.path for variable in network.all_variables])
    assert paths[0] == paths[1]
