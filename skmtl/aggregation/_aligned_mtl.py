"""Independent component alignment."""

from typing import Literal

import numpy as np
from keras import ops

from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._gramian import eigenpairs, finish, matvec, prepare, rounding
from skmtl.weighting._shares import equal_shares

_SCALES = ("min", "median", "rmse")


class AlignedMTL(GradientAggregator):
    """Make the task gradients orthogonal and equally long; average the result.

    With ``G = V diag(l) V^T`` restricted to its non-zero eigenvalues, the weights are ``sqrt(s) V
    diag(1 / sqrt(l)) V^T (1 / n)``.

    Parameters
    ----------
    scale : {"min", "median", "rmse"}, default="min"
        ``s``: the smallest eigenvalue, as in the paper; the lower median; or the mean.

    Notes
    -----
    Cost: one backward pass per task. Eigenvalues below the Gramian's rounding count as 0. If all
    do, the weights are ``1 / n``.

    References
    ----------
    Senushkin, Patakin, Kuznetsov & Konushin (2023). Independent component alignment for multi-task
    learning. CVPR. arXiv:2305.19000.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import AlignedMTL
    >>> gradients = np.array([[4.0, 0.0], [0.0, 1.0]])
    >>> gramian = gradients @ gradients.T
    >>> weights, _ = AlignedMTL().weigh(gramian, np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.125, 0.5]
    """

    def __init__(self, *, scale: Literal["min", "median", "rmse"] = "min") -> None:
        self.scale = scale

    def initial_state(self, n_tasks: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `scale` is unknown."""
        if self.scale not in _SCALES:
            raise ValueError(f"scale must be one of {', '.join(_SCALES)}; got {self.scale!r}.")
        return {}

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the weights of the mean aligned gradient."""
        clean, usable, _ = prepare(gramian, present)
        values, vectors, kept = eigenpairs(clean, rounding(gramian))
        rank = ops.sum(ops.cast(kept, values.dtype))
        if self.scale == "min":
            scale = ops.min(ops.where(kept, values, np.inf))
        elif self.scale == "rmse":
            scale = ops.sum(ops.where(kept, values, 0)) / rank
        else:
            # The kept eigenvalues are the last ones; of an even number, the lower median.
            count = ops.cumsum(ops.cast(kept, values.dtype))
            scale = ops.sum(ops.where(ops.equal(count, (rank + 1) // 2), values, 0))
        stretch = ops.where(kept, ops.sqrt(scale / values), 0)
        mean = equal_shares(usable, clean)
        aligned = matvec(vectors, stretch * matvec(ops.transpose(vectors), mean))
        return finish(ops.where(rank > 0, aligned, mean), usable, gramian), state
