"""Fixed loss weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import config

from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting


class FixedLossWeights(LossWeighting):
    """Weigh every task by a number that does not change.

    The objective is ``sum_i w_i L_i``. The weights are state of the training and no constants of
    the compiled program, so that one program serves all weights of a grid search.

    Parameters
    ----------
    weights : sequence of float of length n_tasks, default=None
        One weight per task, finite and not negative. None means 1 for every task.

    Notes
    -----
    Cost: one backward pass. Kurin et al. (2022, arXiv:2201.04122) and Xin et al. (2022,
    arXiv:2209.11379) found equal or tuned fixed weights hard to beat.

    Examples
    --------
    >>> from skmtl.weighting import FixedLossWeights
    >>> FixedLossWeights(weights=[1.0, 0.5]).initial_state(2)["weights"].tolist()
    [1.0, 0.5]
    """

    takes_roots = True

    def __init__(self, *, weights: Sequence[float] | None = None) -> None:
        self.weights = weights

    def program_key(self) -> tuple[Any, ...]:
        """Return the type alone: the weights live in the state."""
        return (type(self),)

    def initial_state(self, n_tasks: int) -> State:
        """Return the weights; raise ValueError if they do not fit the tasks."""
        if self.weights is None:
            return {"weights": np.ones(n_tasks, dtype=config.floatx())}
        weights = np.asarray(self.weights, dtype=config.floatx())
        if weights.shape != (n_tasks,):
            raise ValueError(
                f"weights must have one entry per task, {n_tasks} in all; "
                f"got shape {weights.shape}: {self.weights!r}."
            )
        if not np.all(np.isfinite(weights) & (weights >= 0)):
            raise ValueError(f"weights must be finite and >= 0; got {self.weights!r}.")
        return {"weights": weights}

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return ``weights * losses``."""
        return state["weights"] * losses
