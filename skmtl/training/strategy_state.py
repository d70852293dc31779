"""The state of loss weightings and aggregators: variables that are kept outside of them."""

import keras
import numpy as np
from keras import ops

from skmtl.weighting import LossWeighting


class StrategyState:
    """State and parameters of the strategies of a program.

    Parameters
    ----------
    weighting : LossWeighting
        Gives names and shapes of its state and parameters.
    aggregator : aggregator or None
        Gives names and shapes of its state.
    n_tasks : int
        Number of tasks.
    n_parameters : int
        Number of shared parameters.
    """

    def __init__(self, weighting, aggregator, n_tasks, n_parameters):
        self.n_tasks = n_tasks
        self.n_parameters = n_parameters
        self.seed = keras.random.SeedGenerator(0, name="strategy_seed")
        initial = self._initial(weighting, aggregator)
        self.weighting = _variables("weighting", initial["weighting"])
        self.aggregator = _variables("aggregator", initial["aggregator"])
        self.parameters = {
            name: [
                keras.Variable(np.asarray(row), name=f"weighting_{name}_{position}")
                for position, row in enumerate(self._rows(value))
            ]
            for name, value in initial["parameters"].items()
        }

    def _initial(self, weighting, aggregator) -> dict:
        state = {}
        if hasattr(aggregator, "aggregate"):
            state = aggregator.initial_state(self.n_tasks, self.n_parameters)
        elif aggregator is not None:
            state = aggregator.initial_state(self.n_tasks)
        return {
            "weighting": weighting.initial_state(self.n_tasks),
            "parameters": weighting.initial_parameters(self.n_tasks),
            "aggregator": state,
        }

    def _rows(self, value) -> np.ndarray:
        """Split an array with an entry per task, so that an absent task's can be left alone."""
        array = np.asarray(value, np.float32)
        return array if array.ndim and len(array) == self.n_tasks else array[None]

    def task_parameters(self, task) -> list:
        """Return the learned variables that belong to one task."""
        return [v[task] for v in self.parameters.values() if len(v) == self.n_tasks]

    @property
    def common_parameters(self) -> list:
        """The learned variables that belong to no single task."""
        return [v[0] for v in self.parameters.values() if len(v) != self.n_tasks]

    @property
    def learned(self) -> list:
        """What the optimizer learns in addition to the network, in a fixed order."""
        return [v for variables in self.parameters.values() for v in variables]

    @property
    def variables(self) -> list:
        """All variables, in a fixed order."""
        return [*self.learned, *self.weighting.values(), *self.aggregator.values(), self.seed.state]

    def reset(self, weighting, aggregator, seed):
        """Set every variable to the initial state of the given strategies."""
        initial = self._initial(weighting, aggregator)
        for name, value in initial["parameters"].items():
            for variable, row in zip(self.parameters[name], self._rows(value), strict=True):
                variable.assign(row)
        for kind in ("weighting", "aggregator"):
            for name, value in initial[kind].items():
                getattr(self, kind)[name].assign(value)
        self.seed.state.assign([seed, 0])

    def set_constants(self, weighting):
        """Set the state of a weighting that never changes it: that is what its parameters say."""
        kind = type(weighting)
        if kind.update is LossWeighting.update and kind.end_epoch is LossWeighting.end_epoch:
            for name, value in weighting.initial_state(self.n_tasks).items():
                self.weighting[name].assign(value)

    def weighting_tensors(self) -> dict:
        """Return state and parameters of the weighting by name, as tensors."""
        tensors = {name: ops.copy(v) for name, v in self.weighting.items()}
        for name, variables in self.parameters.items():
            values = [ops.copy(v) for v in variables]
            tensors[name] = ops.stack(values) if len(values) == self.n_tasks else values[0]
        return tensors

    def assign_weighting(self, new, old, present):
        """Store the weighting's next state; an absent task keeps what it had."""
        for name, variable in self.weighting.items():
            if new[name] is not old[name]:
                variable.assign(_keep(present, new[name], old[name]))

    def assign_aggregator(self, new):
        """Store the aggregator's next state."""
        for name, variable in self.aggregator.items():
            variable.assign(new[name])

    def end_epoch(self, weighting, losses, present):
        """Let the weighting see the mean task losses of an epoch."""
        if type(weighting).end_epoch is LossWeighting.end_epoch:
            return
        old = {n: ops.convert_to_numpy(v) for n, v in self.weighting_tensors().items()}
        new = weighting.end_epoch(dict(old), losses, present)
        self.assign_weighting(new, old, present)


def _variables(kind, arrays) -> dict:
    return {
        name: keras.Variable(
            np.asarray(value),
            trainable=False,
            dtype=np.asarray(value).dtype.name,
            name=f"{kind}_{name}",
        )
        for name, value in arrays.items()
    }


def _keep(present, new, old):
    new = ops.cast(new, ops.convert_to_tensor(old).dtype)
    if len(new.shape) == 0 or new.shape[0] != present.shape[0]:
        return new
    shape = (present.shape[0],) + (1,) * (len(new.shape) - 1)
    return ops.where(ops.reshape(present, shape), new, old)
