"""Copies and pickles of Keras layers, also of classes that Keras cannot find by name.

Keras makes a layer from a configuration that holds names of classes. It finds its own, and those
that were registered in this process: a user's class in a notebook is found in neither a copy nor
another process. Here the classes go along with the configuration.
"""

import keras

from skmtl._runtime.keras_state import keras_names, keras_seeded


def all_layers(layer) -> list:
    """Return a layer and all layers within it, at any depth.

    Private: `layers` of a model is public, but layers that a user's layer holds are not in it.
    """
    return list(layer._flatten_layers())


def copy_layer(layer):
    """Return a new layer or model of the same configuration and, if it has some, weights."""
    return _rebuilt(*_parts(layer))


def refuse_lambda(parameter: str, layer) -> None:
    """Raise a ValueError if a layer holds an anonymous function, which Keras does not copy."""
    for inner in all_layers(layer):
        if isinstance(inner, keras.layers.Lambda) and inner.function.__name__ == "<lambda>":
            raise ValueError(
                f"{parameter} must hold no Lambda layer of an anonymous function, which can be "
                f"neither copied nor saved; got {inner.name!r}. Write a keras.Layer subclass with "
                "the code in its call method instead."
            )


def picklable(value):
    """Return a parameter with its Keras objects wrapped such that any process can unpickle them.

    What is unpickled is the objects themselves, without the wrapping.
    """
    if isinstance(value, keras.Layer | keras.optimizers.Optimizer):
        return _Pickled(value)
    if type(value) in (list, tuple):
        return type(value)(picklable(item) for item in value)
    if type(value) is dict:
        return {key: picklable(item) for key, item in value.items()}
    return value


class _Pickled:
    """A layer or an optimizer, pickled as class, configuration and weights."""

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        if isinstance(self.value, keras.optimizers.Optimizer):
            return _unpickled, (type(self.value), self.value.get_config(), None, None, {})
        return _unpickled, _parts(self.value)


def _parts(layer) -> tuple:
    """Return class, configuration, built shape, weights and a user's classes within."""
    has_weights = layer.built and bool(layer.weights)
    build_config = layer.get_build_config() if has_weights else None
    weights = layer.get_weights() if has_weights else None
    own = {
        keras.saving.get_registered_name(type(inner)): type(inner)
        for inner in all_layers(layer)
        if type(inner).__module__.partition(".")[0] not in ("keras", "keras_hub")
    }
    return type(layer), layer.get_config(), build_config, weights, own


def _rebuilt(kind, config, build_config, weights, own_classes):
    with keras.saving.custom_object_scope(own_classes):
        copy = kind.from_config(config)
        if weights is not None:
            if not copy.built:
                copy.build_from_config(build_config)
            copy.set_weights(weights)
    return copy


def _unpickled(*parts):
    # another process draws no seeds for it, and numbers no layers because of it
    with keras_names(), keras_seeded(0):
        return _rebuilt(*parts)
