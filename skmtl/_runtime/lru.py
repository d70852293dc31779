"""A cache that drops what was unused for longest."""

import threading
from collections import OrderedDict


class BoundedCache:
    """Keep values up to a total size; those unused for longest are dropped first.

    Any number of threads may use it. Two that miss the same key at once both build the value:
    where that is costly, the caller holds a lock around both calls.

    Parameters
    ----------
    capacity : int
        Largest total size.
    size : callable, default=None
        From a value to its size; None counts values.

    Examples
    --------
    >>> cache = BoundedCache(2)
    >>> for key in "abac":
    ...     cache.put(key, key.upper())
    >>> cache.get("a"), cache.get("b"), cache.get("c"), len(cache)
    ('A', None, 'C', 2)
    """

    def __init__(self, capacity, size=None):
        self._capacity = capacity
        self._size = size or (lambda _: 1)
        self._total = 0
        self._values = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key, default=None):
        """Return the value of a key, and mark it as used."""
        with self._lock:
            if key not in self._values:
                return default
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key, value):
        """Keep a value, in place of an older one of the same key."""
        with self._lock:
            self._remove(key, None)
            size = self._size(value)
            self._values[key] = value, size
            self._total += size
            while self._total > self._capacity:
                self._remove(next(iter(self._values)), None)

    def pop(self, key, default=None):
        """Take a value out of the cache and return it."""
        with self._lock:
            return self._remove(key, default)

    def clear(self):
        """Drop all values."""
        with self._lock:
            self._values.clear()
            self._total = 0

    def __len__(self):
        return len(self._values)

    def _remove(self, key, default):
        if key not in self._values:
            return default
        value, size = self._values.pop(key)
        self._total -= size
        return value
