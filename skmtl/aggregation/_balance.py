"""The equation of the fair and the bargaining methods: ``G w = w ** -power``."""

from keras import ops

from skmtl.aggregation._gramian import MAX_ROUNDS, cosines, matvec

_TOLERANCE = 1e-14


def balance(gramian, power, ridge):
    """Return positive weights with ``G w = w ** -power``, 0 where the gradient is 0.

    The weights minimise a strictly convex function, found by Newton's method on the weights in
    units of the inverse gradient norms, in which unequal tasks look alike.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        As from `prepare`.
    power : float
        > 0.
    ridge : float
        Added to the diagonal of the cosines; keeps the weights of opposite gradients finite.

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    matrix, units = cosines(gramian, ridge)
    # With w = x / units the equation is C x = s (s / x) ** power; orthogonal gradients have x = s.
    start = units ** ((power - 1) / (power + 1))

    def sides(x):
        return matvec(matrix, x), start * (start / x) ** power

    def is_unbalanced(x):
        left, right = sides(x)
        return ops.any(ops.abs(left - right) > _TOLERANCE * matvec(ops.abs(matrix), x))

    def newton(x):
        left, right = sides(x)
        curvature = matrix + ops.diag(power * right / x)
        change = ops.linalg.solve(curvature, (right - left)[:, None])[:, 0] / x
        # The curvature grows as x falls: along the line by (1 - step * fall) ** -(power + 1) at
        # most. Where the slope under this bound is 0, all x are positive, and the function, which
        # has its minimum farther on, has fallen. Near the solution that is the full step.
        fall = ops.max(-change)
        fall = ops.where(fall > _TOLERANCE, fall, _TOLERANCE)
        bound = max(power, 1)
        step = -ops.expm1(-ops.log1p(bound * fall) / bound) / fall
        return (x * (1 + step * change),)

    x = ops.while_loop(is_unbalanced, newton, (start,), maximum_iterations=MAX_ROUNDS)[0]
    return ops.where(ops.diagonal(gramian) > 0, x / units, 0)
