"""What the aggregators share: a clean Gramian in, guarded weights out.

A Gramian has ``n_tasks ** 2`` entries, so its problems are solved in float64 whatever the
network's dtype: that costs nothing and makes ill-conditioned Gramians (collinear or very unequal
gradients) harmless. What the Gramian's own rounding allows to be known is `rounding`.

On PyTorch Keras' `matmul`, `maximum` and `norm` return float32, also for float64: products are
written with ``@``, and the others with operations that keep the dtype.
"""

import keras
import numpy as np
from keras import ops

# Steps of a loop that are compiled one by one, which is sooner than a loop of few steps.
MOST_UNROLLED = 8

# Ends the search for a solution that rounding keeps from being recognised.
MAX_ROUNDS = 100

# Stands for the squared norm of a gradient that is 0, in units of the Gramian's trace.
_TINY = 1e-30


def _working_dtype():
    # JAX has no float64 unless it is switched on for the whole process.
    return "float32" if keras.config.backend() == "jax" else "float64"


def prepare(gramian, present):
    """Return the Gramian of the usable tasks in units of its trace.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
    present : tensor of bool, shape (n_tasks,)

    Returns
    -------
    gramian : tensor of float64, shape (n_tasks, n_tasks)
        Divided by the trace; rows and columns of tasks that are absent, or whose gradient is not
        finite, are 0.
    usable : tensor of bool, shape (n_tasks,)
    trace : tensor of float64, shape ()
        Sum of the squared gradient norms; a tiny number if they are all 0.
    """
    usable = ops.logical_and(present, ops.isfinite(ops.diagonal(gramian)))
    both = ops.logical_and(usable[:, None], usable[None, :])
    gramian = ops.cast(ops.where(both, gramian, 0), _working_dtype())
    trace = nonzero(ops.trace(gramian))
    return gramian / trace, usable, trace


def finish(weights, usable, gramian):
    """Return the weights of the usable tasks, 0 for the others, in the Gramian's dtype."""
    return ops.cast(ops.where(usable, weights, 0), gramian.dtype)


def rounding(gramian):
    """Return the relative accuracy of a Gramian's entries, given the Gramian as it came in."""
    n_tasks, _ = gramian.shape
    eps = float(np.finfo(keras.backend.standardize_dtype(gramian.dtype)).eps)
    return max(n_tasks * eps, 1e-13)


def nonzero(values):
    """Return values that are not negative, those that are 0 so small that they can just divide."""
    dtype = keras.backend.standardize_dtype(values.dtype)
    return ops.where(values > 0, values, ops.convert_to_tensor(np.finfo(dtype).tiny, dtype=dtype))


def matvec(matrix, vector):
    """Return the product; the operator ``@`` fails on a vector in a TensorFlow graph."""
    return (matrix @ vector[:, None])[:, 0]


def cosines(gramian, ridge):
    """Return the Gramian in units of the gradients' lengths, made positive definite.

    In these units very unequal tasks look alike. Rounding can leave the Gramian of dependent
    gradients with negative eigenvalues, where minimisation has no solution: the diagonal is
    raised by as much.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
    ridge : float
        Added to the diagonal.

    Returns
    -------
    cosines : tensor of shape (n_tasks, n_tasks)
        1 (and the ridge) on the diagonal up to rounding, also for a gradient of 0.
    units : tensor of shape (n_tasks,)
        The lengths; a tiny number for a gradient of 0.
    """
    identity = ops.eye(*gramian.shape, dtype=gramian.dtype)
    squared = ops.diagonal(gramian)
    is_there = squared > 0
    units = ops.sqrt(ops.where(is_there, squared, _TINY))
    # where, not the quotient alone: XLA divides by the product of all divisors, which may be 0
    both = ops.logical_and(is_there[:, None], is_there[None, :])
    products = ops.where(both, gramian / (units[:, None] * units[None, :]), 0)
    raw = ops.where(identity > 0, 1, products)
    # Only the smallest eigenvalue is used: XLA computes them to 1e-7, which else would show.
    lowest = ops.min(ops.linalg.eigh(raw)[0])
    return raw + (ridge + ops.relu(-lowest)) * identity, units


def eigenpairs(gramian, tolerance):
    """Return eigenvalues, eigenvectors, and which eigenvalues are not 0.

    Parameters
    ----------
    gramian : tensor of shape (n_tasks, n_tasks)
    tolerance : float
        As from `rounding`; eigenvalues up to this part of the largest count as 0.

    Returns
    -------
    values : tensor of shape (n_tasks,)
        In ascending order.
    vectors : tensor of shape (n_tasks, n_tasks)
        In columns.
    kept : tensor of bool, shape (n_tasks,)
    """
    values, vectors = ops.linalg.eigh(gramian)
    return values, vectors, values > tolerance * ops.max(values)


def random_orders(n_tasks, seed):
    """Return one random order of the tasks for each task, of shape (n_tasks, n_tasks)."""
    return ops.argsort(keras.random.uniform((n_tasks, n_tasks), seed=seed), axis=1)


def repeated(n_times, step, carried):
    """Return ``carried`` after ``carried = step(i, carried)`` for ``i`` from 0 to ``n_times - 1``.

    Of a long loop one step is compiled, of a short one each.
    """
    if n_times > MOST_UNROLLED:
        return ops.fori_loop(0, n_times, step, carried)
    for i in range(n_times):
        carried = step(i, carried)
    return carried


def finite_rows(gradients, present):
    """Return the task gradients with 0 for those not usable, and which are usable."""
    finite = ops.all(ops.isfinite(gradients), axis=1)
    usable = ops.logical_and(present, finite)
    return ops.where(usable[:, None], gradients, 0), usable
