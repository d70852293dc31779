"""Models with pretrained weights: read once per process, copied for every network."""

import os
import threading

import keras

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
        Returns the model; called only if no model was read for this key, or other models have
        pushed it out.

    Returns
    -------
    keras.Model
        A model of its own, which may be trained.
    """
    key = (keras.config.dtype_policy().name, key)
    with _lock:
        model = _models.get(key)
        if model is None:
            model = load()
            _models.put(key, model)
        return copy_layer(model)


def copy_layer(layer):
    """Return a new layer or model of the same configuration and, if it has some, weights.

    Parameters
    ----------
    layer : keras.Layer or keras.Model
        It is not changed.

    Returns
    -------
    keras.Layer or keras.Model
        A copy of its own.

    Examples
    --------
    >>> import keras
    >>> from skmtl.backbones._loaded import copy_layer
    >>> dense = keras.layers.Dense(3)
    >>> copy_layer(dense).units, copy_layer(dense) is dense
    (3, False)
    """
    copy = type(layer).from_config(layer.get_config())
    if layer.built and layer.weights:
        if not copy.built:
            copy.build_from_config(layer.get_build_config())
        copy.set_weights(layer.get_weights())
    return copy


def modified(path):
    """Return what changes when a file or the files of a folder change; None if there is neither."""
    if not os.path.exists(path):
        return None
    if not os.path.isdir(path):
        return (os.stat(path).st_mtime_ns,)
    with os.scandir(path) as entries:
        return tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries))
