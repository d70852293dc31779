"""The masked task losses of a batch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from skmtl.labels import target_slices
from skmtl.labels.head import Head

# Tasks that are computed one by one. Of more, those with equal heads are computed together, which
# compiles sooner: with 40 tasks, a first fit takes a fifth of the time.
MOST_APART = 8
# Squared errors, of standardised numbers, that are not made steeper any more: the root of 0 has no
# derivative.
SMALLEST_SQUARE = 1e-6


def task_losses(heads, outputs, targets, weights, *, by_root=False):
    """Return loss, number of labelled rows and statistics of the score of every task.

    The loss of a task is the sum of the weighted losses of its labelled rows, divided by their
    number:

    .. math:: L_t = \\frac{\\sum_i w_{it}\\, \\ell_t(y_{it}, z_{it})}{|\\{i : w_{it} > 0\\}|}

    so a row without a label changes nothing, and a row of weight 2 counts like two steps. Where
    branches are weighted, the loss of a row is the mean over the branches that it has of the loss
    of each branch alone: every branch learns as if there were no other.

    With `by_root`, a squared error ``L`` has the gradient of :math:`2\\sqrt{L}`: its own where it
    is 1, as for a constant prediction, and a steeper one below, where cross-entropies would
    outweigh it. The value returned remains ``L``; the root is that of the mean over the labelled
    rows of the batch, and for each branch by itself where branches are weighted.

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
    by_root : bool, default=False
        Whether the squared errors of numbers beside other tasks count by their root.

    Returns
    -------
    losses : list of scalar tensor
        One per task, kept apart so that each can be differentiated through its own head alone;
        0 for a task without a labelled row.
    n_labelled : tensor of shape (n_tasks,)
    statistics : tensor of shape (n_tasks, n_statistics)
        Sums over the labelled rows; 0 beyond those that a task has.
    """
    if len(heads) > MOST_APART:
        return _losses_of_groups(heads, outputs, targets, weights, by_root)
    losses, n_labelled, statistics = [], [], []
    logits, branches = with_branches(outputs, len(heads))
    n_statistics = max(head.n_statistics for head in heads)
    by_root = by_root and len(heads) > 1
    for task, (head, z, columns) in enumerate(
        zip(heads, logits, target_slices(heads), strict=True)
    ):
        z = ops.cast(z, "float32")
        target, weight = targets[:, columns], weights[:, task]
        labelled = weight > 0
        count = ops.sum(ops.cast(labelled, "float32"))
        rows = _Rows(head, target, labelled, 1, by_root)
        row_losses = rows.mean_over_branches(*branches[task]) if branches else rows.losses(z)
        # where, not a product with 0: an infinite loss of an unlabelled row must not leak
        total = ops.sum(ops.where(labelled, row_losses * weight, 0.0))
        losses.append(total / ops.maximum(count, 1.0))
        n_labelled.append(count)
        found = head.row_statistics(z, target)
        sums = [ops.sum(ops.where(labelled, row, 0.0)) for row in found]
        statistics += sums + [ops.zeros(())] * (n_statistics - len(sums))
    statistics = ops.reshape(ops.stack(statistics), (len(heads), n_statistics))
    return losses, ops.stack(n_labelled), statistics


def _losses_of_groups(heads, outputs, targets, weights, by_root):
    """Return what `task_losses` does: heads that compute the same do so in one operation."""
    logits, branches = with_branches(outputs, len(heads))
    columns = target_slices(heads)
    n_labelled = ops.sum(ops.cast(weights > 0, "float32"), axis=0)
    n_statistics = max(head.n_statistics for head in heads)
    order, losses, statistics = [], [], []
    for tasks in _equal_heads(heads, branches):
        head = heads[tasks[0]]
        weight = ops.transpose(ops.take(weights, tasks, axis=1))
        is_labelled = weight > 0

        def below(tensors, width):
            """Put the rows of one task below those of another."""
            return ops.reshape(ops.stack(tensors), (-1, width))

        def per_task(rows, is_labelled=is_labelled):
            """Sum over the labelled rows of each task."""
            rows = ops.reshape(rows, (is_labelled.shape[0], -1))
            return ops.sum(ops.where(is_labelled, rows, 0.0), axis=1)

        z = ops.cast(below([logits[task] for task in tasks], head.n_outputs), "float32")
        places = [columns[task].start + i for task in tasks for i in range(head.n_targets)]
        target = ops.reshape(ops.take(targets, places, axis=1), (-1, len(tasks), head.n_targets))
        target = ops.reshape(ops.transpose(target, (1, 0, 2)), (-1, head.n_targets))
        rows = _Rows(head, target, ops.reshape(is_labelled, (-1,)), len(tasks), by_root)
        if branches:
            terms = zip(*(branches[task][0] for task in tasks), strict=True)
            terms = [below(list(term), head.n_outputs) for term in terms]
            flags = below([branches[task][1] for task in tasks], len(terms))
            row_losses = rows.mean_over_branches(terms, flags)
        else:
            row_losses = rows.losses(z)
        order += tasks
        losses.append(per_task(row_losses * ops.reshape(weight, (-1,))))
        sums = [per_task(row) for row in head.row_statistics(z, target)]
        sums += [ops.zeros(len(tasks))] * (n_statistics - len(sums))
        statistics.append(ops.stack(sums, axis=1))
    back = np.argsort(order)
    losses = ops.take(ops.concatenate(losses), back, axis=0) / ops.maximum(n_labelled, 1.0)
    statistics = ops.take(ops.concatenate(statistics), back, axis=0)
    return ops.unstack(losses, len(heads)), n_labelled, statistics


def _equal_heads(heads, branches) -> list[list[int]]:
    """Return the tasks in groups whose heads compute the same from as many branches."""
    groups = {}
    for task, head in enumerate(heads):
        n_branches = len(branches[task][0]) if branches else 0
        groups.setdefault((head.key, head.n_outputs, n_branches), []).append(task)
    return list(groups.values())


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


@dataclass(frozen=True)
class _Rows:
    """The rows of tasks with equal heads, one task after the other, and how their loss counts."""

    head: Head
    targets: Any
    is_labelled: Any
    n_tasks: int
    by_root: bool

    def losses(self, logits, is_there=True):
        """Return the loss of each row; `is_there` says which rows are part of the root."""
        losses = self.head.row_losses(ops.cast(logits, "float32"), self.targets)
        if not (self.by_root and self.head.is_squared):
            return losses
        counts = ops.reshape(ops.logical_and(self.is_labelled, is_there), (self.n_tasks, -1))
        per_task = ops.reshape(losses, (self.n_tasks, -1))
        total = ops.sum(ops.where(counts, per_task, 0.0), axis=1, keepdims=True)
        n_rows = ops.maximum(ops.sum(ops.cast(counts, "float32"), axis=1, keepdims=True), 1.0)
        mean = ops.stop_gradient(ops.maximum(total / n_rows, SMALLEST_SQUARE))
        steeper = ops.reshape(per_task / ops.sqrt(mean), (-1,))
        return ops.stop_gradient(losses) + (steeper - ops.stop_gradient(steeper))

    def mean_over_branches(self, terms, flags):
        """Return for each row the mean loss of the branches that it has."""
        n_branches = len(terms)
        is_there = ops.transpose(ops.cast(flags, "float32") > 0)
        targets = ops.tile(self.targets, (n_branches, 1))
        labelled = ops.tile(self.is_labelled, (n_branches,))
        rows = _Rows(self.head, targets, labelled, n_branches * self.n_tasks, self.by_root)
        losses = rows.losses(ops.concatenate(terms, axis=0), ops.reshape(is_there, (-1,)))
        # where, not a product with 0: see above
        losses = ops.where(is_there, ops.reshape(losses, (n_branches, -1)), 0.0)
        n_there = ops.sum(ops.cast(is_there, "float32"), axis=0)
        return ops.sum(losses, axis=0) / ops.maximum(n_there, 1.0)
