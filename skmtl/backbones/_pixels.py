"""From the pixels of a table to what a backbone expects, inside the network."""

import keras
from keras import layers, ops


def prepare_pixels(pixels, *, scaling, n_channels=None, backbone="this backbone"):
    """Repeat grey channels where three are needed, and scale raw pixels.

    Parameters
    ----------
    pixels : KerasTensor of shape (n, h, w, c)
        Pixels; uint8 ones are raw, floats are scaled already.
    scaling : PixelScaling
        Applied to raw pixels.
    n_channels : int, default=None
        Channels that the backbone needs; None for any number.
    backbone : str
        For the error text.

    Returns
    -------
    KerasTensor of shape (n, h, w, n_channels), float

    Raises
    ------
    ValueError
        If the channels do not fit.
    """
    x = pixels
    if n_channels == 3 and x.shape[-1] == 1:
        x = layers.Concatenate()([x, x, x])
    if n_channels not in (None, x.shape[-1]):
        raise ValueError(
            f"{backbone} needs images of {n_channels} channels; got {pixels.shape[-1]}."
        )
    if pixels.dtype != "uint8":
        return x
    if scaling.is_bgr:
        x = ops.flip(x, axis=-1)
    if any(scaling.offset) or len(scaling.scale) > 1:
        return layers.Rescaling(_plain(scaling.scale), _plain(scaling.offset))(x)
    # Rescaling adds the zeros: one more pass over pixels that are larger than the caches
    return ops.cast(x, keras.config.dtype_policy().compute_dtype) * scaling.scale[0]


def _plain(values):
    """Return a list, or a number where there is only one."""
    values = [float(value) for value in values]
    return values if len(values) > 1 else values[0]
