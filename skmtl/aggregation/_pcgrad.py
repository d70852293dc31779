"""Projecting conflicting gradients."""

from keras import ops

from skmtl._runtime.types import Seed, State, Stateful, Tensor
from skmtl.aggregation._base import GradientAggregator
from skmtl.aggregation._gramian import finish, prepare, random_orders, repeated


def project_conflicts(gramian, orders):
    """Return each task's projected gradient as coefficients of the task gradients.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
    orders : tensor of int, shape (n_tasks, n_tasks)
        Row ``i``: the order in which task ``i`` meets the tasks (itself is skipped).

    Returns
    -------
    tensor of shape (n_tasks, n_tasks)
        Row ``i``: the coefficients of task ``i``'s gradient after the projections.
    """
    n_tasks, _ = gramian.shape
    own = ops.eye(n_tasks, dtype=gramian.dtype)

    def project(step, coefficients):
        met = ops.take(orders, step, axis=1)
        met = ops.one_hot(met, n_tasks, dtype=gramian.dtype) * (1 - own)
        inner = ops.sum((coefficients @ gramian) * met, axis=1)
        squared = ops.sum(ops.diagonal(gramian) * met, axis=1)
        factor = ops.where(inner < 0, inner / squared, 0)
        return coefficients - factor[:, None] * met

    return repeated(n_tasks, project, own)


class PCGrad(GradientAggregator):
    """Remove from each task gradient what points against another task gradient; sum the rest.

    For each task ``i``, in a random order of the other tasks ``j``: where ``p_i . g_j < 0``,
    ``p_i <- p_i - (p_i . g_j / |g_j|^2) g_j``, starting with ``p_i = g_i``. The gradient of the
    shared variables is ``sum_i p_i``.

    Notes
    -----
    Cost: one backward pass per task. Each task's gradient is projected as a whole, over all shared
    variables, against the original gradients of the others.

    References
    ----------
    Yu, Kumar, Gupta, Levine, Hausman & Finn (2020). Gradient surgery for multi-task learning.
    NeurIPS. arXiv:2001.06782.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> from skmtl.aggregation import PCGrad
    >>> gradients = np.array([[1.0, 0.0], [-1.0, 1.0]])
    >>> gramian = gradients @ gradients.T
    >>> seed = keras.random.SeedGenerator(0)
    >>> weights, _ = PCGrad().weigh(gramian, np.array([True, True]), {}, seed=seed)
    >>> [round(float(weight), 6) for weight in weights]
    [2.0, 1.5]
    """

    def weigh(self, gramian: Tensor, present: Tensor, state: State, *, seed: Seed) -> Stateful:
        """Return how often each gradient is in the sum of the projected ones."""
        clean, usable, _ = prepare(gramian, present)
        n_tasks, _ = clean.shape
        orders = random_orders(n_tasks, seed)
        coefficients = ops.where(usable[:, None], project_conflicts(clean, orders), 0)
        return finish(ops.sum(coefficients, axis=0), usable, gramian), state
