"""What every estimator does: fit, predict, score, save, export, describe itself."""

from abc import ABC
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.utils import estimator_html_repr

from skmtl._runtime.scikeras import RoutedEstimator
from skmtl._runtime.sklearn_callbacks import CallbackSupportMixin, with_callbacks
from skmtl._runtime.types import Labels, PathLike, Rows, Weights
from skmtl.data import as_table, check_column_names
from skmtl.estimators.calibration import Calibrated
from skmtl.estimators.frames import history_frame, predicted_frame
from skmtl.estimators.inspection import Inspectable
from skmtl.estimators.parameters import MultiTaskParameters
from skmtl.fitting.export import export_model
from skmtl.fitting.fit import Start, fit_network
from skmtl.fitting.rows import given_rows
from skmtl.network.summary import as_html, as_text, network_parts
from skmtl.training.epoch_reporter import epoch_reporters
from skmtl.training.schedule import as_epochs


class MultiTaskBase(
    MultiTaskParameters,
    CallbackSupportMixin,
    Inspectable,
    Calibrated,
    TransformerMixin,
    RoutedEstimator,
    ABC,
):
    """An estimator of several tasks on one table.

    Its final classes name the kinds of labels that their tasks may have, and inherit from the mixin
    that tells scikit-learn whether they are classifiers or regressors.
    """

    _label_kinds: tuple[str, ...]  # the first one is used where no kind is recognised

    _routed_prefixes = (
        "optimizer", "image_backbone", "text_backbone", "loss_weights", "gradient_aggregator",
        "sharing", "tokenizer",
    )  # fmt: skip
    _aliases = {"optimizer__learning_rate": "learning_rate"}  # noqa: RUF012

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]  # vectors have the network's type
        return tags

    @with_callbacks
    def fit(
        self,
        X: Rows,
        y: Labels,
        sample_weight: Weights = None,
        *,
        X_val: Rows | None = None,
        y_val: Labels | None = None,
        sample_weight_val: Weights = None,
        classes: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            A frame; or only images, only texts, or numbers of shape (n_samples, n_features).
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels, one column per task; None, NaN, NA or `missing_label` marks a missing label.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), default=None
            Weights of rows, or of single labels; columns as in `y`, those of a frame by name.
        X_val, y_val, sample_weight_val : as X, y, sample_weight, default=None
            Validation rows, evaluated after every epoch (``"val_..."`` in `history_`). They replace
            `validation_fraction`, and the weights of the branches are learned from them. A class
            that `y` lacks is an error: list it in `classes`, or make its label missing.
        classes : array-like, or dict of task to array-like, default=None
            All classes, including those that `y` lacks. A categorical column of `y` lists its own.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError, DeviceMemoryError
            If a parameter, `X` or `y` is invalid, or the memory of the device runs out. The
            estimator is then as it was before.
        """
        fitted = getattr(self, "_fitted", None) if self.warm_start else None
        epochs = as_epochs(self.epochs, X)
        with epoch_reporters(self, X, y, epochs) as reporters:
            self._fit(
                X, y, sample_weight, epochs=epochs, start=Start(fitted), classes=classes,
                given=(X_val, y_val, sample_weight_val), reporters=reporters,
            )  # fmt: skip
        return self

    def partial_fit(
        self, X: Rows, y: Labels, classes: Any = None, sample_weight: Weights = None
    ) -> Self:
        """Train for one more epoch on these rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array-like, or dict of task to array-like, default=None
            All classes that later calls may have; needed in the first call unless its `y` has
            them all.

        Returns
        -------
        self
        """
        start = Start(getattr(self, "_fitted", None), keeps_state=True)
        self._fit(X, y, sample_weight, epochs=1, start=start, classes=classes)
        return self

    def initialize(self, X: Rows, y: Labels) -> Self:
        """Build the network for the columns of `X` and the tasks of `y` without training it.

        Parameters
        ----------
        X, y
            As in `fit`.

        Returns
        -------
        self
        """
        self._fit(X, y, None, epochs=0, start=Start())
        return self

    def _fit(
        self, X, y, sample_weight, *, epochs, start, classes=None, given=(None,) * 3, reporters=()
    ):
        before = dict(vars(self))
        try:
            X = as_table(X)
            check_column_names(self, X, reset=start.fitted is None)
            fitted = fit_network(
                self, X, y, sample_weight,
                epochs=epochs, start=start, classes=classes,
                given=given_rows(self, *given), reporters=reporters,
            )  # fmt: skip
            self._keep(fitted)
        except BaseException:  # never leave the estimator half fitted
            vars(self).clear()
            vars(self).update(before)
            raise

    def _keep(self, fitted):
        """Store the network of a fit, or of a loaded file, and the attributes that describe it."""
        self._fitted = fitted
        tasks = fitted.tasks
        self.columns_ = dict(fitted.reader.layout.kinds)
        self.task_names_ = list(tasks.names)
        self.n_tasks_ = len(tasks.names)
        self.task_kinds_ = {n: kind.kind for n, kind in zip(tasks.names, tasks.kinds, strict=True)}
        if any(classes is not None for classes in tasks.classes):
            self.classes_ = tasks.classes[0] if tasks.one_dimensional else list(tasks.classes)
        self.history_ = fitted.history
        self.n_iter_ = len(self.history_.get("loss", ()))
        if fitted.batch_size is not None:
            self.batch_size_ = fitted.batch_size

    def predict(self, X: Rows) -> np.ndarray:
        """Predict a class, a sorted tuple of tags, or a number for every task.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_tasks)
            1-D if `y` was 1-D. Labels of different kinds share an object array. Where several
            quantiles were learned, a 1-D `y` gives all of them, (n_samples, n_quantiles); one task
            of several gives the quantile nearest to the median.
        """
        outputs = self._outputs(X)
        return self._fitted.tasks.predict(outputs)

    def predict_frame(self, X: Rows, proba: bool = False) -> pd.DataFrame:
        """Return predictions as a frame with the index of `X`.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.
        proba : bool, default=False
            Whether to return probabilities, with one column per class or tag. A task of numbers
            has one column, or one per quantile.

        Returns
        -------
        DataFrame of shape (n_samples, n_tasks) or (n_samples, n_outputs)
            One column per task, named after it; with `proba`, columns (task, label).
        """
        return predicted_frame(self._fitted_network.tasks, self._outputs(X), X, proba=proba)

    def history_frame(self) -> pd.DataFrame:
        """Return `history_` as a frame with one row per epoch and one column per metric.

        Columns keep the names of `history_`: ``frame.filter(like="_loss").plot()`` draws one line
        per loss, and ``frame.melt(ignore_index=False)`` gives one row per value.

        Returns
        -------
        DataFrame of shape (n_epochs, n_metrics)
            The index, named "epoch", starts at 1. NaN where an epoch did not record a metric.
        """
        return history_frame(self._fitted_network.history)

    def score(self, X: Rows, y: Labels, sample_weight: Weights = None) -> float:
        """Return the mean score of the tasks on the rows that have a label.

        The score of a task is the accuracy of classes, the micro-averaged F1 of tags, or the R² of
        numbers. A class or tag that was not seen in `fit` counts as predicted wrong.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If no row has a label.
        """
        fitted = self._fitted_network
        return fitted.score(self._rows(X), y, sample_weight, self.feature_cache)

    def save(self, path: PathLike) -> None:
        """Write the estimator to one file without pickle; `skmtl.load` reads it.

        Parameters
        ----------
        path : str or path
            Path of the file; an existing file is replaced.
        """
        import skmtl  # not at the top: persistence imports the estimators

        skmtl.save(self, path)

    def export(self, path: PathLike, format: str = "onnx") -> None:
        """Write the network for other programs, and a description of its inputs and outputs.

        Parameters
        ----------
        path : str or path
            File, or for "saved_model" a folder that does not exist yet. The description, with
            classes and preprocessing, is ``<path>.json``.
        format : {"onnx", "saved_model", "tflite"}, default="onnx"
            Format of the network; "onnx" needs the extra ``export``.
        """
        export_model(self, path, format)

    def summary(self) -> None:
        """Print branches, fusion, trunk and heads with their output shapes and parameters."""
        print(as_text(network_parts(self._fitted_network)))

    def _repr_html_(self):
        """Return what notebooks show: the parameters and, once there is a network, its parts."""
        parts = as_html(network_parts(self._fitted)) if hasattr(self, "_fitted") else ""
        return estimator_html_repr(self) + parts
