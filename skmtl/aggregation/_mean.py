"""The mean of the task gradients."""

from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.weighting._shares import equal_shares


class MeanAggregator(GradientAggregator):
    """Average the task gradients.

    The gradient of the shared variables is ``sum_i g_i / n`` over the ``n`` tasks present in the
    batch.

    Notes
    -----
    Cost: one backward pass per task, for a result that needs one.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import MeanAggregator
    >>> weights, _ = MeanAggregator().weigh(np.eye(2), np.array([True, True]), {}, seed=None)
    >>> [float(weight) for weight in weights]
    [0.5, 0.5]
    """

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return weight ``1 / n`` for every task present."""
        return equal_shares(present, gramian), state
