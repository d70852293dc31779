"""How a scalar objective of all losses becomes one term per task."""

import numpy as np
from keras import ops

from skmtl.weighting._shares import equal_shares


def terms(objective, weights, losses, present):
    """Return terms whose sum is the objective and whose gradients are the weights.

    Every term depends on its own task's loss alone, so that gradient aggregators still see one
    gradient per task.

    Parameters
    ----------
    objective : tensor of shape ()
    weights : tensor of shape (n_tasks,)
        The derivatives of the objective by the losses; 0 for absent tasks.
    losses : tensor of shape (n_tasks,)
    present : tensor of bool, shape (n_tasks,)

    Returns
    -------
    tensor of shape (n_tasks,)
    """
    weighted = ops.stop_gradient(weights) * losses
    rest = ops.stop_gradient(objective - ops.sum(weighted))
    return ops.where(present, weighted + rest * equal_shares(present, losses), 0)


def masked_softmax(logits, present):
    """Return the softmax over the tasks present, 0 for the others."""
    logits = ops.where(present, logits, -np.inf)
    shares = ops.exp(logits - ops.max(logits))
    # not 0 / 0 where no task is present
    return ops.where(present, shares / ops.sum(shares), 0)
