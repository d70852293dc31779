"""What predictors of all backends have in common."""

from abc import ABC, abstractmethod

import keras
import numpy as np
from keras import ops

from skmtl.training.forward import branch_vectors, forward
from skmtl.training.program_base import bytes_of
from skmtl.training.wide_heads import with_wide_heads


class PredictorBase(ABC):
    """A forward pass over one architecture, for the weights of any estimator.

    Parameters
    ----------
    network : Network
        Gives the architecture; its own weights are not used.
    stage : {"outputs", "logits", "vectors"}, default="outputs"
        What a call returns: what the tasks predict, such as probabilities; the outputs of
        `Network.joint` as they are; or those of `Network.vectors`.
    """

    def __init__(self, network, *, stage="outputs"):
        self.network = network
        self.stage = stage
        self._variables = network.variables
        self.n_bytes = bytes_of(self._variables)
        # built here, not while a call is traced
        self._last = network.vectors if stage == "vectors" else with_wide_heads(network).joint

    def weights(self, values) -> list:
        """Return the weights of a network of the same architecture as `__call__` takes them."""
        return [ops.convert_to_tensor(value) for value in values]

    def _results(self, weights, batch, branch_vectors=branch_vectors) -> list:
        """Return what a call returns for a batch."""
        network = self.network
        with keras.StatelessScope(zip(self._variables, weights, strict=True)):
            outputs = forward(
                network, batch, training=False, branch_vectors=branch_vectors, last=self._last
            )
        outputs = [ops.cast(z, "float32") for z in outputs]
        if self.stage != "outputs":
            return outputs
        return [head.outputs(z) for head, z in zip(network.heads, outputs, strict=False)]

    @abstractmethod
    def __call__(self, weights, table) -> list[np.ndarray]:
        """Return outputs ``(n_samples, n_outputs)``, by default those of each task.

        Parameters
        ----------
        weights : list of tensor
            What `weights` returned.
        table : Table
            Features or raw input by modality.
        """
