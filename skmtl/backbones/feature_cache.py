"""Features of frozen backbones by the content of a row, so that none is computed twice."""

import hashlib
import os
import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from skmtl._runtime.checks import as_count
from skmtl._runtime.lru import BoundedCache
from skmtl._runtime.types import PathLike
from skmtl.backbones._feature_file import KEY_BYTES, SUFFIX, open_features, write_features
from skmtl.data.lazy import LazyRows
from skmtl.exceptions import describe

__all__ = ["FeatureCache", "FolderFeatureCache", "MemoryFeatureCache"]

_computing = threading.RLock()


class FeatureCache(ABC):
    """Where the features of a frozen backbone are kept.

    A copy of a cache (`copy.deepcopy`, and with it `sklearn.base.clone`) is the cache itself.

    Examples
    --------
    >>> from skmtl.backbones.feature_cache import FeatureCache
    >>> class NoCache(FeatureCache):
    ...     def get_many(self, keys):
    ...         return [None] * len(keys)
    ...     def put_many(self, keys, features):
    ...         pass
    >>> NoCache().get_many([b"one"])
    [None]
    """

    @abstractmethod
    def get_many(self, keys: Sequence[bytes]) -> list[np.ndarray | None]:
        """Return the features of some rows.

        Parameters
        ----------
        keys : list of bytes
            Keys of the rows.

        Returns
        -------
        list of (ndarray of shape (d,) or None)
            The feature of each key, None where there is none.
        """

    @abstractmethod
    def put_many(self, keys: Sequence[bytes], features: np.ndarray) -> None:
        """Keep features.

        Parameters
        ----------
        keys : list of bytes
            Keys of the rows.
        features : ndarray of shape (n_keys, d)
            Their features.
        """

    def __deepcopy__(self, memo):
        return self


class MemoryFeatureCache(FeatureCache):
    """Keep features in memory; those unused for longest go first.

    Parameters
    ----------
    max_bytes : int, default=1 GiB
        Bytes that the features may take.

    Raises
    ------
    TypeError, ValueError
        If `max_bytes` is no int, or negative.

    Examples
    --------
    >>> from skmtl.backbones.feature_cache import MemoryFeatureCache
    >>> cache = MemoryFeatureCache()
    >>> cache.put_many([b"one"], [[0.5, 1.0]])
    >>> cache.get_many([b"one", b"two"])
    [array([0.5, 1. ]), None]
    """

    def __init__(self, max_bytes: int = 2**30) -> None:
        self.max_bytes = as_count("max_bytes", max_bytes, 0)
        self._features = BoundedCache(max_bytes, size=lambda feature: feature.nbytes)

    def get_many(self, keys: Sequence[bytes]) -> list[np.ndarray | None]:
        """Return the features of some rows; see `FeatureCache`."""
        return [self._features.get(key) for key in keys]

    def put_many(self, keys: Sequence[bytes], features: np.ndarray) -> None:
        """Keep features; see `FeatureCache`."""
        for key, feature in zip(keys, np.asarray(features), strict=True):
            feature = feature.copy()  # a view would keep the whole batch alive
            feature.flags.writeable = False
            self._features.put(key, feature)

    def __len__(self):
        return len(self._features)

    def __reduce__(self):
        return type(self), (self.max_bytes,)  # another process starts with an empty cache


class FolderFeatureCache(FeatureCache):
    """Keep features in a folder, which processes and users may share.

    Each `put_many` writes one new file and renames it when it is complete, so any number of
    processes may write at once, and one that is killed leaves nothing that is read. A row that was
    damaged afterwards, or a file that cannot be read, is computed again. The files get the
    permissions that the process' umask gives.

    Parameters
    ----------
    folder : str or path
        Created by the first `put_many` if it does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from skmtl.backbones.feature_cache import FolderFeatureCache
    >>> cache = FolderFeatureCache(tempfile.mkdtemp())
    >>> cache.put_many([b"%-16d" % 1], [[0.5, 1.0]])
    >>> cache.get_many([b"%-16d" % 1, b"%-16d" % 2])
    [array([0.5, 1. ]), None]
    """

    def __init__(self, folder: PathLike) -> None:
        self.folder = Path(folder)
        self._files = {}  # key to the file that has it
        self._seen = set()  # names of files that were opened
        self._lock = threading.Lock()

    def get_many(self, keys: Sequence[bytes]) -> list[np.ndarray | None]:
        """Return the features of some rows; see `FeatureCache`."""
        with self._lock:
            if any(key not in self._files for key in keys):
                self._open_new_files()
            wanted = {}
            for key in keys:
                if key in self._files:
                    file = self._files[key]
                    wanted.setdefault(file.path, (file, []))[1].append(key)
            found = {}
            for file, its_keys in wanted.values():
                found |= file.read(its_keys)
            for key in keys:
                if key not in found:
                    self._files.pop(key, None)  # a damaged row is written again
        return [found.get(key) for key in keys]

    def put_many(self, keys: Sequence[bytes], features: np.ndarray) -> None:
        """Keep features; see `FeatureCache`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{secrets.token_hex(16)}{SUFFIX}"
        write_features(path, keys, np.asarray(features))

    def _open_new_files(self):
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            file = open_features(path)
            if file is not None:
                self._files |= dict.fromkeys(file.places, file)

    def __reduce__(self):
        return type(self), (self.folder,)


_shared_cache = MemoryFeatureCache()


@cache
def _folder_cache(folder):
    return FolderFeatureCache(folder)


def as_feature_cache(value):
    """Return the cache that a parameter names.

    Parameters
    ----------
    value : None, str, path or FeatureCache
        None is one cache in memory for the whole process; a path is a folder.

    Returns
    -------
    FeatureCache

    Raises
    ------
    TypeError
        If it is none of them.
    """
    if value is None:
        return _shared_cache
    if isinstance(value, str | os.PathLike):
        return _folder_cache(os.path.abspath(value))  # what was read once is known
    if isinstance(value, FeatureCache):
        return value
    raise TypeError(
        f"feature_cache must be None, a folder or a FeatureCache; got {describe(value)}."
    )


def cached_features(cache, identity, rows, encode):
    """Return the features of rows, computing each distinct one at most once.

    Parameters
    ----------
    cache : FeatureCache
        Where features are looked up and kept.
    identity : bytes
        What the features depend on beside the row: the backbone, its weights, its pooling.
    rows : ndarray or LazyRows of shape (n_rows, ...)
        Pixels or token ids.
    encode : callable
        From distinct rows (n, ...) to features (n, d).

    Returns
    -------
    ndarray of shape (n_rows, d)
        Empty, of shape (0, 0), for no rows.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.backbones.feature_cache import MemoryFeatureCache, cached_features
    >>> rows = np.array([[1, 2], [3, 4], [1, 2]])
    >>> cached_features(MemoryFeatureCache(), b"sum", rows, lambda x: x.sum(axis=1, keepdims=True))
    array([[3],
           [7],
           [3]])
    """
    if not len(rows):
        return np.zeros((0, 0), np.float32)
    keys = _row_keys(identity, rows)
    with _computing:  # another thread's rows are waited for, not computed again
        known = dict(zip(keys, cache.get_many(keys), strict=True))
        missing = {}
        for place, key in enumerate(keys):
            if known[key] is None:
                missing.setdefault(key, place)
        if missing:
            places = np.array(list(missing.values()))
            features = np.asarray(encode(rows[places]))
            cache.put_many(list(missing), features)
            known.update(zip(missing, features, strict=True))
    return np.stack([known[key] for key in keys])


def _row_keys(identity, rows):
    """Hash each row with what its features depend on beside it."""
    start = hashlib.blake2b(identity, digest_size=KEY_BYTES)
    start.update(repr((rows.dtype.str, rows.shape[1:])).encode())
    keys = []
    for row in _contents(rows):
        digest = start.copy()
        digest.update(row)
        keys.append(digest.digest())
    return keys


def _contents(rows):
    """Return what to hash of each row: of a file its own key, so that it need not be decoded."""
    return rows.row_keys() if isinstance(rows, LazyRows) else np.ascontiguousarray(rows)
