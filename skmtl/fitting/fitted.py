"""The result of a fit: the columns, the tasks and the network with its weights."""

import threading

import numpy as np

from skmtl._runtime.fork import refuse_forked_process
from skmtl.backbones.feature_cache import as_feature_cache
from skmtl.data import Table
from skmtl.fitting.calibration import calibrate
from skmtl.network.fusion import branch_names
from skmtl.network.weights import NetworkWeights
from skmtl.training.features import with_features
from skmtl.training.prediction import predicted
from skmtl.training.programs import predictor_for

_build_lock = threading.RLock()


class FittedNetwork:
    """The result of a fit.

    A pickle of it holds plain values; frozen backbones are built again when first needed.

    Parameters
    ----------
    reader : TableReader
        Turns tables into arrays.
    tasks : Tasks
        Names and classes.
    weights : NetworkWeights
        Architecture and trained weights.
    history : dict of str to list of float
        One number per epoch.
    training_state : list of ndarray or None
        Optimizer slots and the like, for `partial_fit`; not pickled.
    batch_size : int or None
        Rows per step; None if nothing was trained.
    calibration : dict of str to Calibration, optional
        By task, after `calibrate`.
    """

    def __init__(
        self, reader, tasks, weights, history, *,
        training_state=None, batch_size=None, calibration=None,
    ):  # fmt: skip
        self.reader = reader
        self.tasks = tasks
        self.history = history
        self.training_state = training_state
        self.batch_size = batch_size
        self._weights = weights
        self._packed = None  # after unpickling: specification and values
        self._on_device = None
        self.calibration = calibration or {}

    def calibrate(self, X, y, feature_cache=None):
        """Find temperatures and scores of labels on rows that the network was not trained on."""
        table, targets = self.reader.read(X), self.tasks.encode(y)
        weights = targets.is_labelled.astype(np.float64)
        logits = self.compute("logits", table, feature_cache)[: len(self.tasks.names)]
        self.calibration = calibrate(self, logits, targets.values, weights)
        self._on_device = None

    @property
    def spec(self):
        """The architecture."""
        return self._packed[0] if self._weights is None else self._weights.spec

    @property
    def weights(self) -> NetworkWeights:
        """The trained weights."""
        refuse_forked_process()
        if self._weights is None:
            with _build_lock:
                if self._weights is None:
                    self._weights = NetworkWeights.of_all(*self._packed)
                    self._packed = None
        return self._weights

    @property
    def network(self):
        """The Keras layers with these weights, built when they are first needed."""
        return self.weights.network

    @property
    def branch_weights(self) -> dict[str, dict[str, float]]:
        """The weight of every branch that a task sees, by task; empty if they are not weighted."""
        weights = self.network.branch_weights
        return {
            task: dict(zip(names, np.ravel(values).tolist(), strict=False))
            for task, names, values in zip(
                self.tasks.names, branch_names(self.spec), weights, strict=False
            )
        }

    def outputs(self, X, feature_cache=None) -> list[np.ndarray]:
        """Return the outputs ``(n_samples, n_outputs)`` of each task, such as probabilities."""
        return self.compute("outputs", self.reader.read(X), feature_cache)

    def compute(self, stage, table, feature_cache=None) -> list[np.ndarray]:
        """Return the outputs of a stage of the network.

        Parameters
        ----------
        stage : {"outputs", "logits", "vectors"}
            See `PredictorBase`.
        table : Table
            Raw input.
        feature_cache : object, optional
            Where features of frozen backbones are looked up.

        Returns
        -------
        list of ndarray of shape (n_samples, ...)
        """
        return self._predicted(stage, table, lambda part: self.features(part, feature_cache))

    def logits(self, features) -> list[np.ndarray]:
        """Return the stage "logits" of a table that `features` returned."""
        return self._predicted("logits", features, lambda part: part.read())

    def features(self, table, feature_cache=None) -> Table:
        """Return a table in memory, with features in place of the input of frozen backbones."""
        return with_features(self.weights, table, as_feature_cache(feature_cache)).read()

    def _predicted(self, stage, table, prepare):
        predictor = predictor_for(self.spec, self.weights.encoders, stage=stage)
        return predicted(predictor, self._tensors(predictor), table, prepare)

    def score(self, X, y, sample_weight=None, feature_cache=None) -> float:
        """Return the mean over the tasks of their scores on the rows that have a label."""
        return self.tasks.score(y, self.outputs(X, feature_cache), sample_weight)

    def _tensors(self, predictor) -> list:
        """Return the weights on the device, copied again if a user may have changed them."""
        if self.weights.is_handed_out or self._on_device is None:
            self._on_device = predictor.weights(self.weights.values)
        return self._on_device

    def values(self) -> list[np.ndarray]:
        """Return all weights, those of frozen backbones included."""
        return self._packed[1] if self._weights is None else self._weights.all_values

    def __getstate__(self):
        names = ("reader", "tasks", "spec", "history", "batch_size", "calibration")
        return {name: getattr(self, name) for name in names} | {"values": self.values()}

    def __setstate__(self, state):
        state = dict(state)
        packed = state.pop("spec"), state.pop("values")
        self.__init__(weights=None, **state)
        self._packed = packed
