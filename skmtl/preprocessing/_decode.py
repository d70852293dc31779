"""One cell of an image column to the array of its pixels."""

from typing import Any, Literal

import numpy as np
from PIL import ExifTags, Image

from skmtl._runtime.types import PathLike
from skmtl.preprocessing._decoding_limits import check_tiles, reserve_pixels
from skmtl.preprocessing._image_files import is_array, open_image, unreadable, unwrap
from skmtl.preprocessing._pixels import (
    MAX_PIXELS,
    MODES,
    check_pixels,
    check_size,
    convert_channels,
)

_GREY_MODES = ("1", "L", "LA", "La", "F")
# how an image of each EXIF orientation is turned upright
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def load_image(
    cell: Any,
    *,
    row: int,
    column: str = "image",
    mode: Literal["grey", "rgb"] | None = None,
    max_pixels: int = MAX_PIXELS,
    folder: PathLike | None = None,
    for_size: tuple[int, int] | None = None,
) -> np.ndarray | None:
    """Return the pixels of one cell.

    Parameters
    ----------
    cell : str, path, bytes, dict, PIL image, ndarray or missing
        A path to an image file, the encoded bytes of one, a dict ``{"bytes": ..., "path": ...}``
        (the form of Parquet files of image data sets; one of the two may be None), an image of
        Pillow, or pixels of shape (h, w) or (h, w, c).
    row : int
        Number of the row, for error texts.
    column : str, default="image"
        Name of the column, for error texts.
    mode : {None, "grey", "rgb"}, default=None
        Channels of the result: one, three, or (None) one for grey images and three for all others;
        arrays then keep their channels.
    max_pixels : int, default=50_000_000
        Larger images are refused before they are decoded.
    folder : path, default=None
        Folder that relative paths start from; None is the current one.
    for_size : tuple of int (height, width), default=None
        Size that the image will be brought to. A much larger JPEG file is then decoded at a half, a
        quarter or an eighth of its size, which is faster, but not below twice `for_size`.

    Returns
    -------
    ndarray of shape (h, w, c), or None for a missing cell
        It is uint8 for raw pixels; float32 where the cell held floats. Images are turned upright
        (EXIF), transparency is laid over white, 16 bits are scaled to 8, an animation gives its
        first frame.

    Raises
    ------
    ValueError
        If the image cannot be read or decoded, is too large, or the array is not an image.
    TypeError
        If the cell is of another type.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.preprocessing import load_image
    >>> load_image(np.zeros((28, 28), np.uint8), row=0).shape
    (28, 28, 1)
    """
    cell, where = unwrap(cell, folder), f"{column} row {row}"
    if cell is None:
        return None
    if is_array(cell):
        pixels = check_pixels(np.asarray(cell), where, max_pixels)
        return pixels if mode is None else convert_channels(pixels, mode)
    with open_image(cell, where) as image:
        check_size(image.width, image.height, where, max_pixels)
        check_tiles(image, where)
        if for_size is not None and image.format == "JPEG" and image is not cell:
            # the averages of the decoder's blocks; the resampling to the size averages once more
            side = 2 * max(for_size)  # the image may be turned
            image.draft(None, (side, side))
        with reserve_pixels(image.width * image.height):
            return _decode(image, where, cell, mode)


def count_channels(cell, where) -> int:
    """Return the channels of an image: of an array its own, of a file 1 (grey) or 3.

    Of a file no more than the head is read.
    """
    if is_array(cell):
        return cell.shape[-1] if cell.ndim == 3 else 1
    with open_image(cell, where) as image:
        return 1 if image.mode in _GREY_MODES or image.mode.startswith("I") else 3


def _decode(image, where, cell, mode):
    try:
        image.load()  # some formats store the orientation behind the pixels
        image = _turn_upright(image)
        pixels = np.array(image) if image.mode == "F" else _decode_integers(image, mode)
    except Exception as error:  # decoders raise anything on a damaged file
        raise unreadable(where, "decoded", cell, error) from error
    if image.mode == "F":
        pixels = check_pixels(pixels, where, pixels.size)
        return pixels if mode is None else convert_channels(pixels, mode)
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def _turn_upright(image):
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # the pixels are readable, and damaged EXIF data says nothing about them
        return image
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _decode_integers(image, mode):
    image = _to_eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA" if image.mode not in ("LA", "La") else "LA")
    if mode is None:
        mode = "grey" if image.mode in _GREY_MODES else "rgb"
    if image.mode in ("RGBA", "LA"):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    if image.mode == "LAB":
        image = image.convert("RGB")  # Pillow converts it to nothing else
    return np.array(image if image.mode == MODES[mode] else image.convert(MODES[mode]))


def _to_eight_bits(image):
    """Scale 16-bit grey; Pillow's own conversion would cut everything above 255."""
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image)
    if image.mode != "I" or values.max(initial=0) > 255:
        values = (values.astype(np.int32).clip(0, 65535) + 128) // 257
    return Image.fromarray(values.astype(np.uint8))
