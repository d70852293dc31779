"""Geometric loss strategy."""

import keras
import numpy as np
from keras import ops

from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting
from skmtl.weighting._objective import terms
from skmtl.weighting._shares import equal_shares


class GeometricLossStrategy(LossWeighting):
    """Minimise the geometric mean of the task losses.

    The objective is ``(prod_i L_i) ** (1 / n)`` over the ``n`` tasks present: a loss counts by its
    relative change, whatever its scale.

    Notes
    -----
    Cost: one backward pass. The losses must not be negative; a loss of 0 is taken as the smallest
    positive number.

    References
    ----------
    Chennupati, Sistu, Yogamani & Rawashdeh (2019). MultiNet++: multi-stream feature aggregation
    and geometric loss strategy for multi-task learning. CVPR Workshops. arXiv:1904.08492.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.weighting import GeometricLossStrategy
    >>> terms = GeometricLossStrategy().weigh(
    ...     np.array([1.0, 4.0]), np.array([True, True]), {}, seed=None
    ... )
    >>> [round(float(term), 6) for term in terms]
    [1.0, 1.0]
    """

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return terms that sum to the geometric mean."""
        tiny = float(np.finfo(keras.backend.standardize_dtype(losses.dtype)).tiny)
        positive = ops.maximum(losses, tiny)
        shares = equal_shares(present, losses)
        mean = ops.exp(ops.sum(shares * ops.log(positive)))
        return terms(mean, mean * shares / positive, losses, present)
