"""Unconflicting projection of gradients."""

from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._complementarity import project_on_dual_cone
from skmtl.aggregation._gramian import finish, prepare
from skmtl.weighting._shares import equal_shares


class UPGrad(GradientAggregator):
    """Project every task gradient onto the dual cone of all of them; average the projections.

    The dual cone holds the directions that have a non-negative product with every task gradient.
    The projection of ``g_i`` is ``sum_j v_j g_j`` with ``v`` minimising ``v . G v`` subject to ``v
    >= e_i``. The result conflicts with no task, and each task's share grows linearly with its
    gradient.

    Parameters
    ----------
    regularization : float, default=0.0001
        > 0. Added to the diagonal of ``G`` in units of its trace; part of the method's definition.

    Notes
    -----
    Cost: one backward pass per task. Solved exactly. The authors' code takes gradients whose
    squared norms sum to less than 1e-4 for 0; here the method is the same at every scale.

    References
    ----------
    Quinton & Rey (2024). Jacobian descent for multi-objective optimization. arXiv:2406.16232.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import UPGrad
    >>> weights, _ = UPGrad().weigh(np.eye(2), np.array([True, True]), {}, seed=None)
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
        """Return the mean of the projections' coefficients."""
        clean, usable, _ = prepare(gramian, present)
        identity = ops.eye(*clean.shape, dtype=clean.dtype)
        projected = project_on_dual_cone(clean + self.regularization * identity, identity)
        weights = ops.sum(equal_shares(usable, clean)[:, None] * projected, axis=0)
        return finish(weights, usable, gramian), state
