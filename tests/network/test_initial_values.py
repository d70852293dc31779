"""Initial values follow from the seed, whether or not layers are built for them."""

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier, MultiTaskEstimator
from skmtl.network import initial_values as module
from skmtl.network.frozen import frozen_encoders, sources
from skmtl.network.initial_values import initial_values
from skmtl.network.network import build_network

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (12, 8, 8, 3), dtype=np.uint8)
NUMBERS = RNG.normal(size=(12, 3))
TEXTS = np.array(["red cat", "blue dog", "red dog"] * 4, dtype=object)
Y = np.arange(12) % 2


class Scaled(keras.Layer):
    """A layer that sets its weight after it was drawn."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")
        self.scale.assign(np.full(shape[-1], 2.0))

    def call(self, x):
        return x * self.scale


def own_backbone(shape):
    x = inputs = keras.Input(shape)
    x = Scaled()(keras.ops.cast(x, "float32"))
    return keras.Model(inputs, keras.layers.Conv2D(2, 3)(x))


NETWORKS = {
    "numbers with dropout": (MultiTaskClassifier(trunk_units=4, trunk_dropout=0.2), NUMBERS),
    "no shared layers": (MultiTaskClassifier(sharing="none", trunk_units=4), NUMBERS),
    "experts": (MultiTaskClassifier(sharing="mmoe", trunk_units=4), NUMBERS),
    "cross-stitch": (MultiTaskClassifier(sharing="cross_stitch", trunk_units=4), NUMBERS),
    "images": (MultiTaskClassifier(image_augmentation=["flip"]), IMAGES),
    "texts": (MultiTaskClassifier(), TEXTS),
    "recurrent texts": (MultiTaskClassifier(text_backbone="bigru"), TEXTS),
    "a random frozen backbone": (MultiTaskClassifier(freeze_backbones=True), IMAGES),
    "half precision": (MultiTaskClassifier(precision="mixed_bfloat16"), NUMBERS),
}


@pytest.fixture(autouse=True)
def _nothing_known():
    module._known.clear()
    yield
    module._known.clear()


def known(spec):
    return module._known.get((spec.key, *map(sources, spec.branches)))


def spec_of(model, X):
    return model.initialize(X, Y)._fitted.spec


@pytest.mark.parametrize("name", NETWORKS)
def test_values_are_those_of_a_new_network_without_building_one(name, monkeypatch):
    spec = spec_of(*NETWORKS[name])
    module._known.clear()
    seeds = (0, 7, 2**31)
    encoders = [frozen_encoders(spec, seed) for seed in seeds]
    expected = [
        [np.asarray(v) for v in build_network(spec, seed, one).variables]
        for seed, one in zip(seeds, encoders, strict=True)
    ]
    for _ in range(2):
        initial_values(spec, 3, encoders[0])
    assert isinstance(known(spec), module.Draws)
    monkeypatch.setattr(module, "build_network", None)
    for seed, one, values in zip(seeds, encoders, expected, strict=True):
        drawn, built = initial_values(spec, seed, one)
        assert built is None
        assert [v.dtype for v in drawn] == [v.dtype for v in values]
        for value, other in zip(drawn, values, strict=True):
            np.testing.assert_array_equal(value, other)


def test_an_architecture_that_came_once_is_not_traced():
    spec = spec_of(MultiTaskClassifier(), NUMBERS)
    module._known.clear()
    initial_values(spec, 0, {})
    assert known(spec) == "built once"


def test_a_weight_that_was_set_later_is_built_every_time():
    spec = spec_of(MultiTaskClassifier(image_backbone=own_backbone((8, 8, 3))), IMAGES)
    module._known.clear()
    for _ in range(3):
        values, _ = initial_values(spec, 4, {})
    assert known(spec) == "untraceable"
    expected = [np.asarray(v) for v in build_network(spec, 4, {}).variables]
    for value, other in zip(values, expected, strict=True):
        np.testing.assert_array_equal(value, other)


def test_another_layer_of_the_same_configuration_has_its_own_weights():
    inputs = keras.Input((8, 8, 3), name="pixels")
    kernel = keras.initializers.GlorotUniform(seed=1)
    layer = keras.layers.Conv2D(2, 3, kernel_initializer=kernel, name="conv")
    backbone = keras.Model(inputs, layer(inputs), name="own")
    model = MultiTaskClassifier(image_backbone=backbone)
    for _ in range(2):
        spec = spec_of(model, IMAGES)
    assert isinstance(known(spec), module.Draws)
    backbone.set_weights([weight + 5 for weight in backbone.get_weights()])
    values = model.initialize(IMAGES, Y)._fitted.weights.values
    for weight in backbone.get_weights():
        assert any(np.array_equal(weight, value) for value in values)


def test_a_third_fit_gives_the_bits_of_the_first():
    y = np.column_stack([Y, NUMBERS[:, 0]])
    model = MultiTaskEstimator(epochs=2, branch_dropout=0.3, trunk_units=4, random_state=5)
    outputs = [model.fit(NUMBERS, y).predict_proba(NUMBERS)[0] for _ in range(3)]
    np.testing.assert_array_equal(outputs[0], outputs[2])
