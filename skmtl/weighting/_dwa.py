"""Dynamic weight average."""

import numpy as np
from keras import config

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting


class DynamicWeightAverage(LossWeighting):
    """Weigh the tasks by how slowly their losses have been falling.

    From the third epoch on, ``w_i = n exp(r_i / T) / sum_j exp(r_j / T)`` with the ratio ``r_i =
    L_i(t-1) / L_i(t-2)`` of the mean losses of the two epochs before; until then ``r_i = 1``.

    Parameters
    ----------
    temperature : float, default=2.0
        ``T`` > 0, as in the paper; the larger, the more equal the weights.

    Notes
    -----
    Cost: one backward pass. A task without labels in an epoch keeps its last loss and its weight;
    the others share what they had.

    References
    ----------
    Liu, Johns & Davison (2019). End-to-end multi-task learning with attention. CVPR.
    arXiv:1803.10704.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.weighting import DynamicWeightAverage
    >>> dwa = DynamicWeightAverage()
    >>> state = dwa.initial_state(2)
    >>> for losses in ([2.0, 2.0], [1.0, 2.0]):
    ...     state = dwa.end_epoch(state, np.asarray(losses, "float32"), np.array([True, True]))
    >>> [round(float(weight), 2) for weight in state["weights"]]
    [0.88, 1.12]
    """

    def __init__(self, *, temperature: float = 2.0) -> None:
        self.temperature = temperature

    def initial_state(self, n_tasks: int) -> State:
        """Return equal weights; a loss of 0 stands for an epoch not seen yet."""
        as_number("temperature", self.temperature, low=0, closed="neither")
        zeros = np.zeros(n_tasks, dtype=config.floatx())
        return {"weights": zeros + 1, "last_losses": zeros}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``weights * losses``."""
        return state["weights"] * losses

    def end_epoch(self, state: State, losses: Tensor, present: Tensor) -> State:
        """Return the weights for the next epoch; runs outside the compiled step."""
        weights, before = np.array(state["weights"]), np.asarray(state["last_losses"])
        losses = np.asarray(losses, dtype=weights.dtype)
        known = np.asarray(present) & np.isfinite(losses)
        # Also after an epoch with loss 0 there is nothing to divide by.
        ratios = np.divide(losses, before, out=np.ones_like(losses), where=before != 0)[known]
        shares = np.exp((ratios - ratios.max(initial=-np.inf)) / self.temperature)
        # The weights of the other tasks stay, so those of the known tasks keep their sum.
        weights[known] = shares / shares.sum() * weights[known].sum()
        return {"weights": weights, "last_losses": np.where(known, losses, before)}
