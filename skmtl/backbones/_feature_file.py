"""A file of features by key, in which damage is noticed.

One line of JSON says what is in it; then come the keys, then for each key a checksum and its
features. The checksum covers the line and the key too, so a row that any byte of the file has
changed is not found, or not taken.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skmtl._runtime.storage import new_file

KEY_BYTES = 16
SUFFIX = ".features"
_FORMAT = "skmtl features 1"
_CHECKSUM_BYTES = 8
_MOST_HEADER_BYTES = 1000
# the only ones that a header may name: NumPy would read much else from a text
_DTYPES = ("bfloat16", "float16", "float32", "float64", "int32", "int64")


@dataclass(frozen=True)
class FeatureFile:
    """Where the features of each key lie in a file.

    Parameters
    ----------
    path : Path
        The file.
    header : bytes
        Its first line.
    dtype : dtype
        Of the features.
    shape : tuple of int
        Of the features of one key.
    places : dict of bytes to int
        Position of each key's checksum and features in the file.
    """

    path: Path
    header: bytes
    dtype: np.dtype
    shape: tuple[int, ...]
    places: dict

    def read(self, keys) -> dict:
        """Return the features of those keys of the file that are undamaged."""
        features = {}
        n_bytes = _row_bytes(self.dtype, self.shape)
        try:
            with open(self.path, "rb") as file:
                for key in keys:
                    file.seek(self.places[key])
                    row = file.read(_CHECKSUM_BYTES + n_bytes)
                    checksum, content = row[:_CHECKSUM_BYTES], row[_CHECKSUM_BYTES:]
                    if len(content) == n_bytes and checksum == _checksum(self.header, key, content):
                        features[key] = np.frombuffer(content, self.dtype).reshape(self.shape)
        except OSError:
            pass  # deleted, or unreadable: its rows are computed again
        return features


def write_features(path, keys, features):
    """Write features to a new file, which appears under its name when it is complete."""
    description = {"format": _FORMAT, "n_rows": len(keys), "shape": list(features.shape[1:])}
    description["dtype"] = features.dtype.name
    header = json.dumps(description).encode() + b"\n"
    with new_file(path) as file:
        file.write(header)
        file.write(b"".join(keys))
        for key, row in zip(keys, np.ascontiguousarray(features), strict=True):
            content = row.tobytes()
            file.write(_checksum(header, key, content) + content)


def open_features(path) -> FeatureFile | None:
    """Return where the features of a file lie; None if it is no such file."""
    try:
        if not path.is_file():  # another thing of that name, such as a pipe, may never answer
            return None
        with open(path, "rb") as file:
            header = file.readline(_MOST_HEADER_BYTES)
            n_rows, dtype, shape = _parse(header)
            size = path.stat().st_size
            row_bytes = _CHECKSUM_BYTES + _row_bytes(dtype, shape)
            start = len(header) + n_rows * KEY_BYTES
            if size != start + n_rows * row_bytes:
                return None
            keys = file.read(n_rows * KEY_BYTES)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    places = {
        keys[row * KEY_BYTES : (row + 1) * KEY_BYTES]: start + row * row_bytes
        for row in range(n_rows)
    }
    return FeatureFile(path, header, dtype, shape, places)


def _parse(header):
    description = json.loads(header)
    n_rows, shape = description["n_rows"], description["shape"]
    numbers = [n_rows, *shape]
    if not all(type(number) is int and 0 <= number < 2**40 for number in numbers):
        raise ValueError("a size is malformed")
    if description["format"] != _FORMAT or description["dtype"] not in _DTYPES:
        raise ValueError("another format")
    return n_rows, np.dtype(description["dtype"]), tuple(shape)


def _row_bytes(dtype, shape):
    n_bytes = dtype.itemsize
    for length in shape:
        n_bytes *= length
    return n_bytes


def _checksum(header, key, content):
    digest = hashlib.blake2b(header, digest_size=_CHECKSUM_BYTES)
    digest.update(key)
    digest.update(content)
    return digest.digest()
