"""Small convex problems solved exactly, by trying every set of tasks.

A solution of these problems is fixed by its support, the tasks with a positive coefficient: on
the support a linear system holds. With few tasks all supports together are one batch of small
systems, without branches and iterations, and the solution is the best of them.
"""

import itertools

import numpy as np
from keras import ops

from ._gramian import matvec

MAX_TASKS = 8  # 255 supports
# Makes the systems of dependent gradients solvable; far below any Gramian's own accuracy.
_RIDGE = 1e-13


def supports(n_tasks):
    """Return every non-empty set of tasks as a row of bool, large sets first."""
    rows = itertools.product([True, False], repeat=n_tasks)
    return np.array(sorted(rows, key=sum, reverse=True)[:-1])


def _systems(gramian, supports):
    """Return the Gramian of each support, with the identity on the other tasks."""
    n_tasks = gramian.shape[0]
    inside = supports[:, :, None] & supports[:, None, :]
    ridge = _RIDGE * np.eye(n_tasks)
    return ops.where(inside, gramian + ridge, np.eye(n_tasks))


def _solve(systems, right):
    return ops.squeeze(ops.linalg.solve(systems, right[:, :, None]), axis=2)


def _to_simplex(candidates, usable):
    """Return the candidates' positive parts with sum 1; 0 stays 0."""
    candidates = ops.where(usable, ops.maximum(candidates, 0), 0)
    total = ops.sum(candidates, axis=1, keepdims=True)
    return candidates / ops.where(total > 0, total, 1)


def min_norm(gramian, usable):
    """Return the weights on the simplex that minimise ``w . G w``.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        As from `prepare`.
    usable : tensor of bool, shape (n_tasks,)

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    candidates = _min_norm_candidates(gramian, supports(gramian.shape[0]), usable)
    images = ops.matmul(candidates, gramian)
    values = ops.sum(candidates * images, axis=1)
    # How far the convex problem's value can still fall: 0 at the solution.
    gaps = values - ops.min(ops.where(usable, images, np.inf), axis=1)
    return _best(candidates, gaps)


def worst_case(gramian, usable, mean, radius):
    """Return the weights on the simplex that minimise ``w . G mean + radius sqrt(w . G w)``.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
        As from `prepare`.
    usable : tensor of bool, shape (n_tasks,)
    mean : tensor of shape (n_tasks,)
    radius : tensor of shape ()

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    sets = supports(gramian.shape[0])
    inside = ops.cast(sets, gramian.dtype)
    systems = _systems(gramian, sets)
    target = matvec(gramian, mean)
    # With the correction x = radius w / |g_w|, all tasks of the support improve equally, by m:
    # G (mean + x) = m, so x = m a - b; m follows from x . G x = radius^2.
    a = _solve(systems, inside)
    b = _solve(systems, inside * target)
    a_image, b_image = ops.matmul(a, gramian), ops.matmul(b, gramian)
    aa = ops.sum(a * a_image, axis=1)
    ab = ops.sum(a * b_image, axis=1)
    bb = ops.sum(b * b_image, axis=1)
    root = ops.sqrt(ops.maximum(ab**2 - aa * (bb - radius**2), 0))
    m = (ab + root) / ops.where(aa > 0, aa, 1)
    corrections = _to_simplex(m[:, None] * a - b, usable)
    # Where the tasks' gradients can cancel, the support of the shortest combination counts too.
    candidates = ops.concatenate([corrections, _min_norm_candidates(gramian, sets, usable)])
    squared = ops.sum(candidates * ops.matmul(candidates, gramian), axis=1)
    values = matvec(candidates, target) + radius * ops.sqrt(ops.maximum(squared, 0))
    return _best(candidates, values)


def _min_norm_candidates(gramian, sets, usable):
    ones = ops.cast(sets, gramian.dtype)
    return _to_simplex(_solve(_systems(gramian, sets), ones), usable)


def _best(candidates, values):
    """Return the candidate of the smallest value, among those that are not 0."""
    empty = ops.sum(candidates, axis=1) <= 0
    return candidates[ops.argmin(ops.where(empty, np.inf, values))]


def dual_cone(gramian, targets):
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
    sets = supports(gramian.shape[0])
    slopes = ops.matmul(gramian, ops.transpose(targets))
    inside = ops.cast(sets, gramian.dtype)[:, :, None]
    raises = ops.linalg.solve(_systems(gramian, sets), -inside * slopes)
    raises = ops.concatenate([raises, ops.zeros_like(slopes)[None]])  # the empty support
    # Complementarity: every coefficient is raised, or its task doesn't gain by it.
    violations = ops.abs(ops.minimum(raises, ops.matmul(gramian, raises) + slopes))
    best = ops.argmin(ops.max(violations, axis=1), axis=0)
    chosen = ops.one_hot(best, len(sets) + 1, axis=0, dtype=gramian.dtype)
    # One-hot products, because gathering with one index per target differs between backends.
    raised = ops.sum(chosen[:, None, :] * raises, axis=0)
    return targets + ops.maximum(ops.transpose(raised), 0)
