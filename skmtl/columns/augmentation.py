"""Random changes of images while training: one draw per row, inside the network."""

import keras
from keras import ops

from skmtl._runtime.keras_layers import copy_layer, refuse_lambda

# name -> layer; the changes are mild, so that a digit or a face remains recognisable
AUGMENTATIONS = {
    "flip": lambda: keras.layers.RandomFlip("horizontal"),
    "shift": lambda: keras.layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
    "crop": lambda: keras.layers.RandomZoom((-0.2, 0.0), fill_mode="nearest"),
}


def check_augmentation(value) -> tuple:
    """Return the steps that the parameter `image_augmentation` names.

    Parameters
    ----------
    value : None, str, keras.Layer or sequence of them
        "flip" mirrors an image left to right half of the time, "shift" moves it by up to a tenth
        of its size, "crop" enlarges up to a fifth of it away. A layer maps pixels to pixels of the
        same shape.

    Returns
    -------
    tuple of str or keras.Layer

    Raises
    ------
    ValueError, TypeError
        If a step is neither a known name nor a layer.
    """
    if value is None:
        return ()
    steps = (value,) if isinstance(value, str | keras.layers.Layer) else value
    if not isinstance(steps, list | tuple):
        raise TypeError(
            f"image_augmentation must be None, a name, a Keras layer or a list of them; "
            f"got {type(value).__name__}: {value!r}."
        )
    for step in steps:
        if isinstance(step, keras.layers.Layer):
            refuse_lambda("image_augmentation", step)
            continue
        if not isinstance(step, str) or step not in AUGMENTATIONS:
            raise ValueError(
                f"image_augmentation must be made of {list(AUGMENTATIONS)} or Keras layers; "
                f"got {step!r}."
            )
    return tuple(steps)


def augment(pixels, steps):
    """Apply random changes to pixels, in training only.

    Parameters
    ----------
    pixels : KerasTensor of shape (n, h, w, c)
        Raw uint8 or float pixels.
    steps : tuple of str or keras.Layer
        From `check_augmentation`.

    Returns
    -------
    KerasTensor of the same shape and dtype
    """
    x = ops.cast(pixels, "float32")
    for step in steps:
        layer = AUGMENTATIONS[step]() if isinstance(step, str) else copy_layer(step)
        x = layer(x)
    if tuple(x.shape[1:]) != tuple(pixels.shape[1:]):
        raise ValueError(
            "image_augmentation must keep the shape of the images, "
            f"{tuple(pixels.shape[1:])}; got {tuple(x.shape[1:])}."
        )
    if pixels.dtype == "uint8":
        x = ops.clip(ops.round(x), 0, 255)
    return ops.cast(x, pixels.dtype)
