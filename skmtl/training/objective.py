"""The masked task losses of a batch."""

from keras import ops

from skmtl.labels import target_slices


def task_losses(heads, outputs, targets, weights):
    """Return loss, number of labelled rows and statistics of the score of every task.

    The loss of a task is the sum of the weighted losses of its labelled rows, divided by their
    number:

    .. math:: L_t = \\frac{\\sum_i w_{it}\\, \\ell_t(y_{it}, z_{it})}{|\\{i : w_{it} > 0\\}|}

    so a row without a label changes nothing, and a row of weight 2 counts like two steps. Where
    branches are weighted, the loss of a row is the mean over the branches that it has of the loss
    of each branch alone: every branch learns as if there were no other.

    Parameters
    ----------
    heads : sequence of Head
        One per task; they give the loss of a row.
    outputs : list of tensor
        Of `Network.joint`: logits of shape (n_rows, n_outputs) of each task, and after them those
        of its branches, if these are weighted.
    targets : tensor of float32, shape (n_rows, n_targets)
        The columns of one task after the other; any finite number where the label is missing.
    weights : tensor of shape (n_rows, n_tasks)
        Label weights; 0 where the label is missing.

    Returns
    -------
    losses : list of scalar tensor
        One per task, kept apart so that each can be differentiated through its own head alone;
        0 for a task without a labelled row.
    n_labelled : tensor of shape (n_tasks,)
    statistics : tensor of shape (n_tasks, n_statistics)
        Sums over the labelled rows; 0 beyond those that a task has.
    """
    losses, n_labelled, statistics = [], [], []
    logits, branches = with_branches(outputs, len(heads))
    n_statistics = max(head.n_statistics for head in heads)
    for task, (head, z, columns) in enumerate(
        zip(heads, logits, target_slices(heads), strict=True)
    ):
        z = ops.cast(z, "float32")
        target, weight = targets[:, columns], weights[:, task]
        labelled = weight > 0
        count = ops.sum(ops.cast(labelled, "float32"))
        # where, not a product with 0: an infinite loss of an unlabelled row must not leak
        if branches:
            row_losses = _mean_over_branches(head, *branches[task], target)
        else:
            row_losses = head.row_losses(z, target)
        total = ops.sum(ops.where(labelled, row_losses * weight, 0.0))
        losses.append(total / ops.maximum(count, 1.0))
        n_labelled.append(count)
        rows = head.row_statistics(z, target)
        sums = [ops.sum(ops.where(labelled, row, 0.0)) for row in rows]
        statistics += sums + [ops.zeros(())] * (n_statistics - len(sums))
    statistics = ops.reshape(ops.stack(statistics), (len(heads), n_statistics))
    return losses, ops.stack(n_labelled), statistics


def with_branches(outputs, n_tasks):
    """Return the logits of each task, and for each task those of its branches with their flags.

    Parameters
    ----------
    outputs : list of tensor
        Of `Network.joint`.
    n_tasks : int
        Number of tasks.

    Returns
    -------
    logits : list of tensor of shape (n_rows, n_outputs)
    branches : list of (list of tensor of shape (n_rows, n_outputs), tensor (n_rows, n_branches))
        Empty where branches are not weighted.
    """
    logits, rest = outputs[:n_tasks], outputs[n_tasks:]
    if not rest:
        return logits, []
    *terms, flags = rest
    n_branches = len(terms) // n_tasks
    starts = range(0, len(terms), n_branches)
    return logits, [(terms[i : i + n_branches], flags[:, i : i + n_branches]) for i in starts]


def _mean_over_branches(head, terms, flags, target):
    """Return for each row the mean loss of the branches that it has."""
    is_there = ops.cast(flags, "float32")
    losses = [head.row_losses(ops.cast(z, "float32"), target) for z in terms]
    # where, not a product with 0: see above
    total = ops.sum(ops.where(is_there > 0, ops.stack(losses, axis=1), 0.0), axis=1)
    return total / ops.maximum(ops.sum(is_there, axis=1), 1.0)
