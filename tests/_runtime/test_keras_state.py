"""Keras' process-wide state is changed for a moment only."""

import random
import threading

import keras
import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl._runtime.keras_state import keras_names, keras_seeded


def seeds_of(seed, disturb=lambda: None):
    with keras_seeded(seed):
        disturb()
        first = keras.initializers.GlorotUniform().seed
        disturb()
        return first, keras.layers.Dropout(0.5).seed_generator.get_config()["seed"]


def test_seeds_depend_on_the_seed_alone():
    expected = seeds_of(3)
    assert seeds_of(3) == expected != seeds_of(4)

    def other_thread():
        thread = threading.Thread(target=lambda: drawn.append(random.randint(0, 9)))
        thread.start()
        thread.join()

    drawn = []
    random.seed(5)
    assert seeds_of(3, other_thread) == expected
    random.seed(5)
    assert drawn == [random.randint(0, 9) for _ in range(2)]  # and it draws what it would have


def test_seeding_leaves_nothing_behind():
    state, randint = random.getstate(), random.randint
    with keras_seeded(0):
        inner = seeds_of(1)
        assert keras.initializers.GlorotUniform().seed == seeds_of(0)[0]
    assert inner == seeds_of(1)
    assert random.getstate() == state
    assert random.randint == randint


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
