"""The masked task losses of a batch."""

from keras import ops

from skmtl.labels import ClassLabels


def task_losses(logits, codes, weights):
    """Return loss, number of labelled rows and number of correct rows of every task.

    The loss of a task is the weighted cross-entropy summed over its labelled rows and divided by
    their number:

    .. math:: L_t = \\frac{\\sum_i w_{it}\\, \\mathrm{CE}(y_{it}, z_{it})}{|\\{i : w_{it} > 0\\}|}

    so a row without a label changes nothing, and a row of weight 2 counts like two steps.

    Parameters
    ----------
    logits : list of tensor of shape (n_rows, n_classes)
        One per task.
    codes : tensor of int, shape (n_rows, n_tasks)
        Class codes; -1 where the label is missing.
    weights : tensor of shape (n_rows, n_tasks)
        Label weights; 0 where the label is missing.

    Returns
    -------
    losses : list of scalar tensor
        One per task, kept apart so that each can be differentiated through its own head alone;
        0 for a task without a labelled row.
    n_labelled, n_correct : tensor of shape (n_tasks,)
    """
    losses, n_labelled, n_correct = [], [], []
    for task, z in enumerate(logits):
        z = ops.cast(z, "float32")
        code = ops.maximum(codes[:, task], 0)
        weight = weights[:, task]
        labelled = weight > 0
        row_losses = ClassLabels.row_losses(z, code)
        count = ops.sum(ops.cast(labelled, "float32"))
        # where, not a product with 0: an infinite loss of an unlabelled row must not leak
        total = ops.sum(ops.where(labelled, row_losses * weight, 0.0))
        losses.append(total / ops.maximum(count, 1.0))
        n_labelled.append(count)
        hit = ClassLabels.row_hits(z, code)
        n_correct.append(ops.sum(ops.cast(ops.logical_and(hit, labelled), "float32")))
    return losses, ops.stack(n_labelled), ops.stack(n_correct)
