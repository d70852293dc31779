"""Images of one shape, decoded some at a time, and each once where they fit into memory."""

import hashlib
import os
from copy import copy

import numpy as np

from skmtl._runtime.lru import BoundedCache
from skmtl._runtime.threads import in_threads, thread_share
from skmtl.data.lazy import RESIDENT_BYTES, aligned_empty
from skmtl.preprocessing._decode import load_image
from skmtl.preprocessing._image_files import open_image
from skmtl.preprocessing._resize import resize_image

_ENCODED = (str, os.PathLike, bytes, bytearray, memoryview)

# The folds and candidates of a search, and `fit` and `score`, read the same files.
_decoded = BoundedCache(RESIDENT_BYTES, size=lambda image: image.nbytes)


def forget_images():
    """Drop the decoded images that this process keeps."""
    _decoded.clear()


class ImageReader:
    """Images by row, decoded in threads when they are asked for.

    Parameters
    ----------
    cells : ndarray
        Object array of what `load_image` reads, or pixels (n_samples, h, w, c).
    rows : ndarray of int
        Rows of the cells that hold an image; at least one.
    name : str
        Name of the column, for error texts.
    size : tuple of int (height, width), optional
        Size that images are brought to.
    mode : {None, "grey", "rgb"}
        As in `load_image`.
    seen : tuple (shape, dtype, ...), optional
        Of the images in `fit`; by default, all must be like the first one.

    Raises
    ------
    ValueError, TypeError
        If a cell is not a readable image of the right shape; the text names its row.
    """

    def __init__(self, cells, rows, *, name="image", size=None, mode=None, seen=None):
        self.cells = cells
        self.rows = rows
        self.name = name
        self.size = size
        self.mode = mode
        self._other = "the images in fit have"
        self._keeps = True
        if seen is None:
            first = self.load(rows[0])
            seen, self._other = (first.shape, first.dtype), f"row {rows[0]} has"
        self._image_shape, self.dtype = tuple(seen[0]), np.dtype(seen[1])
        # more than fits would only push each other out
        self._keeps = int(np.prod(self.shape)) * self.dtype.itemsize <= RESIDENT_BYTES

    @property
    def shape(self) -> tuple:
        """Shape of the array of all images."""
        return (len(self.rows), *self._image_shape)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, places):
        pixels = aligned_empty((len(places), *self.shape[1:]), self.dtype)

        def read(slot):
            pixels[slot] = self.read(self.rows[places[slot]])

        in_threads(read, range(len(places)), thread_share())
        return pixels

    def load(self, row) -> np.ndarray:
        """Return the pixels of one row, of any shape; they must not be changed."""
        cell = self.cells[row]
        if not is_encoded(cell) or not self._keeps:
            return self._load(row)
        key = (self._key(cell, row), self.size, self.mode)
        image = _decoded.get(key)
        if image is None:
            image = self._load(row)
            image.flags.writeable = False
            _decoded.put(key, image)
        return image

    def _load(self, row) -> np.ndarray:
        image = load_image(
            self.cells[row], row=int(row), column=self.name, mode=self.mode, for_size=self.size
        )
        return image if self.size is None else resize_image(image, self.size, "stretch")

    def read(self, row) -> np.ndarray:
        """Return the pixels of one row, in the shape of the others."""
        image = self.load(row)
        self.check(image, row)
        return image

    def check(self, image, row):
        """Raise if an image is not like the others."""
        if image.shape == self.shape[1:] and image.dtype == self.dtype:
            return
        other, where = self._other, f"X: {self.name} row {row}"
        expected = self.shape[1:]
        if image.shape[2] != expected[2]:
            raise ValueError(
                f"{where} has {image.shape[2]} channels, {other} {expected[2]}; fit with "
                "image_mode='rgb' or image_mode='grey' to bring all images to one mode."
            )
        if image.shape != expected:
            raise ValueError(
                f"{where} has the size {image.shape[:2]}, {other} {expected[:2]}; fit with "
                "image_size=(height, width) to bring all images to one size."
            )
        raise ValueError(
            f"{where} has pixels of dtype {image.dtype}, {other} {self.dtype}; uint8 pixels are "
            "raw and float pixels are scaled, so do not mix them."
        )

    def select(self, which) -> "ImageReader":
        """Return a reader of some of the rows, given by a bool array."""
        reader = copy(self)
        reader.rows = self.rows[which]
        return reader

    @property
    def has_row_keys(self) -> bool:
        """Whether all cells are encoded."""
        return all(map(is_encoded, self.cells[self.rows]))

    def row_keys(self, places) -> list:
        """Return a digest per image without decoding any.

        A file is identified by its path and by its entry in the file system; nothing writes to a
        file without changing the time of its last change.
        """
        rows = self.rows[places]
        return [self._key(cell, row) for cell, row in zip(self.cells[rows], rows, strict=True)]

    def _key(self, cell, row) -> bytes:
        digest = hashlib.blake2b(digest_size=16)
        if isinstance(cell, str | os.PathLike):
            try:
                status = os.stat(cell)
            except (OSError, ValueError):
                with open_image(cell, f"{self.name} row {row}"):  # says what is wrong with it
                    raise
            place = os.path.abspath(os.fspath(cell))
            times = status.st_mtime_ns, status.st_ctime_ns
            stamp = (place, status.st_ino, status.st_size, *times)
            digest.update(repr(stamp).encode("utf-8", "surrogateescape"))
        else:
            digest.update(cell)
        return digest.digest()


def is_encoded(cell) -> bool:
    """Return whether a cell is a path or the bytes of a file."""
    return isinstance(cell, _ENCODED)
