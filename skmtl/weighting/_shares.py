"""Equal shares of the tasks present."""

from keras import ops


def equal_shares(present, like):
    """Return ``1 / n`` for each of the ``n`` tasks present, 0 for the others.

    Parameters
    ----------
    present : tensor of bool, shape (n_tasks,)
    like : tensor
        The result is of its dtype.

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    return ops.where(present, 1 / ops.sum(ops.cast(present, like.dtype)), 0)
