"""Smooth Tchebycheff scalarization."""

from collections.abc import Sequence

import numpy as np
from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting
from skmtl.weighting._objective import masked_softmax, terms
from skmtl.weighting._shares import equal_shares


class SmoothTchebycheff(LossWeighting):
    """Minimise a smooth maximum of the task losses.

    The objective is ``mu log sum_i exp(lambda_i (L_i - z_i) / mu)``; it tends to the largest
    ``lambda_i (L_i - z_i)`` as ``mu`` tends to 0.

    Parameters
    ----------
    mu : float, default=1.0
        Smoothness > 0. The paper tries 0.01, 0.1, 0.5 and 1.
    preferences : sequence of float of length n_tasks, default=None
        ``lambda``, positive. None means ``1 / n`` for the ``n`` tasks present.
    ideal : sequence of float of length n_tasks, default=None
        ``z``, a lower bound of the losses. None means 0.

    Notes
    -----
    Cost: one backward pass. This is the paper's scalarization of the losses as they are. The
    authors' code for deep networks takes logarithms of losses divided by those of a warm-up;
    it is not included.

    References
    ----------
    Lin, Zhang, Yang, Liu, Wang & Zhang (2024). Smooth Tchebycheff scalarization for
    multi-objective optimization. ICML. arXiv:2402.19078.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.weighting import SmoothTchebycheff
    >>> stch = SmoothTchebycheff(mu=0.01, preferences=[1.0, 1.0])
    >>> terms = stch.weigh(np.array([1.0, 3.0]), np.array([True, True]), {}, seed=None)
    >>> round(float(sum(terms)), 6)
    3.0
    """

    def __init__(
        self,
        *,
        mu: float = 1.0,
        preferences: Sequence[float] | None = None,
        ideal: Sequence[float] | None = None,
    ) -> None:
        self.mu = mu
        self.preferences = preferences
        self.ideal = ideal

    def initial_state(self, n_tasks: int) -> State:
        """Return nothing; raise ValueError if a parameter does not fit."""
        as_number("mu", self.mu, low=0, closed="neither")
        for name, low in (("preferences", 0.0), ("ideal", -np.inf)):
            values = getattr(self, name)
            if values is not None and not (
                np.shape(values) == (n_tasks,) and np.all(np.asarray(values) > low)
            ):
                raise ValueError(
                    f"{name} must be None or have one entry > {low} per task, {n_tasks} in all; "
                    f"got {values!r}."
                )
        return {}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return terms that sum to the smooth maximum."""
        ideal = np.zeros(losses.shape) if self.ideal is None else self.ideal
        ideal = ops.cast(np.asarray(ideal, "float64"), losses.dtype)
        if self.preferences is None:
            preferences = equal_shares(present, losses)
        else:
            preferences = ops.cast(np.asarray(self.preferences, "float64"), losses.dtype)
        exponents = preferences * (losses - ideal) / self.mu
        objective = self.mu * ops.logsumexp(ops.where(present, exponents, -np.inf))
        weights = preferences * masked_softmax(exponents, present)
        return terms(objective, weights, losses, present)
