"""The weights of one network, without its layers until something needs them."""

import threading

import numpy as np

from skmtl._runtime.fork import refuse_forked_process
from skmtl.network.frozen import frozen_encoders, frozen_variables, private_encoders
from skmtl.network.initial_values import initial_values
from skmtl.network.network import Network, build_network
from skmtl.network.spec import NetworkSpec

_build_lock = threading.RLock()


class NetworkWeights:
    """The weights of one network; its layers are built when `network` is first asked for.

    Building takes longer than training a small network for an epoch, and neither training nor
    predicting needs the layers of each network: programs have their own.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    values : list of ndarray
        One per variable of `Network.variables`, in their order.
    encoders : dict of str to FrozenEncoder
        Frozen backbones by modality.
    """

    def __init__(self, spec: NetworkSpec, values: list, encoders: dict):
        self.spec = spec
        self._values = values
        self._encoders = encoders
        self._network = None
        self._unused = None  # built for the values, until a network is needed

    @classmethod
    def new(cls, spec: NetworkSpec, seed: int) -> "NetworkWeights":
        """Return initial weights, which depend on the seed alone."""
        encoders = frozen_encoders(spec, seed)
        values, network = initial_values(spec, seed, encoders)
        weights = cls(spec, values, encoders)
        weights._unused = network
        return weights

    @classmethod
    def of_all(cls, spec: NetworkSpec, values: list) -> "NetworkWeights":
        """Return weights for what `all_values` returned; no other network shares its backbones."""
        encoders = private_encoders(frozen_encoders(spec, seed=0))
        frozen = frozen_variables(encoders)
        for variable, value in zip(frozen, values, strict=False):
            variable.assign(value)
        return cls(spec, values[len(frozen) :], encoders)

    @property
    def encoders(self) -> dict:
        """Frozen backbones by modality."""
        return self._encoders if self._network is None else self._network.encoders

    @property
    def values(self) -> list[np.ndarray]:
        """The values of the variables of `Network.variables`, in their order."""
        if self._network is None:
            return self._values
        return [np.asarray(variable) for variable in self._network.variables]

    @property
    def all_values(self) -> list[np.ndarray]:
        """All values, those of frozen backbones first."""
        return [np.asarray(v) for v in frozen_variables(self.encoders)] + self.values

    @property
    def network(self) -> Network:
        """The network, built when it is first needed."""
        refuse_forked_process()
        with _build_lock:
            if self._network is None:
                network = self.take_network()
                _assign(network, self._values)
                self._network, self._values = network, None
        return self._network

    def take_network(self) -> Network:
        """Return a network of this architecture that nobody else has, whatever its weights."""
        with _build_lock:
            network, self._unused = self._unused, None
        return build_network(self.spec, 0, self.encoders) if network is None else network

    @property
    def is_handed_out(self) -> bool:
        """Whether a user may have changed the weights."""
        return self._network is not None and self._network.is_handed_out

    def assign(self, values):
        """Replace the values; a network that was built keeps its variables."""
        with _build_lock:
            self._unused = None  # a fitted estimator keeps no second network
            if self._network is None:
                self._values = values
            else:
                _assign(self._network, values)


def _assign(network, values):
    for variable, value in zip(network.variables, values, strict=True):
        variable.assign(value)
