"""Epochs as tasks of scikit-learn's callbacks: progress bars through Pipelines and searches."""

import keras


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
