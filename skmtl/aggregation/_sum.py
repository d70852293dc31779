"""The sum of the task gradients."""

from keras import ops

from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator


class SumAggregator(GradientAggregator):
    """Add the task gradients up: plain training, the baseline of the other aggregators.

    The gradient of the shared variables is ``sum_i g_i``.

    Notes
    -----
    Cost: one backward pass per task, for a result that needs one. Use it to compare, or to see
    the cosines between the task gradients.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import SumAggregator
    >>> weights, _ = SumAggregator().weigh(np.eye(2), np.array([True, True]), {}, seed=None)
    >>> [float(weight) for weight in weights]
    [1.0, 1.0]
    """

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return weight 1 for every task present."""
        return ops.cast(present, gramian.dtype), state
