"""Impartial multi-task learning, the loss balance."""

import numpy as np
from keras import config, ops

from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting


class IMTLL(LossWeighting):
    """Learn one scale ``s_i`` per task beside the network, so that all scaled losses become 1.

    The objective is ``sum_i exp(s_i) L_i - s_i``, with ``s_i = 0`` at the start: the plain sum.
    The optimum for fixed losses is ``exp(s_i) L_i = 1``.

    Notes
    -----
    Cost: one backward pass; ``n_tasks`` more parameters, learned by the network's optimizer. The
    paper's base ``a`` is ``e``, its own choice. Twice `UncertaintyWeighting` with ``s_i`` negated.

    References
    ----------
    Liu, Li, Kuang, Xue, Chen, Yang, Liao & Zhang (2021). Towards impartial multi-task learning.
    ICLR.

    Examples
    --------
    >>> from skmtl.weighting import IMTLL
    >>> IMTLL().initial_parameters(2)["log_scales"].tolist()
    [0.0, 0.0]
    """

    def initial_parameters(self, n_tasks: int) -> State:
        """Return the logarithms of the scales."""
        return {"log_scales": np.zeros(n_tasks, dtype=config.floatx())}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``exp(s) * losses - s``."""
        log_scales = state["log_scales"]
        return ops.exp(log_scales) * losses - log_scales
