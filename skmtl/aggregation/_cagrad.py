"""Conflict-averse gradient descent."""

from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._complementarity import raise_worst
from skmtl.aggregation._gramian import finish, matvec, prepare, rounding
from skmtl.weighting._shares import equal_shares


class CAGrad(GradientAggregator):
    """Maximise the smallest improvement over the tasks, near the mean gradient.

    With the mean gradient ``g_0``: ``max_d min_i <g_i, d>`` subject to ``|d - g_0| <= c |g_0|``.
    Its dual is ``min_w <g_w, g_0> + c |g_0| |g_w|`` over the simplex, with ``g_w = sum_i w_i g_i``,
    and ``d = g_0 + c |g_0| g_w / |g_w|``.

    Parameters
    ----------
    c : float, default=0.4
        Radius of the ball around the mean gradient, >= 0. 0 is the mean gradient; the larger, the
        nearer to `MGDA`. The paper uses 0.2 to 0.5.

    Notes
    -----
    Cost: one backward pass per task. Solved exactly. The result is not divided by ``1 + c^2``,
    as some implementations do. Where ``g_w`` vanishes, the point is Pareto stationary and the
    formula for ``d`` is not defined; the weights are then those of a solution of the problem
    itself, where other implementations return 0 or the mean.

    References
    ----------
    Liu, Liu, Jin, Stone & Liu (2021). Conflict-averse gradient descent for multi-task learning.
    NeurIPS. arXiv:2110.14048.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import CAGrad
    >>> weights, _ = CAGrad(c=0.5).weigh(np.eye(2), np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.75, 0.75]
    """

    def __init__(self, *, c: float = 0.4) -> None:
        self.c = c

    def initial_state(self, n_tasks: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `c` is negative."""
        as_number("c", self.c, low=0)
        return {}

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the weights of the mean gradient plus the correction."""
        clean, usable, _ = prepare(gramian, present)
        mean = equal_shares(usable, clean)
        radius = self.c * ops.sqrt(ops.relu(ops.sum(mean * matvec(clean, mean))))
        change = raise_worst(clean, usable, mean, radius, rounding(gramian))
        return finish(mean + change, usable, gramian), state
