"""The contract of every loss weighting."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from skmtl._runtime.strategy import Strategy
from skmtl._runtime.types import Seed, State, Tensor


@dataclass(frozen=True)
class StepObservation:
    """What a loss weighting may observe of one training step.

    Parameters
    ----------
    losses : tensor of shape (n_tasks,)
        Unweighted task losses before the step; 0 for an absent task.
    present : tensor of bool, shape (n_tasks,)
        Whether any row of the batch has a label for the task.
    gradient_norms : tensor of shape (n_tasks,), optional
        Norm of each unweighted task loss' gradient on the last shared layer's variables.
        Given if `needs_gradient_norms`.
    losses_after : tensor of shape (n_tasks,), optional
        Task losses of the same batch after the step. Given if `needs_losses_after`.

    Examples
    --------
    >>> from skmtl.weighting import StepObservation
    >>> StepObservation(losses=[0.5, 0.2], present=[True, True]).gradient_norms is None
    True
    """

    losses: Any
    present: Any
    gradient_norms: Any = None
    losses_after: Any = None


class LossWeighting(Strategy):
    """Task losses ``(n_tasks,)`` to weighted losses ``(n_tasks,)``.

    Everything runs inside the compiled training step, through `keras.ops`. A strategy holds its
    hyper-parameters only; what it learns lives in two dictionaries of arrays that the training
    loop keeps: *state*, changed by `update` and `end_epoch`, and *parameters*, learned by the
    network's optimizer. In both, an array whose first axis has length `n_tasks` is kept per task:
    the training loop leaves the entries of a task that is absent from the batch as they were.

    Three class attributes say what a strategy needs: `needs_gradient_norms` and
    `needs_losses_after` fill a `StepObservation`; with `takes_roots` the squared errors
    of numbers beside other tasks count by their root, as with fixed weights.

    Examples
    --------
    >>> from keras import ops
    >>> from skmtl.weighting import LossWeighting
    >>> class Squared(LossWeighting):
    ...     def weigh(self, losses, present, state, *, seed):
    ...         return losses**2
    >>> ops.convert_to_numpy(Squared().weigh(ops.array([1.0, 2.0]), None, {}, seed=None)).tolist()
    [1.0, 4.0]
    """

    needs_gradient_norms = False
    needs_losses_after = False
    takes_roots = False

    def initial_state(self, n_tasks: int) -> dict:  # noqa: ARG002
        """Return the state before the first step.

        Floating arrays are of dtype `keras.config.floatx()`, the losses' dtype. Parameters are
        checked here, before anything is compiled.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.

        Returns
        -------
        dict of str to ndarray
            By default nothing.
        """
        return {}

    def initial_parameters(self, n_tasks: int) -> dict:  # noqa: ARG002
        """Return what the optimizer learns beside the network.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.

        Returns
        -------
        dict of str to ndarray
            Values before the first step; by default nothing.
        """
        return {}

    @abstractmethod
    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:
        """Return the weighted losses; their sum over the tasks present is minimised.

        Parameters
        ----------
        losses : tensor of shape (n_tasks,)
            Task losses; 0 for an absent task. The result is differentiated with respect to them.
        present : tensor of bool, shape (n_tasks,)
            Whether the batch has a label for the task.
        state : dict
            State and parameters by name, as tensors.
        seed : keras.random.SeedGenerator
            Source for random strategies.

        Returns
        -------
        tensor of shape (n_tasks,)
            The entries of absent tasks are ignored.
        """

    def update(self, state: dict, observation: StepObservation) -> dict:  # noqa: ARG002
        """Return the state after a step.

        Parameters
        ----------
        state : dict
            State and parameters by name, as tensors.
        observation : StepObservation
            What the step showed.

        Returns
        -------
        dict
            By default `state`.
        """
        return state

    def end_epoch(self, state: State, losses: Tensor, present: Tensor) -> State:  # noqa: ARG002
        """Return the state after an epoch.

        Parameters
        ----------
        state : dict
            State and parameters by name, as tensors.
        losses : tensor of shape (n_tasks,)
            Mean task losses of the epoch.
        present : tensor of bool, shape (n_tasks,)
            Whether any row of the epoch had a label for the task.

        Returns
        -------
        dict
            By default `state`.
        """
        return state
