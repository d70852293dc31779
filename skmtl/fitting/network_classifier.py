"""A scikit-learn classifier around one network for several tasks: fit, predict, score."""

from abc import ABC

import pandas as pd
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted, validate_data

from skmtl._runtime.checks import as_count
from skmtl._runtime.scikeras import SciKerasClassifier
from skmtl._runtime.sklearn_callbacks import CallbackSupportMixin, with_callbacks
from skmtl.data import as_table
from skmtl.fitting.fit import fit_estimator
from skmtl.network.summary import as_html, as_text, network_parts
from skmtl.training.epoch_reporter import EpochReporter


class NetworkClassifier(CallbackSupportMixin, SciKerasClassifier, ABC):
    """Base of a classifier that keeps a `FittedNetwork` under ``_fitted``.

    Final classes name the parameters in their constructor.
    """

    @with_callbacks
    def fit(self, X, y, sample_weight=None):
        """Train the network.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            A frame with image and text columns, images alone, texts alone, or numbers of shape
            (n_samples, n_features). Cells of a frame may be missing.
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels, one column per task; None, NaN, NA or `missing_label` where there is none.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), default=None
            Weights of rows, or of single labels.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError, DeviceMemoryError
            If anything is not as it must be, or the device's memory runs out (a MemoryError, which
            says what `batch_size` should fit). The estimator is then as it was before.
        """
        start = (self.warm_start and getattr(self, "_fitted", None)) or None
        epochs = as_count("epochs", self.epochs)
        context = self._init_callback_context(max_subtasks=epochs)
        if context is None or not hasattr(self, "_skl_callbacks"):
            self._train(X, y, sample_weight, start=start, epochs=epochs)
            return self
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        reporter = [EpochReporter(self, context)]
        self._train(X, y, sample_weight, start=start, epochs=epochs, reporters=reporter)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train one more epoch, on these rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array-like, or dict of task to array-like, default=None
            All classes that later calls may bring; needed in the first call only, and only if its
            `y` does not hold them all.

        Returns
        -------
        self
        """
        start = getattr(self, "_fitted", None)
        self._train(X, y, sample_weight, start=start, epochs=1, classes=classes, keep=True)
        return self

    def initialize(self, X, y):
        """Build the network for the columns of `X` and the tasks of `y` without training it.

        Parameters
        ----------
        X, y
            As in `fit`.

        Returns
        -------
        self
        """
        self._train(X, y, None, start=None, epochs=0)
        return self

    def _train(self, X, y, sample_weight, *, start, epochs, classes=None, keep=False, reporters=()):
        before = dict(vars(self))
        try:
            X = as_table(X)
            self._check_columns(X, reset=start is None)
            self._fitted = fit_estimator(
                self,
                X,
                y,
                sample_weight,
                start=start,
                epochs=epochs,
                classes=classes,
                keep=keep,
                reporters=reporters,
            )
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise
        self._keep(self._fitted)

    def _keep(self, fitted):
        """Show what a fit left, or what was read from a file."""
        self._fitted = fitted
        tasks = fitted.tasks
        self.task_names_ = list(tasks.names)
        self.n_tasks_ = len(tasks.names)
        self.classes_ = tasks.classes[0] if tasks.one_dimensional else list(tasks.classes)
        self.history_ = fitted.history
        self.n_iter_ = len(self.history_.get("loss", ()))
        if fitted.batch_size is not None:
            self.batch_size_ = fitted.batch_size

    def save(self, path):
        """Write the estimator to one file without pickle.

        Parameters
        ----------
        path : str or path
            Where to; a file that is there is replaced.

        See Also
        --------
        skmtl.load : Reads the file.
        skmtl.save : Saves a whole Pipeline.
        """
        import skmtl  # persistence knows the classifier, not the other way round

        skmtl.save(self, path)

    def export(self, path, format="onnx"):
        """Write the network for other programs, and its classes and preprocessing beside it.

        Parameters
        ----------
        path : str or path
            File, or for "saved_model" a folder that is not there yet; ``<path>.json`` describes it.
        format : {"onnx", "saved_model", "tflite"}, default="onnx"
            What to write; "onnx" needs the extra ``skmtl[export]``.

        See Also
        --------
        skmtl.persistence.network_inputs : The arrays that the exported network reads.
        """
        from skmtl.fitting.export import export_model  # only here: few need it

        export_model(self, path, format)

    @property
    def model_(self):
        """The whole network, from pixels and token ids to class probabilities."""
        return self._fitted_network().network.model

    @property
    def n_parameters_(self) -> int:
        """Number of weights of the network."""
        return self._fitted_network().network.n_parameters

    def summary(self):
        """Print branches, fusion, trunk and heads with their output shapes and parameters."""
        print(as_text(self._parts()))

    def _parts(self):
        fitted = self._fitted_network()
        return network_parts(fitted.network, fitted.spec, fitted.tasks)

    @property
    def _repr_html_(self):
        """What notebooks show: the parameters and, once there is a network, its parts."""
        return self._html

    def _html(self):
        return estimator_html_repr(self) + (
            as_html(self._parts()) if hasattr(self, "_fitted") else ""
        )

    def _fitted_network(self):
        check_is_fitted(self, "_fitted")
        return self._fitted

    def _probabilities(self, X) -> list:
        fitted = self._fitted_network()
        X = as_table(X)
        self._check_columns(X, reset=False)
        return fitted.probabilities(X, self.feature_cache)

    def predict_proba(self, X):
        """Return the probability of every class.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or list of them
            A list with one array per task unless `y` was 1-D.
        """
        probabilities = self._probabilities(X)
        return probabilities[0] if self._fitted.tasks.one_dimensional else probabilities

    def predict(self, X):
        """Return the most probable class of every task.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_tasks)
            1-D if `y` was 1-D.
        """
        probabilities = self._probabilities(X)
        return self._fitted.tasks.predict(probabilities)

    def score(self, X, y, sample_weight=None) -> float:
        """Return the mean over the tasks of the accuracy on the rows that have a label.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), default=None
            Weights of rows, or of single labels.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If no row has a label. A label that was not in fit is a wrong prediction.
        """
        tasks = self._fitted_network().tasks
        codes = tasks.encode(y, unseen="wrong")
        return tasks.score(codes, self._probabilities(X), sample_weight)

    def _check_columns(self, X, *, reset):
        """Learn or check the names and the number of the columns."""
        known = getattr(self, "feature_names_in_", None)
        is_frame = isinstance(X, pd.DataFrame)
        if not reset and is_frame and known is not None and X.columns.tolist() == known.tolist():
            return  # scikit-learn's own check takes a third of the time of a one-row predict
        if is_frame and not X.columns.is_unique:
            names = X.columns[X.columns.duplicated()].tolist()
            raise ValueError(f"X has several columns of the same name: {names}.")
        if is_frame or getattr(X, "ndim", 0) == 2:
            validate_data(self, X, reset=reset, skip_check_array=True)
        elif reset:
            self.n_features_in_ = 1
            vars(self).pop("feature_names_in_", None)
