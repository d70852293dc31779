"""Small convex problems over coefficients that may not be negative.

All are one problem: find ``x >= 0`` with ``G x + q >= 0`` where every task has ``x_i = 0`` or ``(G
x + q)_i = 0``. Once it is known which coefficients are positive, a linear system gives them; the
set is guessed and corrected until nothing is wrong, which takes a few rounds.
"""

from keras import ops

from skmtl.aggregation._gramian import cosines

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
    n_tasks = matrix.shape[0]
    identity = ops.eye(n_tasks, dtype=matrix.dtype)

    def solve(free):
        inside = ops.logical_and(free[:, :, None], free[:, None, :])
        right = ops.where(free, -slopes, 0)[:, :, None]
        return ops.linalg.solve(ops.where(inside, matrix, identity), right)[:, :, 0]

    def find_wrong(free, x):
        size = ops.max(ops.abs(x), axis=1, keepdims=True)
        rounding = _TOLERANCE * (ops.abs(slopes) + ops.matmul(ops.abs(x), ops.abs(matrix)))
        falls = ops.matmul(x, matrix) + slopes
        return ops.where(free, x < -_TOLERANCE * size, falls < -rounding)

    def is_open(_, wrong, *__):
        return ops.any(wrong)

    def exchange(free, wrong, fewest, patience, x):
        # All wrong tasks change sides together. Where that stops helping, only the last one does:
        # slower, but it cannot go in circles (Murty's rule).
        count = ops.sum(ops.cast(wrong, "int32"), axis=1)
        patience = ops.where(count < fewest, 3, patience - 1)
        seen_from_end = ops.flip(ops.cumsum(ops.flip(ops.cast(wrong, "int32"), 1), axis=1), 1)
        is_last = ops.logical_and(wrong, seen_from_end == 1)
        free = ops.logical_xor(free, ops.where(patience[:, None] > 0, wrong, is_last))
        x = solve(free)
        return free, find_wrong(free, x), ops.minimum(count, fewest), patience, x

    free = slopes < 0
    x = solve(free)
    counts = ops.sum(ops.cast(ops.ones_like(free), "int32"), axis=1)
    start = (free, find_wrong(free, x), counts + 1, 0 * counts + 3, x)
    x = ops.while_loop(is_open, exchange, start, maximum_iterations=20 * n_tasks)[4]
    return ops.maximum(x, 0)


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
    total = ops.sum(x)
    return x / ops.where(total > 0, total, 1)


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
    slopes = ops.matmul(targets, gramian) / units
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
    products = ops.matmul(start[None], gramian)[0]

    def cheapest(level):
        """Return the shortest change that lifts all products to a level, and its length."""
        slopes = ops.where(usable, products - level, 0) / units
        x = solve_complementarity(matrix, slopes[None])
        return x[0] / units, ops.sqrt(ops.sum(x * ops.matmul(x, matrix)))

    def is_open(is_done, *_):
        return ops.logical_not(is_done)

    def newton(_, low, level, high, x):
        x, length = cheapest(level)
        is_done = ops.abs(length - radius) <= _TOLERANCE * radius
        low = ops.where(length < radius, level, low)
        high = ops.where(length < radius, high, level)
        # The length is a convex function of the level, with slope sum(x) / length.
        total = ops.sum(x)
        step = (length - radius) * length / ops.where(total > 0, total, 1)
        # Near opposite gradients the slope is ill-conditioned: never leave the bracket.
        is_inside = ops.logical_and(level - step > low, level - step < high)
        middle = ops.where(ops.isfinite(low), 0.5 * (low + high), high)
        return is_done, low, ops.where(is_inside, level - step, middle), high, x

    # No level is reachable that is out of reach for one task by itself.
    highest = ops.min(ops.where(usable, products + radius * units, float("inf")))
    highest = ops.where(ops.isfinite(highest), highest, 0)
    state = (radius < 0, highest - float("inf"), highest, highest, ops.zeros_like(start))
    return ops.while_loop(is_open, newton, state, maximum_iterations=60)[4]
