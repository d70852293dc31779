"""Uncertainty weighting."""

import numpy as np
from keras import config, ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting


class UncertaintyWeighting(LossWeighting):
    """Learn one log-variance ``s_i`` per task beside the network.

    The objective is ``sum_i exp(-s_i) L_i / 2 + s_i / 2``, whose optimum for fixed losses is
    ``exp(s_i) = L_i``.

    Parameters
    ----------
    initial_log_variance : float, default=0.0
        Value of every ``s_i`` before the first step. Other libraries start at -0.5.

    Notes
    -----
    Cost: one backward pass; ``n_tasks`` more parameters, learned by the network's optimizer.

    The paper writes ``exp(-s_i) L_i + s_i / 2`` for classification and ``exp(-s_i) L_i / 2 +
    s_i / 2`` for regression. Both are the same objective up to a constant: the first is the second
    with ``s_i`` shifted by ``log 2``, so ``initial_log_variance=-0.693`` gives the paper's start
    for classification.

    References
    ----------
    Kendall, Gal & Cipolla (2018). Multi-task learning using uncertainty to weigh losses for scene
    geometry and semantics. CVPR. arXiv:1705.07115.

    Examples
    --------
    >>> from skmtl.weighting import UncertaintyWeighting
    >>> UncertaintyWeighting().initial_parameters(2)["log_variances"].tolist()
    [0.0, 0.0]
    """

    def __init__(self, *, initial_log_variance: float = 0.0) -> None:
        self.initial_log_variance = initial_log_variance

    def initial_parameters(self, n_tasks: int) -> State:
        """Return the log-variances."""
        as_number("initial_log_variance", self.initial_log_variance)
        return {"log_variances": np.full(n_tasks, self.initial_log_variance, dtype=config.floatx())}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``exp(-s) * losses / 2 + s / 2``."""
        log_variances = state["log_variances"]
        return 0.5 * (ops.exp(-log_variances) * losses + log_variances)
