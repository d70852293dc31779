"""Projection of the mean gradient onto the dual cone."""

from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._complementarity import project_on_dual_cone
from skmtl.aggregation._gramian import finish, prepare
from skmtl.weighting._shares import equal_shares


class DualProj(GradientAggregator):
    """Project the mean gradient onto the dual cone of the task gradients.

    The result is the vector nearest to the mean gradient that has a non-negative product with
    every task gradient: ``sum_i v_i g_i`` with ``v`` minimising ``v . G v`` subject to ``v >=
    1 / n``.

    Parameters
    ----------
    regularization : float, default=0.0001
        > 0. Added to the diagonal of ``G`` in units of its trace.

    Notes
    -----
    Cost: one backward pass per task. Solved exactly. The paper (its equation
    11) projects a new task's gradient against those of past tasks; here the mean gradient is
    projected against all.

    References
    ----------
    Lopez-Paz & Ranzato (2017). Gradient episodic memory for continual learning. NeurIPS.
    arXiv:1706.08840.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import DualProj
    >>> weights, _ = DualProj().weigh(np.eye(2), np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.5, 0.5]
    """

    def __init__(self, *, regularization: float = 0.0001) -> None:
        self.regularization = regularization

    def initial_state(self, n_tasks: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `regularization` is not positive."""
        as_number("regularization", self.regularization, low=0, closed="neither")
        return {}

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the projection's coefficients."""
        clean, usable, _ = prepare(gramian, present)
        identity = ops.eye(*clean.shape, dtype=clean.dtype)
        regularized = clean + self.regularization * identity
        weights = project_on_dual_cone(regularized, equal_shares(usable, clean)[None])[0]
        return finish(weights, usable, gramian), state
