"""The equation of the fair and the bargaining methods: ``G w = w ** -power``."""

import numpy as np
from keras import ops

from skmtl.aggregation._gramian import cosines, matvec

_MAX_ITERATIONS = 100
_STEPS = 2.0 ** -np.arange(30)


def balance(gramian, usable, power, ridge):
    """Return positive weights with ``G w = w ** -power``, 0 where the gradient is 0.

    The weights minimise a strictly convex function, found by Newton's method on the weights in
    units of the inverse gradient norms, in which unequal tasks look alike.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        As from `prepare`.
    usable : tensor of bool, shape (n_tasks,)
    power : float
        > 0.
    ridge : float
        Added to the diagonal of the cosines; keeps the weights of opposite gradients finite.

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    squared = ops.diagonal(gramian)
    usable = ops.logical_and(usable, squared > 0)
    matrix, units = cosines(gramian, ridge)
    units = ops.where(usable, units, 1)
    # C x = k x ** -power with w = x / units.
    k = units ** (power - 1)

    def slope(x):
        return ops.matmul(x, matrix) - k * x**-power

    def is_unbalanced(iteration, x):
        error = ops.max(ops.abs(slope(x[None])[0]) * x**power / k)
        return ops.logical_and(iteration < _MAX_ITERATIONS, error > 1e-14)

    def newton(iteration, x):
        curvature = matrix + ops.diag(power * k * x ** (-power - 1))
        direction = -ops.linalg.solve(curvature, slope(x[None])[0][:, None])[:, 0]
        tried = x + ops.cast(_STEPS, gramian.dtype)[:, None] * direction
        inside = ops.all(tried > 0, axis=1)
        slopes = matvec(slope(ops.where(inside[:, None], tried, 1)), direction)
        # The minimum along the line is where the slope is 0; near the end that's the full step.
        best = ops.argmin(ops.where(inside, ops.abs(slopes), np.inf))
        # not tried[best]: XLA would compile anew for every value that the slice depends on
        return iteration + 1, ops.take(tried, best, axis=0)

    _, x = ops.while_loop(is_unbalanced, newton, (0, k ** (1 / (1 + power))))
    return ops.where(usable, x / units, 0)
