"""Gradient sign dropout."""

import keras
from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientMatrixAggregator
from skmtl.aggregation._gramian import finite_rows


class GradDrop(GradientMatrixAggregator):
    """Keep, in every entry of the gradient, the tasks of one sign, drawn at random.

    With the purity ``p = (1 + sum_i g_i / sum_i |g_i|) / 2`` of an entry and ``u`` uniform in [0,
    1], the entry is the sum of the positive ``g_i`` if ``p > u`` and of the negative ones if ``p <
    u``.

    Parameters
    ----------
    leak : float, default=0.0
        In [0, 1]: the part of the dropped gradients that passes nevertheless. 1 is the plain sum.

    Notes
    -----
    Cost: one backward pass per task, and all task gradients in memory. The paper drops gradients
    of activations, weighted by the activations' signs; here the gradients of the shared variables
    are dropped (lines 10 to 15 of its Algorithm 1).

    References
    ----------
    Chen, Ngiam, Huang, Luong, Kretzschmar, Chai & Anguelov (2020). Just pick a sign: optimizing
    deep multitask models with gradient sign dropout. NeurIPS. arXiv:2010.06808.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> from skmtl.aggregation import GradDrop
    >>> gradient, _ = GradDrop().aggregate(
    ...     np.array([[1.0, -2.0], [3.0, -4.0]]),
    ...     np.array([True, True]),
    ...     {},
    ...     seed=keras.random.SeedGenerator(0),
    ... )
    >>> [float(entry) for entry in gradient]
    [4.0, -6.0]
    """

    def __init__(self, *, leak: float = 0.0) -> None:
        self.leak = leak

    def initial_state(self, n_tasks: int, n_parameters: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `leak` is out of range."""
        as_number("leak", self.leak, low=0, high=1)
        return {}

    def aggregate(
        self, gradients: Tensor, present: Tensor, state: State, *, seed: Seed
    ) -> Stateful:
        """Return the sum of the gradients that were kept."""
        gradients, _ = finite_rows(gradients, present)
        draws = keras.random.uniform(gradients.shape[1:], dtype=gradients.dtype, seed=seed)
        return keep_one_sign(gradients, draws, self.leak), state


def keep_one_sign(gradients, draws, leak):
    """Return the sum of the gradients' entries whose sign was drawn, of shape (n_parameters,)."""
    total = ops.sum(ops.abs(gradients), axis=0)
    # NaN, and so of no sign, where all entries are 0.
    purity = 0.5 * (1 + ops.sum(gradients, axis=0) / total)
    kept = ops.equal(ops.sign(gradients), ops.sign(purity - draws))
    return ops.sum(ops.where(kept, gradients, leak * gradients), axis=0)
