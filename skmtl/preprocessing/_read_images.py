"""A column of images to one array, or to rows that are read when they are needed."""

import warnings
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from skmtl._runtime.checks import check_choice
from skmtl._runtime.threads import in_threads, thread_share
from skmtl.data import lazy
from skmtl.preprocessing._decode import count_channels
from skmtl.preprocessing._image_files import is_array, unwrap
from skmtl.preprocessing._image_reader import ImageReader, is_encoded
from skmtl.preprocessing._pixels import check_stack
from skmtl.preprocessing._resize import as_size

_SCALED_MAX = 2.0  # pixels scaled to [0, 1] stay below it, standardized ones are negative, too
_N_LOOKED_AT = 64  # rows whose range is looked at where not all are in memory
_N_NAMED = 3  # rows that a warning names


class ImageFormat(NamedTuple):
    """What `fit` has seen of a column of images; later images must be like them."""

    shape: tuple  # (h, w, c)
    dtype: str
    highest: float | None = None  # largest pixel of float images


class ImageCells(NamedTuple):
    """The images of a column."""

    values: np.ndarray | lazy.LazyRows  # one image for each row that is present
    present: np.ndarray
    format: ImageFormat | None  # None where no image is present
    bad: list  # (row, reason) of cells that cannot be read and count as missing


def read_images(
    column, *, name="image", size=None, mode=None, folder=None, on_bad="raise", seen=None
) -> ImageCells:
    """Return the images of a column, all of one shape.

    Files and large columns become `LazyRows`, everything else one array.

    Parameters
    ----------
    column : ndarray of shape (n_samples,), (n_samples, h, w) or (n_samples, h, w, c)
        Object array of what `load_image` takes, or pixels.
    name : str
        Name of the column, for error texts.
    size : int or tuple of int (height, width), optional
        Size that all images are brought to.
    mode : {None, "grey", "rgb"}, default=None
        Channels of all images. None takes grey files as grey, and brings all images to RGB if one
        of them has colours; a column of arrays alike keeps its channels.
    folder : path, optional
        Folder that relative paths start from.
    on_bad : {"raise", "missing"}, default="raise"
        Whether an image that cannot be read is an error or a missing cell. "missing" decodes every
        file once before anything else.
    seen : ImageFormat, optional
        The format that `fit` has seen; by default it is learned from this column.

    Returns
    -------
    ImageCells

    Raises
    ------
    ValueError, TypeError
        If a cell is not a readable image, or of another shape than the others.

    Examples
    --------
    >>> import numpy as np
    >>> read_images(np.zeros((5, 4, 3), np.uint8)).values.shape
    (5, 4, 3, 1)
    """
    size = as_size(size, "image_size")
    check_choice("image_mode", mode, (None, "grey", "rgb"))
    check_choice("on_bad_image", on_bad, ("raise", "missing"))
    cells, rows = _present_cells(column, folder)
    if not len(rows):
        shape, dtype = seen[:2] if seen else ((1, 1, 1), "uint8")
        return ImageCells(np.empty((0, *shape), dtype), np.zeros(len(cells), bool), seen, [])
    bad = {} if on_bad == "missing" else None
    stack = _as_stack(cells, rows)
    if mode is None and stack is None and cells.dtype == object:
        if seen is None:
            mode, rows = _common_mode(cells, rows, name, bad)
        elif seen.shape[2] == 3:
            mode = "rgb"
    reader = _open_reader(cells, rows, bad, name=name, size=size, mode=mode, seen=seen)
    if stack is not None and size is None and mode is None:
        reader.read(rows[0])  # all are like the first one
        values = check_stack(stack, name, rows)
    elif bad is not None:
        values, reader = _read_readable(reader, bad)
    else:
        is_lazy = _is_large(reader) or any(map(is_encoded, cells[rows]))
        values = lazy.LazyRows(reader) if is_lazy else reader[np.arange(len(rows))]
    highest = _check_range(values, reader, name, seen)
    image_format = seen or ImageFormat(values.shape[1:], reader.dtype.name, highest)
    present = np.zeros(len(cells), bool)
    present[reader.rows] = True
    return ImageCells(values, present, image_format, sorted(bad.items()) if bad else [])


def describe_bad(bad, n_images) -> str:
    """Return the text of a warning about images that cannot be read."""
    named = "\n".join(reason for _, reason in bad[:_N_NAMED])
    more = f"\nand {len(bad) - _N_NAMED} more" if len(bad) > _N_NAMED else ""
    return f"{len(bad)} of {n_images} images cannot be read and count as missing:\n{named}{more}"


def _present_cells(column, folder):
    """Return the cells as `load_image` takes them, and the rows that hold one."""
    if column.dtype != object:
        return column, np.arange(len(column))
    cells = np.empty(len(column), object)
    for row, cell in enumerate(column):
        cells[row] = unwrap(cell, folder)
    return cells, np.array([row for row, cell in enumerate(cells) if cell is not None], int)


def _as_stack(cells, rows):
    """Return arrays that are alike as one (n, h, w, c); None where that would take much memory."""
    if cells.dtype != object:
        if cells.dtype != np.uint8 and cells.nbytes > lazy.RESIDENT_BYTES:
            return None
        return cells[..., np.newaxis] if cells.ndim == 3 else cells
    first = cells[rows[0]]
    if not isinstance(first, np.ndarray) or first.ndim not in (2, 3):
        return None
    kind = (np.ndarray, first.shape, first.dtype)
    if len(rows) * first.nbytes > lazy.RESIDENT_BYTES:
        return None
    if any((type(c), getattr(c, "shape", 0), getattr(c, "dtype", 0)) != kind for c in cells[rows]):
        return None
    stack = np.stack(cells[rows])
    return stack[..., np.newaxis] if stack.ndim == 3 else stack


def _common_mode(cells, rows, name, bad):
    """Return the mode that brings all images to one number of channels, and the readable rows."""

    def count(row):
        with _collect(row, bad):
            return count_channels(cells[row], f"{name} row {row}")

    channels = set(in_threads(count, rows, thread_share())) - {None}
    if bad:
        rows = _without(rows, bad, name)
    has_files = any(not is_array(cell) for cell in cells[rows])
    needs_rgb = len(channels) > 1 or (has_files and channels != {1})
    return ("rgb" if needs_rgb else None), rows


def _open_reader(cells, rows, bad, **options):
    while True:
        with _collect(rows[0], bad):
            return ImageReader(cells, rows, **options)
        rows = _without(rows, bad, options["name"])


def _read_readable(reader, bad):
    """Decode all images once; return those that can be read, in memory where they fit."""
    pixels = None if _is_large(reader) else lazy.aligned_empty(reader.shape, reader.dtype)

    def read(place):
        row, image = reader.rows[place], None
        with _collect(row, bad):
            image = reader.load(row)
        if image is not None:
            reader.check(image, row)
            if pixels is not None:
                pixels[place] = image

    in_threads(read, range(len(reader)), thread_share())
    good = np.array([row not in bad for row in reader.rows.tolist()], bool)
    reader = reader.select(good)
    return lazy.LazyRows(reader) if pixels is None else pixels[good], reader


@contextmanager
def _collect(row, bad):
    """Note an unreadable image instead of raising its error, unless `bad` is None."""
    try:
        yield
    except (ValueError, TypeError) as error:
        if bad is None:
            raise
        bad[int(row)] = str(error)


def _without(rows, bad, name):
    good = np.array([row for row in rows.tolist() if row not in bad], int)
    if not len(good):
        first = min(bad)
        raise ValueError(f"X: none of the {len(bad)} images of {name} can be read: {bad[first]}")
    return good


def _is_large(images) -> bool:
    return np.prod(images.shape) * images.dtype.itemsize > lazy.RESIDENT_BYTES


def _check_range(values, reader, name, seen):
    """Warn of raw pixels that came as floats; return the largest pixel of floats."""
    if reader.dtype == np.uint8 or not len(values):
        return None
    some = np.asarray(values[:_N_LOOKED_AT]) if isinstance(values, lazy.LazyRows) else values
    highest = float(some.max())
    limit = _SCALED_MAX if seen is None or seen.highest is None else 2 * max(1.0, seen.highest)
    if highest > limit and some.min() >= 0:
        row = reader.rows[int(np.argmax(some.max(axis=(1, 2, 3)) > limit))]
        warnings.warn(
            f"X: {name} row {row} has float pixels up to {highest:g}. Floats count as scaled "
            "already and are not scaled again: pass raw pixels as uint8 "
            "(images.round().astype('uint8')), or divide by 255.",
            UserWarning,
            stacklevel=2,
        )
    return highest
