"""Image backbones: a name or any Keras layer to a model from pixels to features."""

from functools import partial

import keras
from keras import layers

from skmtl._runtime.keras_layers import copy_layer, refuse_lambda
from skmtl.backbones._applications import APPLICATIONS, application
from skmtl.backbones._hub import hub_image, is_preset
from skmtl.backbones._info import FINE_TUNING_SCALE, BackboneInfo
from skmtl.backbones._options import check_options
from skmtl.backbones._pixels import prepare_pixels
from skmtl.backbones._small_cnn import small_cnn
from skmtl.backbones._stored import StoredBackbone
from skmtl.data.pixel_scaling import SCALINGS, find_scaling
from skmtl.exceptions import describe


def describe_image_backbone(name_or_layer, *, options=None):
    """Return facts about an image backbone that are known before it is built.

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

    Examples
    --------
    >>> from skmtl.backbones.image import describe_image_backbone
    >>> describe_image_backbone("small_cnn").pooling
    'flatten'
    """
    return _resolve(name_or_layer, options)[1]


def build_image_backbone(name_or_layer, *, input_shape, raw, options=None):
    """Build an image backbone.

    Parameters
    ----------
    name_or_layer : str or keras.layers.Layer
        - ``"small_cnn"``: trained from scratch; option ``filters``.
        - A name of ``keras.applications`` in snake case, such as ``"vgg16"`` or
          ``"efficientnet_v2_b0"``; option ``weights``: ``"imagenet"`` (default), a local weights
          file or None.
        - A KerasHub preset or local folder.
        - Any Keras layer or model from images to a feature map or a vector; option ``scaling``:
          what raw pixels become, as in `ImageNormalizer` (``"unit"`` by default). The layer is
          copied with its weights, never changed.
    input_shape : tuple of int (h, w, c)
        Shape of one image. Grey images are repeated where a backbone needs three channels.
    raw : bool
        Whether the images are raw uint8 pixels, to which the backbone's own preprocessing is
        applied inside the network, or floats, which are taken as they are.
    options : dict, default=None
        Options of the backbone by name.

    Returns
    -------
    keras.Model
        From a batch (n, h, w, c), uint8 if `raw` and float32 otherwise, to a feature map
        (n, h', w', c') or to vectors (n, d). Pretrained weights are read once per process.

    Raises
    ------
    ValueError, TypeError
        If there is no such backbone or option, or it does not take such images.
    OSError
        If weights are neither there nor can be downloaded.
    ImportError
        If KerasHub is needed and not installed.

    Examples
    --------
    >>> from skmtl.backbones.image import build_image_backbone
    >>> build_image_backbone("small_cnn", input_shape=(32, 32, 3), raw=True).output_shape
    (None, 4, 4, 64)
    """
    if isinstance(name_or_layer, StoredBackbone):
        return name_or_layer.build()
    apply, _ = _resolve(name_or_layer, options)
    pixels = keras.Input(input_shape, dtype="uint8" if raw else "float32")
    return keras.Model(pixels, apply(pixels), name="image_backbone")


def _resolve(backbone, options):
    """Return the function from pixels to features, and the facts about it."""
    if isinstance(backbone, layers.Layer):
        refuse_lambda("image_backbone", backbone)
        build, name = partial(_user_layer, backbone), backbone.name
        info = BackboneInfo("avg", has_pretrained_weights=backbone.built)
    elif not isinstance(backbone, str):
        raise TypeError(
            f"image_backbone must be a name or a Keras layer; got {describe(backbone)}."
        )
    elif backbone == "small_cnn":
        build, name, info = _small_cnn, backbone, BackboneInfo("flatten")
    elif backbone in APPLICATIONS:
        build, name = partial(_application, backbone), backbone
        has_weights = (options or {}).get("weights", "imagenet") is not None
        scale = FINE_TUNING_SCALE if has_weights else 1.0
        info = BackboneInfo("avg", has_pretrained_weights=has_weights, update_scale=scale)
    elif is_preset(backbone):
        build, name = partial(_hub, backbone), backbone
        info = BackboneInfo("avg", has_pretrained_weights=True, update_scale=FINE_TUNING_SCALE)
    else:
        raise ValueError(
            f"image_backbone must be 'small_cnn', one of {', '.join(map(repr, APPLICATIONS))}, a "
            "KerasHub preset (with keras-hub installed) or local folder, or a Keras layer; got "
            f"{backbone!r}."
        )
    options = check_options(build, options, parameter="image_backbone", name=name)
    return partial(build, **options), info


def _small_cnn(pixels, *, filters=None):
    return small_cnn(prepare_pixels(pixels, scaling=SCALINGS["unit"]), filters=filters)


def _application(name, pixels, *, weights="imagenet"):
    scaling = find_scaling(name, parameter="image_backbone")
    x = prepare_pixels(pixels, scaling=scaling, n_channels=3, backbone=f"image_backbone={name!r}")
    return application(x, name, weights=weights)


def _hub(preset, pixels):
    return hub_image(pixels, preset)


def _user_layer(layer, pixels, *, scaling="unit"):
    scaling = find_scaling(scaling, parameter="image_backbone__scaling")
    shape = getattr(layer, "input_shape", None) if isinstance(layer, keras.Model) else None
    n_channels = shape[-1] if isinstance(shape, tuple) and len(shape) == 4 else None
    x = prepare_pixels(pixels, scaling=scaling, n_channels=n_channels, backbone="image_backbone")
    return copy_layer(layer)(x)
