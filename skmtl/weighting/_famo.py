"""Fast adaptive multi-task optimization."""

from collections.abc import Sequence

import numpy as np
from keras import config, ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Tensor
from skmtl.weighting._base import LossWeighting, StepObservation
from skmtl.weighting._objective import masked_softmax

_EPSILON = 1e-8


class FAMO(LossWeighting):
    """Lower all task losses at the same relative rate, from the loss values alone.

    With ``z = softmax(w)`` and ``b`` a lower bound of the losses, the objective is ``c sum_i z_i
    log(L_i - b_i)``, ``c = 1 / sum_i z_i / (L_i - b_i)`` being constant in the backward pass: a
    convex combination of the task gradients. After the step, the losses of the same batch are
    computed once more, and one step of Adam on the logits ``w`` raises the weight of the tasks
    whose ``log(L_i - b_i)`` fell least.

    Parameters
    ----------
    learning_rate : float, default=0.025
        Of the logits, > 0, as in the paper.
    weight_decay : float, default=0.001
        Of the logits, >= 0, as in the paper's Algorithm 2 (the authors' code has 1e-5).
    min_losses : sequence of float of length n_tasks, default=None
        ``b``. None means 0; the losses must stay above.

    Notes
    -----
    Cost: one backward pass and one more forward pass. Logarithms are taken of ``L_i - b_i +
    1e-8``. A task that is absent from the batch, or whose loss is not finite, keeps its logit and
    its moments.

    References
    ----------
    Liu, Feng, Stone & Liu (2023). FAMO: fast adaptive multitask optimization. NeurIPS.
    arXiv:2306.03792.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.weighting import FAMO
    >>> famo = FAMO()
    >>> state = famo.initial_state(2)
    >>> terms = famo.weigh(
    ...     np.array([2.0, 2.0], "float32"), np.array([True, True]), state, seed=None
    ... )
    >>> [round(float(term), 3) for term in terms]
    [0.693, 0.693]
    """

    needs_losses_after = True

    def __init__(
        self,
        *,
        learning_rate: float = 0.025,
        weight_decay: float = 0.001,
        min_losses: Sequence[float] | None = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.min_losses = min_losses

    def initial_state(self, n_tasks: int) -> State:
        """Return equal logits and fresh moments; raise ValueError if a parameter does not fit."""
        as_number("learning_rate", self.learning_rate, low=0, closed="neither")
        as_number("weight_decay", self.weight_decay, low=0)
        zeros = np.zeros(n_tasks, dtype=config.floatx())
        bounds = zeros if self.min_losses is None else np.asarray(self.min_losses, zeros.dtype)
        if bounds.shape != (n_tasks,) or not np.all(np.isfinite(bounds)):
            raise ValueError(
                f"min_losses must be None or have one finite entry per task, {n_tasks} in all; "
                f"got {self.min_losses!r}."
            )
        return {
            "bounds": bounds,
            "logits": zeros,
            "first_moments": zeros,
            "second_moments": zeros,
            "n_updates": zeros,
        }

    def weigh(self, losses: Tensor, present: Tensor, state: State, *, seed: Seed) -> Tensor:  # noqa: ARG002
        """Return the scaled logarithms of the losses."""
        excess = _above(losses, state["bounds"])
        # softmax(w - log(L - b)) is c softmax(w) / (L - b)
        weights = masked_softmax(state["logits"] - ops.log(excess), present)
        return ops.stop_gradient(weights * excess) * ops.log(excess)

    def update(self, state: State, observation: StepObservation) -> State:
        """Return the state after one step of Adam on the logits."""
        before = ops.log(_above(observation.losses, state["bounds"]))
        after = ops.log(_above(observation.losses_after, state["bounds"]))
        known = ops.logical_and(observation.present, ops.isfinite(before - after))
        falls = ops.where(known, before - after, 0)
        shares = masked_softmax(state["logits"], known)
        gradient = shares * (falls - ops.sum(shares * falls))
        gradient = gradient + self.weight_decay * state["logits"]
        n_updates = state["n_updates"] + 1
        first = 0.9 * state["first_moments"] + 0.1 * gradient
        second = 0.999 * state["second_moments"] + 0.001 * gradient**2
        # 1 - decay ** n without the cancellation, which would cost four digits of float32
        bias_first, bias_second = (-ops.expm1(n_updates * np.log(x)) for x in (0.9, 0.999))
        direction = (first / bias_first) / (ops.sqrt(second / bias_second) + 1e-8)
        new = {
            "logits": state["logits"] - self.learning_rate * direction,
            "first_moments": first,
            "second_moments": second,
            "n_updates": n_updates,
        }
        moved = {name: ops.where(known, value, state[name]) for name, value in new.items()}
        return {**state, **moved}


def _above(losses, bounds):
    # Rounding may put a loss below its bound.
    return ops.maximum(losses - bounds, 0) + _EPSILON
