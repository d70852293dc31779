"""KerasHub backbones by preset name or local folder; needs the extra ``hub``."""

import os
from functools import cache

import numpy as np
from keras import layers, ops

from skmtl.backbones._loaded import loaded_copy, modified
from skmtl.backbones._pixels import prepare_pixels
from skmtl.data.pixel_scaling import SCALINGS, PixelScaling


def is_preset(name):
    """Return whether a name is a local folder or a preset of KerasHub."""
    if os.path.isdir(name) or "://" in name:
        return True
    try:
        return name in _preset_names()
    except ImportError:
        return False


@cache
def _preset_names():
    import keras_hub

    return frozenset(keras_hub.models.Backbone.presets)


def import_hub(parameter):
    """Import KerasHub, or say how to install it."""
    try:
        import keras_hub
    except ImportError as error:
        raise ImportError(
            f"{parameter} names a KerasHub preset or folder, which needs KerasHub: "
            "pip install keras-hub safetensors."
        ) from error
    return keras_hub


def load_backbone(preset, parameter):
    """Return a copy of a KerasHub backbone with its weights, read once per process."""
    hub = import_hub(parameter)

    def load():
        try:
            return hub.models.Backbone.from_preset(preset)
        except (ValueError, KeyError, OSError) as error:
            raise ValueError(
                f"{parameter}={preset!r} is no KerasHub backbone: {type(error).__name__}: {error}"
            ) from error

    return loaded_copy((preset, modified(preset)), load)


def _own_scaling(hub, preset):
    """Return the scaling of a preset's own image converter; pixels from 0 to 1 without one."""
    try:
        converter = hub.layers.ImageConverter.from_preset(preset)
    except (ValueError, KeyError, OSError, NotImplementedError):
        return SCALINGS["unit"]
    scale = 1.0 if converter.scale is None else converter.scale
    offset = 0.0 if converter.offset is None else converter.offset
    return PixelScaling(tuple(np.atleast_1d(scale)), tuple(np.atleast_1d(offset)))


def hub_image(pixels, preset):
    """Apply a KerasHub image backbone.

    Parameters
    ----------
    pixels : KerasTensor of shape (n, h, w, c)
        Pixels; raw ones are scaled as the preset's own image converter does.
    preset : str
        Preset name or folder.

    Returns
    -------
    KerasTensor of shape (n, h', w', c')
        The last feature map; the tokens of a vision transformer as (n, n_tokens, 1, d).
    """
    name = f"image_backbone={preset!r}"
    backbone = load_backbone(preset, "image_backbone")
    if isinstance(backbone.input, dict):
        raise ValueError(f"{name} is no image backbone: {_inputs(backbone)}.")
    scaling = _own_scaling(import_hub("image_backbone"), preset)
    n_channels = backbone.input.shape[-1]
    x = backbone(prepare_pixels(pixels, scaling=scaling, n_channels=n_channels, backbone=name))
    if isinstance(x, dict):
        raise ValueError(f"{name} has several outputs: {', '.join(sorted(x))}.")
    return layers.Reshape((x.shape[1], 1, x.shape[2]))(x) if len(x.shape) == 3 else x


def hub_text(ids, preset, max_len):
    """Apply a KerasHub text backbone.

    Parameters
    ----------
    ids : KerasTensor of shape (n, n_ids)
        Token ids, 0 for padding.
    preset : str
        Preset name or folder.
    max_len : int
        The most ids that a text has.

    Returns
    -------
    KerasTensor of shape (n, n_ids, d)
        The last layer's vectors of the tokens.
    """
    backbone = load_backbone(preset, "text_backbone")
    inputs = backbone.input if isinstance(backbone.input, dict) else {}
    known = {"token_ids", "padding_mask", "segment_ids"}
    if "token_ids" not in inputs or not inputs.keys() <= known:
        raise ValueError(f"text_backbone={preset!r} is no text backbone: {_inputs(backbone)}.")
    limit = getattr(backbone, "max_sequence_length", None) or max_len
    if max_len > limit:
        raise ValueError(
            f"text_backbone={preset!r} takes texts of at most {limit} ids; got {max_len}: set "
            f"tokenizer__max_len={limit}, or less."
        )
    values = {
        "token_ids": ids,
        "padding_mask": ops.cast(ops.not_equal(ids, 0), "int32"),
        "segment_ids": ops.zeros_like(ids),
    }
    x = backbone({name: values[name] for name in inputs})
    return x["sequence_output"] if isinstance(x, dict) else x


def _inputs(backbone):
    inputs = backbone.input
    names = sorted(inputs) if isinstance(inputs, dict) else [inputs.name]
    return f"{type(backbone).__name__} reads {', '.join(names)}"
