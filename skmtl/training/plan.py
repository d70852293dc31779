"""Which rows form which batch."""

import numpy as np

from skmtl.training.shapes import bucket


def batch_plan(order, batch_size) -> np.ndarray:
    """Cut an order of rows into batches.

    Parameters
    ----------
    order : ndarray of int, shape (n_rows,)
        Rows in the order of training.
    batch_size : int
        Rows per batch, at most about as many as there are; the last batch is filled up with -1.

    Returns
    -------
    ndarray of int32, shape (n_batches, batch_size)

    Examples
    --------
    >>> batch_plan(np.array([2, 0, 1]), 2).tolist()
    [[2, 0], [1, -1]]
    """
    # folds of almost equal size share a compilation, small ones too
    batch_size = min(batch_size, max(1, bucket(len(order))))
    n_batches = -(-len(order) // batch_size)
    plan = np.full(n_batches * batch_size, -1, np.int32)
    plan[: len(order)] = order
    return plan.reshape(n_batches, batch_size)


def shuffled(rows, patterns, rng) -> np.ndarray:
    """Shuffle rows such that every stretch holds its share of each pattern.

    With missing modalities or labels, the batches of a plain shuffle differ in how many rows each
    branch and each task gets; some would get none.

    Parameters
    ----------
    rows : ndarray of int, shape (n_rows,)
        Rows to train on.
    patterns : ndarray of int, shape (n_rows,)
        Number of each row's pattern of present modalities and labels.
    rng : numpy.random.Generator
        Source of the shuffle.

    Returns
    -------
    ndarray of int, shape (n_rows,)
    """
    order = rng.permutation(len(rows))
    _, pattern, counts = np.unique(patterns[order], return_inverse=True, return_counts=True)
    if len(counts) == 1:
        return rows[order]
    by_pattern = np.argsort(pattern, kind="stable")
    rank = np.empty(len(rows))
    rank[by_pattern] = np.concatenate([np.arange(count) for count in counts])
    place = (rank + rng.random(len(rows))) / counts[pattern]
    return rows[order][np.argsort(place, kind="stable")]


def presence_patterns(table, weights) -> np.ndarray:
    """Return for every row the number of its pattern of present modalities and labels.

    Parameters
    ----------
    table : Table
        Input of the rows.
    weights : ndarray of shape (n_samples, n_tasks)
        Label weights; 0 where a label is missing.

    Returns
    -------
    ndarray of int, shape (n_samples,)
    """
    flags = [modality.present for modality in table.modalities.values()]
    flags = np.column_stack([*flags, weights > 0])
    if flags.all():
        return np.zeros(len(flags), int)
    return np.unique(flags, axis=0, return_inverse=True)[1].reshape(-1)
