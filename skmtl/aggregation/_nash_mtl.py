"""Multi-task learning as a bargaining game."""

from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._balance import balance
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._gramian import finish, matvec, prepare, rounding


class NashMTL(GradientAggregator):
    """Take the Nash bargaining solution between the task gradients.

    The direction maximises ``sum_i log(d . g_i)`` over a ball. It is ``sum_i w_i g_i`` with
    positive weights that solve ``G w = 1 / w``; the result is then cut to length `max_norm`.

    Parameters
    ----------
    max_norm : float, default=1.0
        > 0, largest length of the resulting gradient. None: no limit.

    Notes
    -----
    Cost: one backward pass per task. Solved by Newton's method on the equivalent strictly convex
    problem ``min w . G w / 2 - sum_i log w_i``, where the authors' code approximates the solution
    by a sequence of cone programs. The weights are computed in every step. A task whose
    gradient is 0 cannot bargain and gets weight 0.

    References
    ----------
    Navon, Shamsian, Achituve, Maron, Kawaguchi, Chechik & Fetaya (2022). Multi-task learning as a
    bargaining game. ICML. arXiv:2202.01017.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import NashMTL
    >>> gradients = np.array([[3.0, 0.0], [0.0, 1.0]])
    >>> gramian = gradients @ gradients.T
    >>> weights, _ = NashMTL().weigh(gramian, np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.235702, 0.707107]
    """

    def __init__(self, *, max_norm: float = 1.0) -> None:
        self.max_norm = max_norm

    def initial_state(self, n_tasks: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `max_norm` is not positive."""
        if self.max_norm is not None:
            as_number("max_norm", self.max_norm, low=0, closed="neither")
        return {}

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the weights of the bargaining solution."""
        clean, usable, trace = prepare(gramian, present)
        weights = balance(clean, 1.0, rounding(gramian))
        # of the Gramian in units of its trace: the square of the length is the number of tasks
        squared = ops.sum(weights * matvec(clean, weights))
        weights = weights / ops.sqrt(trace)
        if self.max_norm is not None:
            length = ops.sqrt(ops.relu(squared))
            weights = ops.where(length > self.max_norm, weights * self.max_norm / length, weights)
        return finish(weights, usable, gramian), state
