"""Image backbones: a name or any Keras layer to a model from pixels to features."""

import keras
from keras import layers

from skmtl.backbones._info import BackboneInfo
from skmtl.backbones._options import check_options
from skmtl.backbones._small_cnn import small_cnn


def describe_image_backbone(name_or_layer, *, options=None):
    """Return what a network has to know about an image backbone before it is built.

    Parameters
    ----------
    name_or_layer : str or keras.layers.Layer
        As in `build_image_backbone`.
    options : dict, default=None
        As in `build_image_backbone`.

    Returns
    -------
    BackboneInfo

    Raises
    ------
    ValueError, TypeError
        If there is no such backbone or option.
    """
    if isinstance(name_or_layer, layers.Layer):
        check_options(_user_layer, options, parameter="image_backbone", name=name_or_layer.name)
        return BackboneInfo(
            pooling="avg", has_pretrained_weights=name_or_layer.built, has_convolutions=True
        )
    _check_name(name_or_layer)
    check_options(small_cnn, options, parameter="image_backbone", name=name_or_layer)
    return BackboneInfo(pooling="flatten", has_convolutions=True)


def build_image_backbone(name_or_layer, *, input_shape, raw, options=None):
    """Build an image backbone.

    Parameters
    ----------
    name_or_layer : str or keras.layers.Layer
        ``"small_cnn"``, or any Keras layer or model from pictures to a feature map or a vector;
        the layer is copied with its weights, never changed.
    input_shape : tuple of int (h, w, c)
        Shape of one picture.
    raw : bool
        Whether the pictures are raw uint8 pixels, which the backbone scales inside the network
        (a user's layer gets pixels from 0 to 1), or floats, which are taken as they are.
    options : dict, default=None
        Options of the backbone by name.

    Returns
    -------
    keras.Model
        From a batch (n, h, w, c), uint8 if `raw` and float32 otherwise, to a feature map
        (n, h', w', c') or to vectors (n, d). It is made of built-in Keras layers only.

    Raises
    ------
    ValueError, TypeError
        If there is no such backbone or option.
    """
    describe_image_backbone(name_or_layer, options=options)
    inputs = keras.Input(input_shape, dtype="uint8" if raw else "float32")
    x = layers.Rescaling(1 / 255)(inputs) if raw else inputs
    build = small_cnn
    if isinstance(name_or_layer, layers.Layer):
        return keras.Model(inputs, _user_layer(name_or_layer)(x), name="image_backbone")
    return keras.Model(inputs, build(x, **(options or {})), name="image_backbone")


def _user_layer(layer):
    """Copy a layer, with its weights where it has some."""
    copy = type(layer).from_config(layer.get_config())
    if layer.built and layer.weights:
        copy.build(layer.get_build_config()["input_shape"])
        copy.set_weights(layer.get_weights())
    return copy


def _check_name(name):
    if not isinstance(name, str):
        raise TypeError(
            f"image_backbone must be a name or a Keras layer; got {type(name).__name__}: {name!r}."
        )
    if name != "small_cnn":
        raise ValueError(f"image_backbone must be 'small_cnn' or a Keras layer; got {name!r}.")
