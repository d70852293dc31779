"""What predictors of all backends have in common."""

from abc import ABC, abstractmethod

import numpy as np


class PredictorBase(ABC):
    """A forward pass over one architecture, for the weights of any estimator.

    Parameters
    ----------
    network : Network
        Gives the architecture; its own weights are not used.
    """

    def __init__(self, network):
        self.network = network

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
