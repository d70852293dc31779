"""Keras callbacks on a loop that is not Keras' own."""

import keras
import numpy as np

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class CallbackCaller:
    """Calls Keras callbacks; does nothing at all when there are none.

    Parameters
    ----------
    settings : LoopSettings
        With the callbacks.
    program : Program
        What is trained; its whole network is the callbacks' `model`.
    n_batches : int
        Number of batches of an epoch.
    """

    def __init__(self, settings, program, n_batches):
        self.program = program
        self.list = None
        self.is_per_batch = has_batch_hooks(settings.callbacks)
        if settings.callbacks:
            self.model = program.network.model
            self.model.optimizer = program.optimizer
            self.model.stop_training = False
            self.list = keras.callbacks.CallbackList(
                settings.callbacks,
                model=self.model,
                epochs=settings.epochs,
                steps=n_batches,
                verbose=0,
            )

    def begin(self):
        """Begin the training."""
        if self.list:
            self.list.on_train_begin()

    def epoch_begin(self, epoch):
        """Begin an epoch."""
        if self.list:
            self.list.on_epoch_begin(epoch)

    def epoch_end(self, epoch, logs) -> bool:
        """End an epoch; return whether a callback stops the training."""
        if not self.list:
            return False
        self.list.on_epoch_end(epoch, dict(logs))
        return bool(self.model.stop_training)

    def end(self):
        """End the training."""
        if self.list:
            self.list.on_train_end()

    def run(self, data, plan, rates=None) -> dict:
        """Run an epoch: part by part, or batch by batch where callbacks or learning rates do.

        Parameters
        ----------
        data : WholeTable or ChunkedTable
            The rows.
        plan : ndarray of int32, shape (n_batches, batch_size)
            Rows of the batches.
        rates : list of float, optional
            The learning rate of each batch; else it stays as it is.
        """
        sums, step = None, 0
        by_batch = self.is_per_batch or rates is not None
        for part, steps in data.parts(plan):
            for piece in steps[:, np.newaxis] if by_batch else [steps]:
                if rates is not None:
                    self.program.optimizer.learning_rate = rates[step]
                if self.is_per_batch:
                    sums = self._run_batch(part, piece, sums, step)
                else:
                    sums = self.program.run(part, piece, sums)
                step += 1
        return sums

    def _run_batch(self, part, batch, sums, step):
        """Run one batch between the hooks of the callbacks; return the sums with it."""
        self.list.on_train_batch_begin(step)
        seen = self.program.run(part, batch)
        self.list.on_train_batch_end(step, {"loss": float(seen["loss"] / seen["n_rows"])})
        return seen if sums is None else {n: sums[n] + seen[n] for n in sums}


def has_batch_hooks(callbacks) -> bool:
    """Return whether any callback, by its class or on the instance, has a hook for every batch."""
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for callback in callbacks
        for hook in _BATCH_HOOKS
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
