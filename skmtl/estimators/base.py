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

    A final class says which kinds of labels its tasks may have, and what scikit-learn sees in it.
    """

    _label_kinds: tuple[str, ...]  # the first one is taken where none is recognised

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
            A frame; or images alone, texts alone, or numbers of shape (n_samples, n_features).
        y : array-like of shape (n_samples,) or (n_samples, n_tasks)
            Labels, one column per task; None, NaN, NA or `missing_label` where there is none.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_tasks), default=None
            Weights of rows, or of single labels.
        X_val, y_val, sample_weight_val : as X, y, sample_weight, default=None
            Validation rows, evaluated after every epoch (``"val_..."`` in `history_`): in place of
            `validation_fraction`, and to learn the weights of branches from. A class that is not
            among those of fit is an error; list it in `classes`, or make its label missing.
        classes : array-like, or dict of task to array-like, default=None
            All classes, also those that `y` lacks; those of pandas categories are known by itself.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError, DeviceMemoryError
            If a parameter, `X` or `y` is invalid, or memory runs out; the estimator is unchanged.
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
        """Train one more epoch, on these rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array-like, or dict of task to array-like, default=None
            All classes of later calls; needed in the first call, unless its `y` has them all.

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
        except BaseException:  # nothing is half fitted
            vars(self).clear()
            vars(self).update(before)
            raise

    def _keep(self, fitted):
        """Take over what a fit left, or what a file held."""
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
        """Return what is predicted for every task: a class, a sorted tuple of tags, or a number.

        Parameters
        ----------
        X : DataFrame, array-like or list of shape (n_samples, ...)
            The columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_tasks)
            1-D if `y` was 1-D; labels of different kinds share an object array. Several quantiles
            of a 1-D `y` are (n_samples, n_quantiles); beside other tasks that next to the median.
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
            Whether to return probabilities instead, with a column for each class and tag; numbers
            have a column for themselves, or for each quantile.

        Returns
        -------
        DataFrame of shape (n_samples, n_tasks) or (n_samples, n_outputs)
            A column per task, named like it; with `proba` columns (task, class).
        """
        return predicted_frame(self._fitted_network.tasks, self._outputs(X), X, proba=proba)

    def history_frame(self) -> pd.DataFrame:
        """Return `history_` as a frame with a row per epoch, from 1, and a column per number.

        Columns keep the names of `history_`, so that ``frame.filter(like="_loss").plot()`` draws a
        line for each; ``frame.melt(ignore_index=False)`` has a row for each number.

        Returns
        -------
        DataFrame of shape (n_epochs, n_numbers)
            Its index is called "epoch"; NaN where an epoch has no such number.
        """
        return history_frame(self._fitted_network.history)

    def score(self, X: Rows, y: Labels, sample_weight: Weights = None) -> float:
        """Return the mean score of the tasks on the rows that have a label.

        The score of a task is the accuracy of classes, the micro-averaged F1 of tags, or R² of
        numbers.

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
            If no row has a label. A class or a tag that was not in `fit` is predicted wrong.
        """
        fitted = self._fitted_network
        return fitted.score(self._rows(X), y, sample_weight, self.feature_cache)

    def save(self, path: PathLike) -> None:
        """Write the estimator to one file without pickle; `skmtl.load` reads it.

        Parameters
        ----------
        path : str or path
            Where to; a file that is there is replaced.
        """
        import skmtl  # the rooms above know the classifier, not the other way round

        skmtl.save(self, path)

    def export(self, path: PathLike, format: str = "onnx") -> None:
        """Write the network for other programs, and its classes and preprocessing beside it.

        Parameters
        ----------
        path : str or path
            File, or for "saved_model" a folder that is not there yet; ``<path>.json`` describes it.
        format : {"onnx", "saved_model", "tflite"}, default="onnx"
            What to write; "onnx" needs the extra ``export``.
        """
        export_model(self, path, format)

    def summary(self) -> None:
        """Print branches, fusion, trunk and heads with their output shapes and parameters."""
        print(as_text(network_parts(self._fitted_network)))

    def _repr_html_(self):
        """Return what notebooks show: the parameters and, once there is a network, its parts."""
        parts = as_html(network_parts(self._fitted)) if hasattr(self, "_fitted") else ""
        return estimator_html_repr(self) + parts
