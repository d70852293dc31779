"""Impartial multi-task learning, the gradient balance."""

from keras import ops

from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._gramian import eigenpairs, finish, matvec, prepare, rounding


class IMTLG(GradientAggregator):
    """Weigh the tasks so that the result has the same projection on every task gradient.

    The weights solve ``G w = t d`` with the gradient norms ``d`` and sum to 1: ``w`` is ``pinv(G)
    d`` divided by its sum. Weights may be negative.

    Notes
    -----
    Cost: one backward pass per task. The pseudo-inverse extends the paper's closed form to
    dependent gradients (as in Quinton & Rey 2024, arXiv:2406.16232). Where ``pinv(G) d`` sums to
    0, as for opposite gradients, the weights are 0. Near that the weights are very large: the
    method has no bound on them.

    References
    ----------
    Liu, Li, Kuang, Xue, Chen, Yang, Liao & Zhang (2021). Towards impartial multi-task learning.
    ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import IMTLG
    >>> gradients = np.array([[3.0, 0.0], [0.0, 1.0]])
    >>> gramian = gradients @ gradients.T
    >>> weights, _ = IMTLG().weigh(gramian, np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.25, 0.75]
    """

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the weights of equal projections."""
        clean, usable, _ = prepare(gramian, present)
        values, vectors, kept = eigenpairs(clean, rounding(gramian))
        norms = ops.sqrt(ops.diagonal(clean))
        inverse = ops.where(kept, 1 / values, 0)
        solution = matvec(vectors, inverse * matvec(ops.transpose(vectors), norms))
        total = ops.sum(solution)
        vanishes = ops.abs(total) <= 1e-12 * ops.sum(ops.abs(inverse))
        weights = ops.where(vanishes, 0, solution / total)
        return finish(weights, usable, gramian), state
