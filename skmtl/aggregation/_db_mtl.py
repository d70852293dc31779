"""Dual-balancing multi-task learning."""

import numpy as np
from keras import config, ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientMatrixAggregator
from skmtl.aggregation._gramian import finite_rows, nonzero

_EPSILON = 1e-8


class DBMTL(GradientMatrixAggregator):
    """Balance the losses by logarithms and the gradients by their norms.

    With running means ``m_i <- b m_i + (1 - b) grad log L_i`` and ``b = beta / step^decay``, the
    gradient of the shared variables is ``max_j |m_j| sum_i m_i / |m_i|``. The heads, too, are
    trained with ``log L_i``.

    Parameters
    ----------
    beta : float, default=0.9
        In [0, 1): weight of the past in the running means.
    decay : float, default=0.0
        >= 0; above 0, the past counts less and less.

    Notes
    -----
    Cost: one backward pass per task, and all task gradients and their means in memory. The means
    start at 0, as in the authors' code. Logarithms are taken of ``L_i + 1e-8``. An absent task
    keeps its mean and its count of steps, and takes no part in the step.

    References
    ----------
    Lin, Jiang, Ye, Zhang, Chen, Chen, Liu & Kwok (2023). Dual-balancing for multi-task learning.
    arXiv:2308.12029.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import DBMTL
    >>> db_mtl = DBMTL(beta=0.0)
    >>> gradient, _ = db_mtl.aggregate(
    ...     np.array([[3.0, 0.0], [0.0, 1.0]], "float32"),
    ...     np.array([True, True]),
    ...     db_mtl.initial_state(2, 2),
    ...     seed=None,
    ... )
    >>> [round(float(entry), 6) for entry in gradient]
    [3.0, 3.0]
    """

    def __init__(self, *, beta: float = 0.9, decay: float = 0.0) -> None:
        self.beta = beta
        self.decay = decay

    def transform_losses(self, losses: Tensor) -> Tensor:
        """Return the logarithms of the losses."""
        return ops.log(losses + _EPSILON)

    def initial_state(self, n_tasks: int, n_parameters: int) -> State:
        """Return running means of 0; raise ValueError if a parameter is out of range."""
        as_number("beta", self.beta, low=0, high=1, closed="left")
        as_number("decay", self.decay, low=0)
        return {
            "means": np.zeros((n_tasks, n_parameters), dtype=config.floatx()),
            "n_steps": np.zeros(n_tasks, dtype=config.floatx()),
        }

    def aggregate(
        self,
        gradients: Tensor,
        present: Tensor,
        state: State,
        *,
        seed: Seed,  # noqa: ARG002
    ) -> Stateful:
        """Return the sum of the rescaled running means."""
        gradients, usable = finite_rows(gradients, present)
        n_steps = ops.where(usable, state["n_steps"] + 1, state["n_steps"])
        past = (self.beta / n_steps**self.decay)[:, None]
        means = past * state["means"] + (1 - past) * gradients
        means = ops.where(usable[:, None], means, state["means"])
        # Scaled first, so that squares of very small or large entries stay numbers.
        unit = nonzero(ops.max(ops.abs(means), axis=1))
        norms = unit * ops.sqrt(ops.sum((means / unit[:, None]) ** 2, axis=1))
        norms = ops.where(usable, norms, 0)
        factors = ops.where(norms > 0, ops.max(norms) / norms, 0)
        gradient = ops.sum(factors[:, None] * means, axis=0)
        return gradient, {"means": means, "n_steps": n_steps}
