"""Bring one image to a size."""

from numbers import Integral

import numpy as np
from PIL import Image

RESIZE_MODES = ("stretch", "fit", "crop")


def as_size(value, parameter) -> tuple | None:
    """Return a parameter as (height, width), or say what it must be; None stays None."""
    if value is None:
        return None
    sides = tuple(value) if isinstance(value, tuple | list) else (value, value)
    is_count = [isinstance(v, Integral) and not isinstance(v, bool) and v >= 1 for v in sides]
    if len(sides) != 2 or not all(is_count):
        raise ValueError(
            f"{parameter} must be None, an int >= 1 or a pair (height, width) of them; "
            f"got {value!r}."
        )
    return int(sides[0]), int(sides[1])


def resize_image(pixels, size, mode):
    """Return the image in another size.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, c), uint8 or float32
        The image.
    size : tuple of int (height, width)
        The size to bring it to.
    mode : {"stretch", "fit", "crop"}
        "stretch" changes the aspect ratio; "fit" keeps it and fills the border with zeros; "crop"
        keeps it and cuts off what lies outside, equally on both sides.

    Returns
    -------
    ndarray of shape (height, width, c)
        In the dtype of `pixels`. Smaller images are averages, so no detail is skipped.
    """
    height, width = size
    h, w = pixels.shape[:2]
    if (h, w) == (height, width):
        return pixels
    if mode == "stretch":
        return _resample(pixels, size)
    scale = (min if mode == "fit" else max)(height / h, width / w)
    inner = max(1, round(h * scale)), max(1, round(w * scale))
    if mode == "crop":
        inner = max(inner[0], height), max(inner[1], width)
        top, left = (inner[0] - height) // 2, (inner[1] - width) // 2
        # only the part that stays is resampled: of a panorama, the whole could be gigabytes
        across, down = w / inner[1], h / inner[0]
        right, bottom = min((left + width) * across, w), min((top + height) * down, h)
        part = (left * across, top * down, right, bottom)
        return _resample(pixels, size, part)
    inner = min(inner[0], height), min(inner[1], width)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    result = np.zeros((height, width, pixels.shape[2]), pixels.dtype)
    result[top : top + inner[0], left : left + inner[1]] = _resample(pixels, inner)
    return result


def _resample(pixels, size, part=None):
    """Return a part (left, top, right, bottom), by default the whole, in another size."""
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
        return _resample_plane(pixels, size, part)
    planes = [_resample_plane(pixels[:, :, i], size, part) for i in range(pixels.shape[2])]
    return np.stack(planes, axis=2)


def _resample_plane(plane, size, part):
    image = Image.fromarray(np.ascontiguousarray(plane))
    # Pillow's bilinear filter widens when it shrinks: every source pixel counts
    return np.array(image.resize(size[::-1], Image.Resampling.BILINEAR, box=part))
