"""Layers are copied and pickled with a user's classes, which Keras cannot find by name."""

import copy
import pickle

import keras
import numpy as np
import pytest
from joblib import Parallel, delayed

from skmtl._runtime.keras_layers import all_layers, copy_layer, picklable, refuse_lambda


class Halved(keras.layers.Layer):
    """A user's layer with a weight and a layer inside."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units
        self.inner = keras.layers.Dense(units)

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x) / 2

    def get_config(self):
        return super().get_config() | {"units": self.units}


def model_with_own_layers():
    inputs = keras.Input((3,))
    return keras.Model(inputs, Halved(2)(keras.Sequential([Halved(3)])(inputs)))


OWN_LAYER = """
class Own(keras.layers.Layer):
    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))

    def call(self, x):
        return x @ self.kernel

    def get_config(self):
        return super().get_config() | {"units": self.units}
"""
X = np.arange(6, dtype=np.float32).reshape(2, 3)


def outputs(layer):
    return keras.ops.convert_to_numpy(layer(X))


def test_layers_within_a_users_layer_are_found():
    # fails where Keras renames what `all_layers` uses
    names = [type(layer).__name__ for layer in all_layers(model_with_own_layers())]
    assert sorted(names) == sorted(
        ["Functional", "InputLayer", "Sequential", "InputLayer", *["Halved", "Dense"] * 2]
    )


@pytest.mark.parametrize("make", [model_with_own_layers, lambda: Halved(2)])
def test_a_copy_has_the_same_weights_and_shares_none(make):
    layer = make()
    expected = outputs(layer)
    for other in (
        copy_layer(layer),
        pickle.loads(pickle.dumps(picklable(layer))),
        copy.deepcopy(picklable(layer)),
    ):
        np.testing.assert_array_equal(outputs(other), expected)
        assert not set(map(id, other.weights)) & set(map(id, layer.weights))


def test_a_layer_that_was_not_built_stays_so():
    assert not pickle.loads(pickle.dumps(picklable(Halved(2)))).built


@pytest.mark.slow
def test_another_process_unpickles_a_class_that_no_module_holds():
    main = {"keras": keras, "__name__": "__main__"}
    exec(OWN_LAYER, main)  # as in a notebook
    layer = keras.Sequential([main["Own"](2)])
    expected = outputs(layer)
    parameters = picklable([layer, {"a": (layer,)}])
    with Parallel(2) as parallel:
        (found,) = parallel([delayed(outputs_of)(parameters)])
    np.testing.assert_allclose(found, [expected, expected], rtol=1e-5)


def outputs_of(parameters):
    one, other = parameters
    return [outputs(one), outputs(other["a"][0])]


def test_an_optimizer_is_pickled_with_its_class():
    own = type("OwnSGD", (keras.optimizers.SGD,), {"__module__": __name__})
    globals()["OwnSGD"] = own
    try:
        other = pickle.loads(pickle.dumps(picklable(own(learning_rate=0.25))))
    finally:
        del globals()["OwnSGD"]
    assert type(other) is own
    assert float(other.learning_rate) == 0.25


def test_other_values_are_left_alone():
    values = [None, "vgg16", 3, (1, 2), {"a": [1]}, np.float32(1)]
    assert pickle.loads(pickle.dumps(picklable(values))) == values


def test_an_anonymous_function_is_refused_by_name():
    layer = keras.Sequential([keras.layers.Lambda(lambda x: x, name="mine")])
    with pytest.raises(ValueError, match=r"image_backbone must hold no Lambda .*; got 'mine'\. W"):
        refuse_lambda("image_backbone", layer)
    refuse_lambda("image_backbone", keras.Sequential([keras.layers.Lambda(keras.ops.abs)]))
