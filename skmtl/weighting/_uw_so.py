"""Soft optimal uncertainty weighting."""

from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting
from skmtl.weighting._objective import masked_softmax

SMALLEST_LOSS = 1e-6


class SoftOptimalUncertainty(LossWeighting):
    """Weigh the tasks by a softmax of their inverse losses.

    The objective is ``sum_i w_i L_i`` with ``w = softmax(1 / (T L))``, a constant for the gradient.
    The uncertainty weighting whose variances are optimal has the weights ``1 / (2 L_i)``; the
    softmax bounds them. The weights sum to 1 over the tasks present in the batch.

    Parameters
    ----------
    temperature : float, default=1.0
        ``T`` > 0; the larger, the more equal the weights. The paper tunes it for every data set.

    Notes
    -----
    Cost: one backward pass. The mean weight is ``1 / n_tasks``: beside a plain sum of losses, raise
    the learning rate. A task whose loss is close to 0 takes all of the weight: raise `temperature`
    where one task is much easier than the others. Losses below 1e-6 count as 1e-6.

    References
    ----------
    Kirchdorfer, Elich, Kutsche, Stuckenschmidt, Schott & Köhler (2024). Analytical
    uncertainty-based loss weighting in multi-task learning. GCPR. arXiv:2408.07985.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.weighting import SoftOptimalUncertainty
    >>> weighted = SoftOptimalUncertainty().weigh(
    ...     np.array([1.0, 0.5]), np.array([True, True]), {}, seed=None
    ... )
    >>> [round(float(loss), 3) for loss in weighted]
    [0.269, 0.366]
    """

    def __init__(self, *, temperature: float = 1.0) -> None:
        self.temperature = temperature

    def initial_state(self, n_tasks: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `temperature` is not positive."""
        as_number("temperature", self.temperature, low=0, closed="neither")
        return {}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``weights * losses``."""
        inverse = 1 / ops.maximum(ops.stop_gradient(losses), SMALLEST_LOSS)
        return masked_softmax(inverse / self.temperature, present) * losses
