"""Fair resource allocation."""

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._balance import balance
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._gramian import finish, prepare, rounding


class FairGrad(GradientAggregator):
    """Share the improvement fairly: maximise the sum of the tasks' alpha-fair utilities.

    The utility of task ``i`` is ``(d . g_i)^(1 - alpha) / (1 - alpha)``, its logarithm for ``alpha
    = 1``. The direction is ``sum_i w_i g_i`` with positive weights that solve ``G w = w^(-1 /
    alpha)``.

    Parameters
    ----------
    alpha : float, default=1.0
        > 0. 1 is proportional fairness, as in `NashMTL`; the larger, the more the worst task
        counts. The paper uses 1 to 10.

    Notes
    -----
    Cost: one backward pass per task. Solved by Newton's method where the authors' code uses a
    least-squares solver. The weights scale as the gradients to the power ``-2 alpha / (1 +
    alpha)``: the length of the result hardly depends on the gradients' lengths, which suits Adam
    better than plain gradient descent. A task whose gradient is 0 gets weight 0.

    References
    ----------
    Ban & Ji (2024). Fair resource allocation in multi-task learning. ICML. arXiv:2402.15638.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.aggregation import FairGrad
    >>> gradients = np.array([[4.0, 0.0], [0.0, 1.0]])
    >>> gramian = gradients @ gradients.T
    >>> weights, _ = FairGrad(alpha=1.0).weigh(gramian, np.array([True, True]), {}, seed=None)
    >>> [round(float(weight), 6) for weight in weights]
    [0.25, 1.0]
    """

    def __init__(self, *, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def initial_state(self, n_tasks: int) -> State:  # noqa: ARG002
        """Return nothing; raise ValueError if `alpha` is not positive."""
        as_number("alpha", self.alpha, low=0, closed="neither")
        return {}

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:  # noqa: ARG002
        """Return the weights of the fair direction."""
        clean, usable, trace = prepare(gramian, present)
        weights = balance(clean, 1 / self.alpha, rounding(gramian))
        weights = weights * trace ** (-self.alpha / (1 + self.alpha))
        return finish(weights, usable, gramian), state
