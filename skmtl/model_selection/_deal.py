"""Deal units out to folds so that every class of every task is spread evenly."""

import numpy as np

from ._exchange import for_all_pairs, search_exchanges
from ._halves import even_halves


def deal_rows(units, n_folds):
    """Return how many copies of each kind of row go to each of some equal folds.

    Rows are dealt in turn, which spreads equal rows and the task with the most classes evenly;
    then pairs of folds are evened out for the other tasks. With at most two tasks the result is
    exact: no class differs by more than one row between any two folds. With more tasks that may
    be impossible, and a local optimum of the chi-square distance is returned.

    Parameters
    ----------
    units : Units
        Kinds of rows, from `row_units`.
    n_folds : int
        Number of folds.

    Returns
    -------
    ndarray of int, shape (n_units, n_folds)
        The copies of each unit in each fold.
    """
    n_tasks = int(units.classes[[0]].sum())
    parts = _deal_in_turn(units, np.arange(units.copies.sum()) % n_folds, n_folds)
    if n_tasks <= 2:
        for_all_pairs(n_folds, lambda a, b: _exact_halves(units, parts, a, b))
        return parts
    return search_exchanges(units, parts, np.full(n_folds, 1 / n_folds), keep_sizes=True)


def deal_shares(units, sizes):
    """Return how many copies of each kind of row go to each of some parts of given sizes.

    Parameters
    ----------
    units : Units
        Kinds of rows, from `row_units`.
    sizes : sequence of int
        Rows of each part; their sum is the number of rows.

    Returns
    -------
    ndarray of int, shape (n_units, n_parts)
        The copies of each unit in each part, a local optimum of the chi-square distance.
    """
    part = np.zeros(sum(sizes), dtype=np.intp)
    left = np.arange(len(part))
    for i in range(len(sizes) - 1, 0, -1):  # every part takes evenly spaced rows of what is left
        steps = np.arange(len(left) + 1) * sizes[i] // len(left)
        taken = np.diff(steps) > 0
        part[left[taken]] = i
        left = left[~taken]
    parts = _deal_in_turn(units, part, len(sizes))
    return search_exchanges(units, parts, np.asarray(sizes) / sum(sizes), keep_sizes=True)


def deal_groups(units, shares):
    """Return which group goes to which part: the largest first, each where it helps most.

    Parameters
    ----------
    units : Units
        Groups, from `group_units`.
    shares : ndarray of shape (n_parts,)
        Share of each part in the rows, above 0; their sum is 1.

    Returns
    -------
    ndarray of int, shape (n_units, n_parts)
        A single 1 in each row; a local optimum of the chi-square distance.
    """
    classes = units.classes
    weights = 1.0 / np.asarray(classes.sum(axis=0)).ravel()
    parts = np.zeros((classes.shape[0], len(shares)), dtype=np.intp)
    held = np.zeros((len(shares), classes.shape[1]))
    for unit in np.argsort(-(classes.power(2) @ weights), kind="stable"):
        low, high = classes.indptr[unit], classes.indptr[unit + 1]
        columns, counts = classes.indices[low:high], classes.data[low:high]
        fullness = (held[:, columns] + counts / 2) @ (weights[columns] * counts) / shares
        part = int(np.argmin(fullness))
        parts[unit, part] = 1
        held[part, columns] += counts
    return search_exchanges(units, parts, shares, keep_sizes=False)


def rows_to_parts(units, parts):
    """Return the part of every row, for units that are kinds of rows.

    Parameters
    ----------
    units : Units
        From `row_units`.
    parts : ndarray of int, shape (n_units, n_parts)
        Copies of each unit in each part.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        Equal rows go to the parts in their order.
    """
    part = np.empty(len(units.of_row), dtype=np.intp)
    by_unit = np.argsort(units.of_row, kind="stable")
    part[by_unit] = np.repeat(np.tile(np.arange(parts.shape[1]), len(parts)), parts.ravel())
    return part


def _deal_in_turn(units, part, n_parts):
    """Give the i-th row, in the order of the units, to the i-th part named."""
    parts = np.zeros((len(units.copies), n_parts), dtype=np.intp)
    np.add.at(parts, (np.repeat(np.arange(len(units.copies)), units.copies), part), 1)
    return parts


def _exact_halves(units, parts, a, b):
    if np.abs(units.classes.T @ (parts[:, a] - parts[:, b])).max() < 2:
        return False
    both = parts[:, a] + parts[:, b]
    odd = np.flatnonzero(both % 2)
    # column numbers of a row's classes; with one task, every row shares a second class
    columns = units.classes.indices.reshape(len(both), -1)[odd]
    first = even_halves(columns[:, 0], columns[:, 1] if columns.shape[1] > 1 else columns[:, 0] * 0)
    parts[:, a] = both // 2
    parts[odd[first], a] += 1
    parts[:, b] = both - parts[:, a]
    return True
