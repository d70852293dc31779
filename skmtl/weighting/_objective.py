"""How a scalar objective of all losses becomes one term per task."""

from keras import ops


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
    weights = ops.stop_gradient(weights)
    weighted = weights * losses
    n_present = ops.maximum(ops.sum(ops.cast(present, losses.dtype)), 1)
    rest = ops.stop_gradient((objective - ops.sum(ops.where(present, weighted, 0))) / n_present)
    return ops.where(present, weighted + rest, 0)


def masked_softmax(logits, present):
    """Return the softmax over the tasks present, 0 for the others."""
    highest = ops.max(ops.where(present, logits, -float("inf")))
    highest = ops.where(ops.isfinite(highest), highest, 0)
    # Absent logits become 0 before exp, so that no gradient is 0 * inf.
    shares = ops.where(present, ops.exp(ops.where(present, logits - highest, 0)), 0)
    return shares / ops.maximum(ops.sum(shares), 1e-30)
