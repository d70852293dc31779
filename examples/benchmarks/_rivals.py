"""The same two-branch network, hand-written in Keras and wrapped by SciKeras, to compare with."""

import keras
import numpy as np
from scikeras.wrappers import BaseWrapper
from sklearn.preprocessing import FunctionTransformer

from skmtl.network.network import build_network


class SciKerasTwoBranch(BaseWrapper):
    """SciKeras around the very network that skmtl builds, compiled again for every candidate.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    split : callable
        From the one array that SciKeras takes to the list of the network's inputs.
    loss_weights : list of float
        One per task.
    epochs, batch_size : int
        As in Keras.
    """

    def __init__(self, spec=None, split=None, loss_weights=None, epochs=5, batch_size=32):
        super().__init__(epochs=epochs, batch_size=batch_size, verbose=0, optimizer="adam")
        self.spec = spec
        self.split = split
        self.loss_weights = loss_weights

    def _keras_build_fn(self):
        return compiled_model(self.spec, self.loss_weights)

    @property
    def feature_encoder(self):
        return FunctionTransformer(self.split)

    @property
    def target_encoder(self):
        return FunctionTransformer(lambda y: list(np.asarray(y).T))

    def predict_labels(self, X):
        """Return the predicted codes ``(n_samples, n_tasks)``."""
        outputs = self.model_.predict(self.split(X), batch_size=512, verbose=0)
        return np.stack([task.argmax(axis=1) for task in outputs], axis=1)


def compiled_model(spec, loss_weights=None):
    """Return the network as a compiled Keras model, as a Keras user would."""
    model = build_network(spec, seed=0).model
    losses = [keras.losses.SparseCategoricalCrossentropy() for _ in spec.heads]
    metrics = [["accuracy"] for _ in spec.heads]
    model.compile("adam", losses, loss_weights=loss_weights, metrics=metrics)
    return model
