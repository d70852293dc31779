"""The two contracts of gradient aggregation."""

from abc import ABC, abstractmethod

from skmtl._runtime.strategy import Strategy
from skmtl._runtime.types import Seed, State, Stateful, Tensor


class _Aggregator(Strategy, ABC):
    """Base of both kinds of aggregator; see `GradientAggregator`."""

    def transform_losses(self, losses: Tensor) -> Tensor:
        """Return the task losses whose gradients are aggregated.

        Parameters
        ----------
        losses : tensor of shape (n_tasks,)
            Weighted task losses.

        Returns
        -------
        tensor of shape (n_tasks,)
            By default the losses themselves.
        """
        return losses


class GradientAggregator(_Aggregator):
    """Gramian ``(n_tasks, n_tasks)`` of the task gradients to weights ``(n_tasks,)``.

    The gradient of the shared variables is the weighted sum of the task gradients. Everything runs
    inside the compiled training step, through `keras.ops`, in the Gramian's dtype.

    Examples
    --------
    >>> from keras import ops
    >>> from skmtl.aggregation import GradientAggregator
    >>> class Shorter(GradientAggregator):
    ...     def weigh(self, gramian, present, state, *, seed):
    ...         return 1 / (1 + ops.diagonal(gramian)), state
    >>> weights, _ = Shorter().weigh(ops.array([[1.0, 0.0], [0.0, 3.0]]), None, {}, seed=None)
    >>> ops.convert_to_numpy(weights).tolist()
    [0.5, 0.25]
    """

    def initial_state(self, n_tasks: int) -> dict:  # noqa: ARG002
        """Return the state before the first step.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.

        Returns
        -------
        dict of str to ndarray
            State that `weigh` gets and replaces; empty by default.
        """
        return {}

    @abstractmethod
    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:
        """Return the weights and the next state.

        Parameters
        ----------
        gramian : tensor of shape (n_tasks, n_tasks)
            Inner products of the task gradients; rows and columns of absent tasks are 0.
        present : tensor of bool, shape (n_tasks,)
            Whether the batch has a label for the task. The present tasks get the weights that
            they would get without the others; absent ones get 0.
        state : dict
            State by name, as tensors.
        seed : keras.random.SeedGenerator
            Source for random strategies.

        Returns
        -------
        weights : tensor of shape (n_tasks,)
        state : dict
        """


class GradientMatrixAggregator(_Aggregator):
    """Task gradients ``(n_tasks, n_parameters)`` to one gradient ``(n_parameters,)``.

    For the methods that look at single entries of the gradients.

    Examples
    --------
    >>> from keras import ops
    >>> from skmtl.aggregation import GradientMatrixAggregator
    >>> class Median(GradientMatrixAggregator):
    ...     def aggregate(self, gradients, present, state, *, seed):
    ...         return ops.median(gradients, axis=0), state
    >>> gradients = ops.array([[1.0, 0.0], [3.0, 2.0], [9.0, 1.0]])
    >>> ops.convert_to_numpy(Median().aggregate(gradients, None, {}, seed=None)[0]).tolist()
    [3.0, 1.0]
    """

    def initial_state(self, n_tasks: int, n_parameters: int) -> dict:  # noqa: ARG002
        """Return the state before the first step.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.
        n_parameters : int
            Number of shared weights.

        Returns
        -------
        dict of str to ndarray
            State that `aggregate` gets and replaces; empty by default.
        """
        return {}

    @abstractmethod
    def aggregate(
        self, gradients: Tensor, present: Tensor, state: State, *, seed: Seed
    ) -> Stateful:
        """Return the gradient of the shared variables and the next state.

        Parameters
        ----------
        gradients : tensor of shape (n_tasks, n_parameters)
            One row per task; 0 for an absent task.
        present : tensor of bool, shape (n_tasks,)
            Whether the batch has a label for the task.
        state : dict
            State by name, as tensors.
        seed : keras.random.SeedGenerator
            Source for random strategies.

        Returns
        -------
        gradient : tensor of shape (n_parameters,)
        state : dict
        """
