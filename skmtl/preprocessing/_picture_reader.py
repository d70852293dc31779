"""A column of pictures of one shape, decoded some at a time."""

import hashlib
import os
from functools import cached_property

from skmtl._runtime.threads import in_threads, thread_share
from skmtl.data.lazy import aligned_empty
from skmtl.preprocessing._decode import load_image
from skmtl.preprocessing._resize import resize_image

_ENCODED = (str, os.PathLike, bytes, bytearray, memoryview)


class PictureReader:
    """Pictures by row, decoded in threads when they are asked for.

    All must have the shape and the dtype of the first one, once brought to `size`.

    Parameters
    ----------
    cells : ndarray
        Object array of what `load_image` reads, or pixels (n_samples, h, w, c).
    rows : ndarray of int
        Rows of the cells that hold a picture; at least one.
    size : tuple of int (height, width), optional
        Size that pictures are brought to.

    Raises
    ------
    ValueError, TypeError
        If a cell is not a readable picture of the right shape; the text names its row.
    """

    def __init__(self, cells, rows, size=None):
        self.cells = cells
        self.rows = rows
        self.size = size
        first = self._read(rows[0])
        self.shape = (len(rows), *first.shape)
        self.dtype = first.dtype

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, places):
        pixels = aligned_empty((len(places), *self.shape[1:]), self.dtype)

        def read(slot):
            row = self.rows[places[slot]]
            image = self._read(row)
            check_alike(image, row, self.shape[1:], self.dtype, self.rows[0])
            pixels[slot] = image

        in_threads(read, range(len(places)), thread_share())
        return pixels

    @cached_property
    def has_row_keys(self) -> bool:
        """Whether all cells are encoded."""
        return all(map(is_encoded, self.cells[self.rows]))

    def row_keys(self, places) -> list:
        """Return a digest per picture without decoding any.

        A file is known by its path and by what the file system says of it; nothing writes to a file
        without changing the time of its last change.
        """
        rows = self.rows[places]
        return [_key(cell, row) for cell, row in zip(self.cells[rows], rows, strict=True)]

    def check_files(self):
        """Raise if a path has no file, before any time is spent on the other ones."""
        for row in self.rows:
            cell = self.cells[row]
            if isinstance(cell, str | os.PathLike) and not os.path.exists(cell):
                load_image(cell, row=int(row))

    def _read(self, row):
        image = load_image(self.cells[row], row=int(row))
        return image if self.size is None else resize_image(image, self.size, "stretch")


def is_encoded(cell) -> bool:
    """Return whether a cell is a path or the bytes of a file."""
    return isinstance(cell, _ENCODED)


def check_alike(image, row, shape, dtype, first_row):
    """Refuse a picture that does not fit into one array with the first one."""
    if image.shape[2] != shape[2]:
        raise ValueError(
            f"X: image row {row} has {image.shape[2]} channels, image row {first_row} has "
            f"{shape[2]}; use ImageLoader or ImageNormalizer to bring them to one mode."
        )
    if image.shape != shape:
        raise ValueError(
            f"X: image row {row} has the size {image.shape[:2]}, image row {first_row} has "
            f"{shape[:2]}; set image_size=, or use ImageNormalizer."
        )
    if image.dtype != dtype:
        raise ValueError(
            f"X: image row {row} is {image.dtype}, image row {first_row} is {dtype}; "
            "uint8 pixels are raw and float pixels are normalised, so do not mix them."
        )


def _key(cell, row) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    if isinstance(cell, str | os.PathLike):
        try:
            seen = os.stat(cell)
        except OSError:
            load_image(cell, row=int(row))  # says what is wrong with it
            raise
        place = os.path.abspath(os.fspath(cell))
        stamp = (place, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        digest.update(repr(stamp).encode("utf-8", "surrogateescape"))
    else:
        digest.update(cell)
    return digest.digest()
