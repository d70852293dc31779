"""What predictors of all backends have in common."""

from abc import ABC, abstractmethod

import numpy as np
from keras import ops


class PredictorBase(ABC):
    """A forward pass over one architecture, for the weights of any estimator.

    Parameters
    ----------
    network : Network
        Gives the architecture; its own weights are not used.
    is_raw : bool, default=False
        Whether to return all outputs of `Network.joint` as they are, instead of, say,
        probabilities.
    """

    def __init__(self, network, *, is_raw=False):
        self.network = network
        self.is_raw = is_raw

    def _results(self, outputs) -> list:
        """Return what a call returns, from the outputs of `Network.joint`."""
        outputs = [ops.cast(z, "float32") for z in outputs]
        if self.is_raw:
            return outputs
        return [head.outputs(z) for head, z in zip(self.network.heads, outputs, strict=False)]

    @abstractmethod
    def weights(self, network):
        """Return the current weights of a network of the same architecture, as `__call__` takes."""

    @abstractmethod
    def __call__(self, values, table) -> list[np.ndarray]:
        """Return the outputs ``(n_samples, n_outputs)`` of each task, such as probabilities.

        Parameters
        ----------
        values : object
            What `weights` returned.
        table : Table
            Features or raw input by modality.
        """
