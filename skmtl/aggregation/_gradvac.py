"""Gradient vaccine."""

import numpy as np
from keras import config, ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._gramian import finish, prepare, random_orders, repeated


def vaccinate(gramian, orders, goals, beta):
    """Return each task's changed gradient as coefficients of the task gradients, and new goals.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
    orders : tensor of int, shape (n_tasks, n_tasks)
        Row ``i``: the order in which task ``i`` meets the tasks (itself is skipped).
    goals : tensor of shape (n_tasks, n_tasks)
        Row ``i``: the cosine that task ``i`` seeks with each other task.
    beta : float
        Weight of a new cosine in the goals.

    Returns
    -------
    coefficients : tensor of shape (n_tasks, n_tasks)
    goals : tensor of shape (n_tasks, n_tasks)
    """
    n_tasks, _ = gramian.shape
    norms = ops.sqrt(ops.diagonal(gramian))
    own = ops.eye(n_tasks, dtype=gramian.dtype)

    def turn_towards(step, carried):
        coefficients, goals = carried
        met = ops.take(orders, step, axis=1)
        met = ops.one_hot(met, n_tasks, dtype=gramian.dtype) * (1 - own)
        images = coefficients @ gramian
        norm = ops.sqrt(ops.relu(ops.sum(images * coefficients, axis=1)))
        other_norm = ops.sum(norms * met, axis=1)
        product = norm * other_norm
        cosine = ops.sum(images * met, axis=1) / product
        goal = ops.sum(goals * met, axis=1)
        sine, goal_sine = (ops.sqrt(ops.relu(1 - c**2)) for c in (cosine, goal))
        # The sine of the angle from the goal; negative where the cosine is beyond it.
        turn = ops.relu(goal * sine - cosine * goal_sine)
        factor = ops.where(product * goal_sine > 0, norm * turn / (other_norm * goal_sine), 0)
        coefficients = coefficients + factor[:, None] * met
        # Without a direction on both sides there is no cosine.
        goals = goals + ops.where(product > 0, beta * (cosine - goal), 0)[:, None] * met
        return coefficients, goals

    return repeated(n_tasks, turn_towards, (own, goals))


class GradVac(GradientAggregator):
    """Turn each task gradient towards the others, up to their usual cosine; sum the results.

    For each task ``i``, in a random order of the other tasks ``j``: with the cosine ``c`` between
    ``p_i`` and ``g_j`` and the goal ``t_ij``, where ``c < t_ij``, ``p_i <- p_i + |p_i| (t_ij
    sqrt(1 - c^2) - c sqrt(1 - t_ij^2)) / (|g_j| sqrt(1 - t_ij^2)) g_j``, starting with ``p_i =
    g_i``. Then ``t_ij <- (1 - beta) t_ij + beta c``, starting at 0.

    Parameters
    ----------
    beta : float, default=0.01
        In [0, 1]: weight of a new cosine in the running mean. 0 is `PCGrad`. Other libraries
        default to 0.5.

    Notes
    -----
    Cost: one backward pass per task. The goals are kept for all shared variables together, not per
    layer. A pair with an absent task or a gradient of 0 keeps its goal.

    References
    ----------
    Wang, Tsvetkov, Firat & Cao (2021). Gradient vaccine: investigating and improving multi-task
    optimization in massively multilingual models. ICLR. arXiv:2010.05874.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> from skmtl.aggregation import GradVac
    >>> gradvac = GradVac(beta=0.1)
    >>> gradients = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> weights, state = gradvac.weigh(
    ...     gradients @ gradients.T,
    ...     np.array([True, True]),
    ...     gradvac.initial_state(2),
    ...     seed=keras.random.SeedGenerator(0),
    ... )
    >>> [float(weight) for weight in weights], round(float(state["goals"][0, 1]), 4)
    ([1.0, 1.0], 0.0707)
    """

    def __init__(self, *, beta: float = 0.01) -> None:
        self.beta = beta

    def initial_state(self, n_tasks: int) -> State:
        """Return goals of 0; raise ValueError if `beta` is out of range."""
        as_number("beta", self.beta, low=0, high=1)
        return {"goals": np.zeros((n_tasks, n_tasks), dtype=config.floatx())}

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:
        """Return how often each gradient is in the sum of the changed ones, and the new goals."""
        clean, usable, _ = prepare(gramian, present)
        goals = ops.cast(state["goals"], clean.dtype)
        n_tasks, _ = clean.shape
        orders = random_orders(n_tasks, seed)
        coefficients, goals = vaccinate(clean, orders, goals, self.beta)
        weights = ops.sum(ops.where(usable[:, None], coefficients, 0), axis=0)
        return finish(weights, usable, gramian), {"goals": ops.cast(goals, state["goals"].dtype)}
