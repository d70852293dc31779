"""Models with pretrained weights: read once per process, copied for every network."""

import os
import threading

import keras

from skmtl._runtime.keras_layers import copy_layer
from skmtl._runtime.lru import BoundedCache

_models = BoundedCache(4)
_lock = threading.RLock()


def loaded_copy(key, load):
    """Return a copy of a pretrained model that is read only once per process.

    Parameters
    ----------
    key : hashable
        What the model depends on.
    load : callable
        Returns the model; called only if it is not in the cache.

    Returns
    -------
    keras.Model
        A copy, which may be trained.
    """
    key = (keras.config.dtype_policy().name, key)
    with _lock:
        model = _models.get(key)
        if model is None:
            model = load()
            _models.put(key, model)
        return copy_layer(model)


def modified(path):
    """Return what changes when a file or the files of a folder change; None if there is neither."""
    if not os.path.exists(path):
        return None
    if not os.path.isdir(path):
        return (os.stat(path).st_mtime_ns,)
    with os.scandir(path) as entries:
        return tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries))
