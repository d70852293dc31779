"""Epochs as tasks of scikit-learn's callbacks: progress bars through Pipelines and searches."""

from contextlib import contextmanager

import keras

from skmtl._runtime.sklearn_callbacks import begin_callbacks


@contextmanager
def epoch_reporters(estimator, X, y, n_epochs):
    """Begin and end a fit for scikit-learn's callbacks; yield what reports its epochs to them.

    Parameters
    ----------
    estimator : CallbackSupportMixin
        The estimator that is fitted.
    X, y : table
        Rows of the fit.
    n_epochs : int
        Largest number of epochs.

    Yields
    ------
    list of keras.callbacks.Callback
        Empty where no callback of scikit-learn is set.
    """
    context = begin_callbacks(estimator, n_epochs)
    if context is None:
        yield []
        return
    context.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
    yield [EpochReporter(estimator, context)]
    context.call_on_fit_task_end(estimator=estimator, X=X, y=y)


class EpochReporter(keras.callbacks.Callback):
    """Tell scikit-learn's callbacks of every epoch, and stop if one of them says so.

    Parameters
    ----------
    estimator : MultiTaskClassifier
        The one being fitted.
    context : sklearn.callback.CallbackContext
        Of its fit.
    """

    def __init__(self, estimator, context):
        super().__init__()
        self._estimator = estimator
        self._context = context

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
        """Begin a task of the fit."""
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self._estimator)

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        """End it; the numbers of the epoch are its metadata."""
        logs = dict(logs or {})
        if self._epoch.call_on_fit_task_end(estimator=self._estimator, metadata=logs):
            self.model.stop_training = True
