"""Which Keras configurations a file may hold: a closed list, and layers that are registered here."""

import copy

import keras
import numpy as np
import pytest

from skmtl._runtime.keras_config import ConfigError, as_config, check_config, from_config

register = keras.saving.register_keras_serializable


@register(package="skmtl_tests")
class Scaled(keras.layers.Layer):
    """A user's layer with a weight."""

    def __init__(self, units=2, **options):
        super().__init__(**options)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))

    def call(self, x):
        return x @ self.kernel

    def get_config(self):
        return super().get_config() | {"units": self.units}


class Unregistered(Scaled):
    """A user's layer that another process cannot know."""


@register(package="skmtl_tests")
class Hidden(keras.layers.Lambda):
    """A user's layer whose configuration holds code."""


@register(package="skmtl_tests")
def function(x):
    return x


@register(package="skmtl_tests")
class Penalty(keras.regularizers.Regularizer):
    """A user's class that is no layer."""

    def get_config(self):
        return {}


def config_of(layer):
    inputs = keras.Input((3,))
    return as_config(keras.Model(inputs, layer(inputs)))


def test_a_registered_layer_is_read():
    config = config_of(Scaled(4))
    model = from_config(config)
    assert type(model.layers[1]) is Scaled
    assert model(np.ones((2, 3))).shape == (2, 4)


def test_an_unregistered_layer_says_how_to_register_it():
    with pytest.raises(ConfigError, match=r"Unregistered.*register_keras_serializable.*import it"):
        as_config(Unregistered())


def named(module, name, registered):
    return {"module": module, "class_name": name, "config": {}, "registered_name": registered}


MODULE = Scaled.__module__
WRONG = {
    "other_name": named(MODULE, "Dense", "skmtl_tests>Scaled"),
    "other_module": named("keras.layers", "Scaled", "skmtl_tests>Scaled"),
    "os": named("os", "system", "skmtl_tests>Scaled"),
    "never_registered": named(MODULE, "Scaled", "skmtl_tests>Other"),
    "no_registration": named(MODULE, "Scaled", None),
    "code": named(MODULE, "Hidden", "skmtl_tests>Hidden"),
    "function": named(MODULE, "function", "skmtl_tests>function"),
    "no_layer": named(MODULE, "Penalty", "skmtl_tests>Penalty"),
    "list": named(MODULE, "Scaled", ["skmtl_tests>Scaled"]),
}


@pytest.mark.parametrize("config", WRONG.values(), ids=WRONG)
def test_what_only_resembles_a_registered_layer_is_refused(config):
    with pytest.raises(ConfigError, match="is not allowed"):
        check_config(config)


def test_what_a_registered_layer_holds_is_checked_as_well():
    config = config_of(Scaled())
    layer = next(one for one in config["config"]["layers"] if one["class_name"] == "Scaled")
    inner = copy.deepcopy(layer)
    layer["config"]["units"] = keras.saving.serialize_keras_object(keras.layers.Lambda(abs))
    inner["config"]["units"] = named("os", "system", None)
    for wrong in (layer, inner):
        with pytest.raises(ConfigError, match="is not allowed"):
            check_config(wrong)


@pytest.mark.parametrize("wrong", ["/etc/passwd", {"$": "cells"}, None, True, [1.0, "a"]])
@pytest.mark.parametrize("key", ["scale", "offset"])
def test_factors_of_pixels_are_numbers(key, wrong):
    config = as_config(keras.layers.Rescaling([1.0, 2.0], 0.5))
    check_config(config)
    config["config"][key] = wrong
    with pytest.raises(ConfigError, match=f"the {key} of a layer .*Rescaling is no number"):
        check_config(config)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ConvNeXtTiny", "InceptionResNetV2", "MobileNetV2"])
def test_architectures_of_keras_applications_are_read(name):
    options = {"weights": None, "include_top": False, "input_shape": (96, 96, 3)}
    model = getattr(keras.applications, name)(**options)
    again = from_config(as_config(model))
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]
