"""Small convex problems over coefficients that may not be negative.

All are one problem: find ``x >= 0`` with ``G x + q >= 0`` where every task has ``x_i = 0`` or ``(G
x + q)_i = 0``. Once it is known which coefficients are positive, a linear system gives them; the
set is guessed and corrected until nothing is wrong, which takes a few rounds.
"""

import numpy as np
from keras import ops

from skmtl.aggregation._gramian import MAX_ROUNDS, cosines, matvec

_TOLERANCE = 1e-12


def solve_complementarity(matrix, slopes):
    """Return ``x >= 0`` with ``G x + q >= 0``, one of both being 0 for every task.

    Parameters
    ----------
    matrix : tensor of shape (n_tasks, n_tasks)
        ``G``, symmetric and positive definite, with a diagonal of about 1.
    slopes : tensor of shape (n_problems, n_tasks)
        The vectors ``q``.

    Returns
    -------
    tensor of shape (n_problems, n_tasks)
    """
    n_tasks, _ = matrix.shape
    identity = ops.eye(n_tasks, dtype=matrix.dtype)

    def solve(free):
        inside = ops.logical_and(free[:, :, None], free[:, None, :])
        right = ops.where(free, -slopes, 0)[:, :, None]
        return ops.linalg.solve(ops.where(inside, matrix, identity), right)[:, :, 0]

    def find_wrong(free, x):
        falls = x @ matrix + slopes
        size = ops.max(ops.abs(x), axis=1, keepdims=True)
        terms = ops.abs(x) @ ops.abs(matrix) + ops.abs(slopes)
        return ops.where(free, x, falls) < -_TOLERANCE * ops.where(free, size, terms)

    def is_open(_, wrong, *__):
        return ops.any(wrong)

    def exchange(free, wrong, fewest, x):
        # All wrong tasks change sides together while they become fewer. Where that stops helping,
        # only the first one does: slower, but it cannot go in circles (Murty's rule).
        count = ops.sum(ops.cast(wrong, x.dtype), axis=1)
        first = ops.one_hot(ops.argmax(ops.cast(wrong, "int32"), axis=1), n_tasks, dtype="bool")
        changing = ops.logical_or((count < fewest)[:, None], first)
        free = ops.logical_xor(free, ops.logical_and(wrong, changing))
        x = solve(free)
        return free, find_wrong(free, x), ops.minimum(count, fewest), x

    x = ops.zeros_like(slopes)
    free = ops.cast(x, "bool")
    start = (free, find_wrong(free, x), ops.full(slopes.shape[:1], np.inf, dtype=x.dtype), x)
    rounds = MAX_ROUNDS * n_tasks
    x = ops.while_loop(is_open, exchange, start, maximum_iterations=rounds)[-1]
    return ops.relu(x)


def min_norm(gramian, usable, ridge):
    """Return the weights on the simplex that minimise ``w . G w``.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        As from `prepare`.
    usable : tensor of bool, shape (n_tasks,)
    ridge : float
        As in `cosines`; as large as the Gramian's rounding.

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    # The minimiser of x . G x / 2 - sum(x) points the same way.
    matrix, units = cosines(gramian, ridge)
    x = solve_complementarity(matrix, -ops.cast(usable, matrix.dtype)[None] / units)[0] / units
    return x / ops.sum(x)


def project_on_dual_cone(gramian, targets):
    """Return the coefficients of the nearest combinations that conflict with no task.

    For each target ``u`` the minimiser of ``v . G v`` subject to ``v >= u``: the projection of
    ``sum_i u_i g_i`` onto the vectors with a non-negative product with every ``g_i``.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        Positive definite.
    targets : tensor of shape (n_targets, n_tasks)

    Returns
    -------
    tensor of shape (n_targets, n_tasks)
    """
    matrix, units = cosines(gramian, 0.0)
    slopes = targets @ gramian / units
    return targets + solve_complementarity(matrix, slopes) / units


def raise_worst(gramian, usable, start, radius, ridge):
    """Return the change of a combination that raises its smallest product most.

    Maximises ``min_i (G (start + x))_i`` subject to ``x . G x <= radius^2``.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        As from `prepare`.
    usable : tensor of bool, shape (n_tasks,)
    start : tensor of shape (n_tasks,)
    radius : tensor of shape ()
    ridge : float
        As in `cosines`; as large as the Gramian's rounding.

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    matrix, units = cosines(gramian, ridge)
    products = matvec(gramian, start)

    def cheapest(level):
        """Return the length of the shortest change that lifts all products to a level, and it."""
        slopes = ops.where(usable, products - level, 0) / units
        x = solve_complementarity(matrix, slopes[None])
        return ops.sqrt(ops.sum(x * (x @ matrix))), x[0] / units

    def is_open(length, *_):
        return ops.abs(length - radius) > _TOLERANCE * radius

    def newton(_, __, low, level, high):
        length, x = cheapest(level)
        is_short = length < radius
        low, high = ops.where(is_short, level, low), ops.where(is_short, high, level)
        # The length is a convex function of the level, with slope sum(x) / length. Near opposite
        # gradients the slope is ill-conditioned, or not a number: never leave the bracket.
        level = level - (length - radius) * length / ops.sum(x)
        is_inside = ops.logical_and(level > low, level < high)
        return length, x, low, ops.where(is_inside, level, (low + high) / 2), high

    # The lowest product needs no change; more than a task reaches by itself is out of reach.
    low = ops.min(ops.where(usable, products, np.inf))
    high = ops.min(ops.where(usable, products + radius * units, np.inf))
    start = (ops.full((), np.inf, dtype=low.dtype), ops.zeros_like(products), low, high, high)
    return ops.while_loop(is_open, newton, start, maximum_iterations=MAX_ROUNDS + 1)[1]
