"""Base of every program: the network, the optimizer, the strategies' state, and their values."""

from abc import ABC, abstractmethod

import numpy as np
from keras import ops

from skmtl.training.strategy_state import StrategyState


class ProgramBase(ABC):
    """Base of a training loop over one architecture, optimizer and strategy.

    Parameters
    ----------
    network : Network
        The program takes over its variables.
    optimizer : keras.optimizers.Optimizer
        Not built yet; the program takes it over.
    weighting : LossWeighting
        Task losses to weighted losses.
    aggregator : GradientAggregator, GradientMatrixAggregator or None
        Task gradients of the shared variables to one gradient.
    n_devices : int, default=1
        Number of devices that share the rows of every batch.
    """

    def __init__(self, network, optimizer, weighting, aggregator, n_devices=1):
        self.network = network
        self.optimizer = optimizer
        self.weighting = weighting
        self.aggregator = aggregator
        self.n_devices = n_devices
        self.n_tasks = len(network.task_layers)
        self._shared = network.shared_variables
        sizes = [int(np.prod(v.shape)) for v in self._shared]
        self.state = StrategyState(weighting, aggregator, self.n_tasks, sum(sizes))
        self._common = self._shared + self.state.common_parameters
        self._own = [
            variables + self.state.task_parameters(task)
            for task, variables in enumerate(network.task_variables)
        ]
        self._trained = self._common + [v for own in self._own for v in own]
        optimizer.build(self._trained)
        self._update_scales = network.update_scales
        self._optimizer_start = [_compact(value) for value in arrays_of(optimizer.variables)]
        self.n_bytes = bytes_of(network.variables + optimizer.variables)

    def start(self, values, weighting, aggregator, *, learning_rate, seed, state=None):
        """Load weights and reset, or restore, everything else.

        Parameters
        ----------
        values : list of array
            One per variable of the network, in its order.
        weighting, aggregator : strategies of this fit
            With the program key of the program's strategies; they give the initial states.
        learning_rate : float or None
            None keeps the optimizer's schedule.
        seed : int
            Seed of random strategies.
        state : list of array, optional
            What `training_state` returned, to continue from it.
        """
        self.assign(values)
        slots = self.optimizer.variables
        starts = zip(slots, self._optimizer_start, strict=True)
        self._set(slots, [np.broadcast_to(start, v.shape).copy() for v, start in starts])
        self.state.reset(weighting, aggregator, seed)
        if state is not None:
            self._set([*self.optimizer.variables, *self.state.variables], state)
            self.state.set_constants(weighting)
        # after the state: what the parameters say now holds
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate

    def restore(self, values, state):
        """Go back to what `values` and `training_state` returned."""
        self.assign(values)
        self._set([*self.optimizer.variables, *self.state.variables], state)

    @abstractmethod
    def load(self, table, targets, weights, whole=None) -> dict:
        """Load a table and its labels onto the device, as input of `run` and `evaluate`.

        `whole` is the LabelledTable that these rows are a part of: what is missing anywhere in it
        counts as missing here, so that parts are computed exactly as the whole would be.
        """

    def run(self, data, plan, sums=None) -> dict:
        """Train on batches, and return sums of their losses and counts.

        Parameters
        ----------
        data : dict
            What `load` returned.
        plan : ndarray of int32, shape (n_batches, batch_size)
            Rows of the batches, -1 for none.
        sums : dict, optional
            What the call for earlier batches returned: results are those of one call, bit by bit.

        Returns
        -------
        dict of str to ndarray
            Sums over the batches, weighted by rows: "n_rows", "loss", "losses", "n_labelled",
            "statistics", "loss_weights", "n_present"; with an aggregator "gradient_weights",
            "cosines" and "n_pairs".
        """
        sums = self._zero_sums(training=True) if sums is None else sums
        return self._call(data, plan, sums, training=True)

    def evaluate(self, data, plan, sums=None) -> dict:
        """Return the same sums, those of the strategies excepted, without training."""
        sums = self._zero_sums(training=False) if sums is None else sums
        return self._call(data, plan, sums, training=False)

    @abstractmethod
    def _call(self, data, plan, sums, *, training) -> dict:
        """Add the sums of the batches of a plan; train on them, or only evaluate."""

    def _zero_sums(self, *, training) -> dict:
        """Return the sums over no batches."""
        n = self.n_tasks
        n_statistics = max(head.n_statistics for head in self.network.heads)
        shapes = {"n_rows": (), "loss": (), "losses": (n,), "n_labelled": (n,)}
        shapes["statistics"] = (n, n_statistics)
        if training:
            shapes |= {"loss_weights": (n,), "n_present": (n,)}
            if self.aggregator is not None:
                shapes |= {"gradient_weights": (n,), "cosines": (n, n), "n_pairs": (n, n)}
        return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}

    def values(self) -> list:
        """Return the weights, one array per variable of the network."""
        return arrays_of(self.network.variables)

    def assign(self, values):
        """Replace the weights, and nothing else."""
        self._set(self.network.variables, arrays_of(values))

    def _set(self, variables, values):
        """Set variables to arrays of their shapes."""
        assign_all(variables, values)

    def training_state(self) -> list:
        """Return what `start` needs, beside the weights, to continue exactly from here."""
        return arrays_of([*self.optimizer.variables, *self.state.variables])


def arrays_of(variables) -> list:
    """Return copies: memory of the device may be used again by the next step."""
    return [
        np.array(v) if isinstance(v, np.ndarray) else ops.convert_to_numpy(v) for v in variables
    ]


def bytes_of(variables) -> int:
    """Return how much memory float32 variables of these shapes take."""
    return 4 * sum(int(np.prod(v.shape)) for v in variables)


def _compact(array):
    """Return one entry of an array whose entries are all equal, as in slots of a new optimizer."""
    is_constant = array.size and (array == array.flat[0]).all()
    return array.flat[0] if is_constant else array


def assign_all(variables, values):
    """Set variables to values of their shapes."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
