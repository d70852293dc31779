"""Rows that are read when they are needed, and one part ahead of need."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

RESIDENT_BYTES = 2**29  # 512 MiB: what is not larger is read once, and held

CHUNK_BYTES = 2**24  # 16 MiB, 111 images of 224 x 224: three of them are held at a time

_ALIGNMENT = 64  # bytes: what the widest registers need


class LazyRows:
    """Rows of something that is too large to be held as one array.

    It has an array's shape and dtype. Indexing it with rows reads nothing and gives another one;
    ``np.asarray`` reads.

    Parameters
    ----------
    source : ndarray or reader
        Has `shape`, `dtype`, and gives an array for ``source[rows]``. A reader whose
        `has_row_keys` is true has ``row_keys(rows)``: a digest per row that changes with its
        content, found without decoding it.
    rows : ndarray of int, optional
        Rows of the source; by default all of them.

    Examples
    --------
    >>> import numpy as np
    >>> some = LazyRows(np.arange(12).reshape(6, 2))[np.array([4, 1])]
    >>> some.shape, np.asarray(some).tolist()
    ((2, 2), [[8, 9], [2, 3]])
    """

    def __init__(self, source, rows=None):
        self.source = source
        self.rows = np.arange(len(source)) if rows is None else rows

    @property
    def shape(self) -> tuple:
        """Shape of the array that would be read."""
        return (len(self.rows), *self.source.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        """Its dtype."""
        return self.source.dtype

    @property
    def ndim(self) -> int:
        """Its number of axes."""
        return len(self.source.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that it would take."""
        return len(self.rows) * self.row_bytes

    @property
    def row_bytes(self) -> int:
        """Bytes that one row would take."""
        return int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, rows):
        return LazyRows(self.source, self.rows[rows])

    def __array__(self, dtype=None, copy=None):
        return np.array(self.source[self.rows], dtype=dtype, copy=copy)

    @property
    def has_row_keys(self) -> bool:
        """Whether rows can be distinguished without reading them."""
        return getattr(self.source, "has_row_keys", False)

    def row_keys(self) -> list:
        """Return a digest per row; only where `has_row_keys`."""
        return self.source.row_keys(self.rows)

    def blocks(self, multiple=1) -> list:
        """Return the rows in blocks of at most `CHUNK_BYTES`, a multiple of some number of rows."""
        size = rows_per_chunk(self.row_bytes, multiple)
        return [self[start : start + size] for start in range(0, len(self), size)]


def rows_per_chunk(row_bytes, multiple=1) -> int:
    """Return the number of rows that are held at a time, a multiple of some number of rows."""
    return multiple * max(1, CHUNK_BYTES // (multiple * max(1, row_bytes)))


def without_copy(values):
    """Return a large array as rows that are read when needed, everything else as it is."""
    is_large = isinstance(values, np.ndarray) and values.nbytes > RESIDENT_BYTES
    return LazyRows(values) if is_large else values


def aligned_empty(shape, dtype) -> np.ndarray:
    """Return an array, nothing written yet, that a backend takes over without a copy.

    Parameters
    ----------
    shape : tuple of int
        Its shape.
    dtype : dtype
        Of its numbers.

    Examples
    --------
    >>> aligned_empty((2, 3), np.float32).ctypes.data % 64
    0
    """
    n_bytes = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    memory = np.empty(n_bytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)


def read_ahead(read, parts):
    """Yield ``read(part)`` of all parts; a thread reads the next while the caller works.

    Parameters
    ----------
    read : callable
        From a part to what is yielded. An error comes where its result would.
    parts : iterable
        What to read, in order.

    Examples
    --------
    >>> list(read_ahead(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(1) as reader:
        ahead = None
        for part in parts:
            current, ahead = ahead, reader.submit(read, part)
            if current is not None:
                yield current.result()
        if ahead is not None:
            yield ahead.result()
