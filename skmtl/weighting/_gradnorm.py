"""GradNorm."""

import numpy as np
from keras import config, ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting, StepObservation
from skmtl.weighting._shares import equal_shares

_SMALLEST = 1e-3


class GradNorm(LossWeighting):
    """Bring the tasks' gradient norms to a common scale, slower tasks to a larger one.

    With ``G_i`` the norm of the gradient of ``w_i L_i`` on the last shared layer, ``G`` their mean
    and ``r_i = (L_i / L_i(0)) / mean_j (L_j / L_j(0))``, every step moves the weights down the
    gradient of ``sum_i |G_i - G r_i^alpha|``, the target being constant, and scales them back to
    their sum. The objective is ``sum_i w_i L_i``.

    Parameters
    ----------
    alpha : float, default=1.5
        >= 0, strength of the pull to equal training rates. The paper uses 0.12 to 1.5.
    learning_rate : float, default=0.025
        > 0, of the weights.

    Notes
    -----
    Cost: one backward pass, and one per task from the loss to the last shared layer.

    Choices where the paper is silent: plain gradient descent on the weights, which are kept above
    0.001 (a negative weight would raise its loss); ``L_i(0)`` is the loss of the first batch that
    has the task. A task absent from the batch keeps its weight; the others keep their sum.

    References
    ----------
    Chen, Badrinarayanan, Lee & Rabinovich (2018). GradNorm: gradient normalization for adaptive
    loss balancing in deep multitask networks. ICML. arXiv:1711.02257.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.weighting import GradNorm, StepObservation
    >>> gradnorm = GradNorm(learning_rate=0.1)
    >>> state = gradnorm.update(
    ...     gradnorm.initial_state(2),
    ...     StepObservation(
    ...         losses=np.array([1.0, 1.0], "float32"),
    ...         present=np.array([True, True]),
    ...         gradient_norms=np.array([3.0, 1.0], "float32"),
    ...     ),
    ... )
    >>> [round(float(weight), 3) for weight in state["weights"]]
    [0.778, 1.222]
    """

    needs_gradient_norms = True

    def __init__(self, *, alpha: float = 1.5, learning_rate: float = 0.025) -> None:
        self.alpha = alpha
        self.learning_rate = learning_rate

    def initial_state(self, n_tasks: int) -> State:
        """Return equal weights; an initial loss of 0 stands for a task not seen yet."""
        as_number("alpha", self.alpha, low=0)
        as_number("learning_rate", self.learning_rate, low=0, closed="neither")
        zeros = np.zeros(n_tasks, dtype=config.floatx())
        return {"weights": zeros + 1, "initial_losses": zeros}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``weights * losses``."""
        return state["weights"] * losses

    def update(self, state: State, observation: StepObservation) -> State:
        """Return the state after one step on the weights."""
        losses, norms = observation.losses, observation.gradient_norms
        known = ops.logical_and(observation.present, ops.isfinite(losses + norms))
        shares = equal_shares(known, losses)

        def mean(values):
            return ops.sum(ops.where(known, shares * values, 0))

        initial = ops.where(state["initial_losses"] > 0, state["initial_losses"], losses)
        progress = ops.where(initial > 0, losses / initial, 1)
        average = mean(progress)
        rates = ops.where(average > 0, progress / average, 1)
        weighted_norms = state["weights"] * norms
        targets = mean(weighted_norms) * rates**self.alpha
        gradient = norms * ops.sign(weighted_norms - targets)
        moved = ops.maximum(state["weights"] - self.learning_rate * gradient, _SMALLEST)
        moved = moved * mean(state["weights"]) / mean(moved)
        return {
            "weights": ops.where(known, moved, state["weights"]),
            "initial_losses": ops.where(known, initial, state["initial_losses"]),
        }
