"""The one rule for arrays of pixels: what they may hold, and how channels are converted."""

import numpy as np

MAX_PIXELS = 50_000_000
MODES = {"grey": "L", "rgb": "RGB"}
_CHANNELS = (1, 2, 3, 4)


def check_pixels(pixels, where, max_pixels=MAX_PIXELS):
    """Return one image as uint8 (raw) or float32 (scaled), of shape (h, w, c).

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, c)
        Integers from 0 to 255, booleans, or finite floats.
    where : str
        Column and row, for error texts.
    max_pixels : int
        Largest number of pixels.

    Raises
    ------
    ValueError, TypeError
        If the array is not an image.
    """
    shape = pixels.shape
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    if pixels.ndim != 3 or pixels.shape[2] not in _CHANNELS or 0 in shape:
        raise ValueError(
            f"{where} must have the shape (height, width) or (height, width, channels) with 1 to 4 "
            f"channels; got the shape {shape}."
        )
    check_size(shape[1], shape[0], where, max_pixels)
    return _convert_numbers(pixels, where)


def check_stack(pixels, name, rows):
    """Return images (n, h, w, c) as `check_pixels` would; an error names the row in the table."""
    try:
        return _convert_numbers(pixels, name)
    except (ValueError, TypeError):
        for row, image in zip(rows, pixels, strict=True):
            _convert_numbers(image, f"{name} row {row}")
        raise


def check_size(width, height, where, max_pixels):
    """Raise unless an image has pixels, and not too many."""
    if not 0 < width * height <= max_pixels:
        raise ValueError(
            f"{where} has {width} x {height} pixels; allowed are 1 to max_pixels={max_pixels}."
        )


def _convert_numbers(pixels, where):
    kind = pixels.dtype.kind
    if pixels.dtype == np.uint8:
        return pixels
    if kind == "b":
        return pixels.astype(np.uint8) * np.uint8(255)
    if kind in "iu":
        low, high = pixels.min(), pixels.max()
        if low < 0 or high > 255:
            raise ValueError(
                f"{where} must hold integers from 0 to 255, or floats; got integers from {low} to "
                f"{high}. For pixels of 16 bits, divide by 257."
            )
        return pixels.astype(np.uint8)
    if kind == "f":
        with np.errstate(over="ignore"):  # what becomes infinite is an error right below
            pixels = pixels.astype(np.float32, copy=False)
        if not np.isfinite(pixels).all():
            raise ValueError(f"{where} holds NaN or infinite pixels.")
        return pixels
    raise TypeError(f"{where} must hold numbers; got an array of dtype {pixels.dtype}.")


def convert_channels(pixels, mode):
    """Return pixels (..., h, w, c) in the channels of `mode`, as uint8 or float like before."""
    if pixels.shape[-1] in (2, 4):
        opaque = 255 if pixels.dtype == np.uint8 else 1
        alpha = pixels[..., -1:].astype(np.float32) / opaque
        pixels = _like(pixels[..., :-1] * alpha + opaque * (1 - alpha), pixels)
    if mode == "grey" and pixels.shape[-1] == 3:
        # the weights of ITU-R 601-2, which Pillow uses too
        return _like(pixels @ np.array([[0.299], [0.587], [0.114]], np.float32), pixels)
    if mode == "rgb" and pixels.shape[-1] == 1:
        return np.repeat(pixels, 3, axis=-1)
    return pixels


def _like(values, pixels):
    return values.round().astype(np.uint8) if pixels.dtype == np.uint8 else values
