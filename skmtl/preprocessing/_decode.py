"""One cell of an image column to one array."""

import io
import os
import struct
import zlib
from functools import cache

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from skmtl.data.cells import is_missing
from skmtl.exceptions import describe

MAX_PIXELS = 50_000_000
MODES = {"grey": "L", "rgb": "RGB"}
_CHANNELS = (1, 2, 3, 4)
# Tried in this order. EPS, PDF and the like are left out: Pillow runs other programs to read them.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "MPO", "PPM")
# What Pillow's decoders raise on damaged files; its limit on pixels is the last one.
_DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    TypeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def load_image(cell, *, row, column="image", mode=None, max_pixels=MAX_PIXELS):
    """Return the pixels of one cell.

    Parameters
    ----------
    cell : str, path, bytes, PIL image, ndarray or missing
        A path to a picture file, the encoded bytes of one, an open picture, or pixels of shape
        (h, w) or (h, w, c).
    row : int
        Number of the row, for error texts.
    column : str, default="image"
        Name of the column, for error texts.
    mode : {None, "grey", "rgb"}, default=None
        Channels of a decoded picture: one, three, or (None) one for grey pictures and three for
        all others. Arrays are converted only if `mode` is given.
    max_pixels : int, default=50_000_000
        Larger pictures are refused before they are decoded.

    Returns
    -------
    ndarray of shape (h, w, c), or None for a missing cell
        It is uint8 for raw pixels; float32 where the cell held floats. Pictures are turned upright
        (EXIF), transparency is laid over white, 16 bits are scaled to 8, an animation gives its
        first frame.

    Raises
    ------
    ValueError
        If the picture cannot be read or decoded, is too large, or the array is no picture.
    TypeError
        If the cell is of another type.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.preprocessing import load_image
    >>> load_image(np.zeros((28, 28), np.uint8), row=0).shape
    (28, 28, 1)
    """
    if is_missing(cell):
        return None
    where = f"{column} row {row}"
    if isinstance(cell, np.ndarray):
        pixels = _check_pixels(cell, where, max_pixels)
        if mode is not None and pixels.shape[2] != len(MODES[mode]):
            pixels = change_channels(pixels, mode)
        return pixels
    if isinstance(cell, Image.Image):
        _check_size(cell, where, max_pixels)
        return _decode(cell, where, describe(cell), mode)
    if isinstance(cell, str | os.PathLike):
        source, name = cell, repr(os.fspath(cell))
    elif isinstance(cell, bytes | bytearray | memoryview):
        source, name = io.BytesIO(cell), f"{len(cell)} encoded bytes"
    else:
        raise TypeError(
            f"{where} must be a path, encoded bytes, a PIL image or an array of pixels; got "
            f"{describe(cell)}."
        )
    try:
        picture = Image.open(source, formats=_readable_formats())
    except FileNotFoundError:
        raise ValueError(f"{where} is a path without a file: {name}.") from None
    except UnidentifiedImageError:
        raise ValueError(f"{where} is not a picture in a known format: {name}.") from None
    except _DECODING_ERRORS as error:
        raise ValueError(f"{where} cannot be read, {name}: {error}.") from error
    with picture:
        _check_size(picture, where, max_pixels)
        return _decode(picture, where, name, mode)


@cache
def _readable_formats():
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _check_size(picture, where, max_pixels):
    width, height = picture.size
    if width * height > max_pixels:
        raise ValueError(
            f"{where} has {width} x {height} pixels; at most max_pixels={max_pixels} are allowed."
        )


def _decode(picture, where, name, mode):
    try:
        picture.load()  # what some formats say about turning stands behind the pixels
        if picture.getexif().get(ExifTags.Base.Orientation, 1) != 1:
            picture = ImageOps.exif_transpose(picture)
        if picture.mode == "F":
            return _check_pixels(np.asarray(picture), where, picture.width * picture.height)
        picture = _to_eight_bits(picture)
        if picture.has_transparency_data:
            picture = picture.convert("RGBA" if picture.mode not in ("LA", "La") else "LA")
        if mode is None:
            mode = "grey" if picture.mode in ("1", "L", "LA") else "rgb"
        if picture.mode in ("RGBA", "LA"):
            white = Image.new(picture.mode, picture.size, "white")
            picture = Image.alpha_composite(white.convert("RGBA"), picture.convert("RGBA"))
        if picture.mode != MODES[mode]:
            picture = picture.convert(MODES[mode])
        pixels = np.array(picture)
    except _DECODING_ERRORS as error:
        raise ValueError(f"{where} cannot be decoded, {name}: {error}.") from error
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def _to_eight_bits(picture):
    """Scale 16-bit grey; Pillow's own conversion would cut everything above 255."""
    if not picture.mode.startswith("I"):
        return picture
    values = np.asarray(picture).astype(np.int64)
    if picture.mode != "I" or values.max(initial=0) > 255:
        values = (values.clip(0, 65535) + 128) // 257
    return Image.fromarray(values.astype(np.uint8))


def _check_pixels(pixels, where, max_pixels):
    shape = pixels.shape
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    if pixels.ndim != 3 or pixels.shape[2] not in _CHANNELS or 0 in pixels.shape:
        raise ValueError(
            f"{where} must have the shape (height, width) or (height, width, channels) with 1 to 4 "
            f"channels; got the shape {shape}."
        )
    if pixels.shape[0] * pixels.shape[1] > max_pixels:
        raise ValueError(
            f"{where} has {shape[1]} x {shape[0]} pixels; at most max_pixels={max_pixels} are "
            "allowed."
        )
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind in "iu":
        low, high = pixels.min(), pixels.max()
        if low < 0 or high > 255:
            raise ValueError(
                f"{where} must hold pixels from 0 to 255, or floats; got integers from {low} to "
                f"{high}."
            )
        return pixels.astype(np.uint8)
    if pixels.dtype.kind == "f":
        if not np.isfinite(pixels).all():
            raise ValueError(f"{where} holds NaN or infinite pixels.")
        return pixels.astype(np.float32, copy=False)
    raise TypeError(f"{where} must hold numbers; got an array of dtype {pixels.dtype}.")


def change_channels(pixels, mode):
    """Convert pixels (h, w, c) to the channels of `mode`, keeping uint8 or float."""
    if pixels.shape[2] in (2, 4):
        opaque = 255 if pixels.dtype == np.uint8 else 1
        alpha = pixels[:, :, -1:].astype(np.float32) / opaque
        flat = pixels[:, :, :-1] * alpha + opaque * (1 - alpha)
        pixels = _like(flat, pixels)
    if mode == "grey" and pixels.shape[2] == 3:
        # the weights of ITU-R 601-2, those of Pillow
        return _like(pixels @ np.array([[0.299], [0.587], [0.114]], np.float32), pixels)
    if mode == "rgb" and pixels.shape[2] == 1:
        return np.repeat(pixels, 3, axis=2)
    return pixels


def _like(values, pixels):
    return values.round().astype(np.uint8) if pixels.dtype == np.uint8 else values
