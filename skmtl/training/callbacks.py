"""Keras callbacks on a loop that is not Keras' own."""

import keras


def overrides_batch_hooks(callbacks) -> bool:
    """Return whether any callback wants to be called for every batch."""
    hooks = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    return any(
        getattr(type(callback), hook) is not getattr(keras.callbacks.Callback, hook)
        for callback in callbacks
        for hook in hooks
    )


def as_callbacks(callbacks) -> list:
    """Return the callbacks as a list.

    Parameters
    ----------
    callbacks : None, keras.callbacks.Callback or list of them
        The classifier's parameter.

    Raises
    ------
    TypeError
        If something is no Keras callback.
    """
    if callbacks is None:
        return []
    found = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
    for callback in found:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                "callbacks must be keras.callbacks.Callback instances; "
                f"got {type(callback).__name__}: {callback!r}."
            )
    return found
