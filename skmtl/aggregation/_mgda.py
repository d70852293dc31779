"""Multiple-gradient descent."""

from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._complementarity import min_norm
from skmtl.aggregation._gramian import finish, prepare, rounding


class MGDA(GradientAggregator):
    """Take the shortest vector in the convex hull of the task gradients.

    The weights minimise ``|sum_i w_i g_i|^2`` over the simplex. A step along the result lowers
    every task loss to first order, and the result is 0 exactly where no such step exists (a Pareto
    stationary point).

    Notes
    -----
    Cost: one backward pass per task.

    Departure from the paper: the paper approximates the minimum by the Frank-Wolfe algorithm; here
    it is exact. The paper's variants for an upper bound at the shared representation
    and for normalised gradients are not included.

    References
    ----------
    Sener & Koltun (2018). Multi-task learning as multi-objective optimization. NeurIPS.
    arXiv:1810.04650.
    Désidéri (2012). Multiple-gradient descent algorithm (MGDA) for multiobjective optimization.
    Comptes Rendus Mathématique 350.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import MGDA
    >>> gradients = np.array([[3.0, 0.0], [0.0, 1.0]])
    >>> gramian = gradients @ gradients.T
    >>> weights, _ = MGDA().weigh(gramian, np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.1, 0.9]
    """

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the weights of the shortest convex combination."""
        clean, usable, _ = prepare(gramian, present)
        weights = min_norm(clean, usable, rounding(gramian))
        return finish(weights, usable, gramian), state
