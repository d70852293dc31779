"""Random loss weighting."""

import keras

from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting
from skmtl.weighting._objective import masked_softmax


class RandomLossWeighting(LossWeighting):
    """Draw new loss weights for every batch.

    The objective is ``sum_i w_i L_i`` with ``w = softmax(z)`` and ``z`` standard normal. The
    weights are positive and sum to 1 over the tasks present in the batch.

    Notes
    -----
    Cost: one backward pass. The mean weight is ``1 / n_tasks``: beside a plain sum of losses, raise
    the learning rate. The draws come from the estimator's `random_state`.

    References
    ----------
    Lin, Ye, Zhang & Tsang (2022). Reasonable effectiveness of random weighting: a litmus test for
    multi-task learning. TMLR. arXiv:2111.10603.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> from skmtl.weighting import RandomLossWeighting
    >>> weighted = RandomLossWeighting().weigh(
    ...     np.ones(3), np.ones(3, bool), {}, seed=keras.random.SeedGenerator(0)
    ... )
    >>> round(float(sum(weighted)), 6)
    1.0
    """

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``weights * losses`` with fresh weights."""
        logits = keras.random.normal(losses.shape, dtype=losses.dtype, seed=seed)
        return masked_softmax(logits, present) * losses
