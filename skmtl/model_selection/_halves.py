"""Exactly even halves of a table with at most two tasks."""

import numpy as np


def even_halves(left, right):
    """Split rows in two so that no class of either task differs by more than one row.

    Read a row as an edge between its class in one task and its class in the other. At every
    class pair its edges up, at most one is left alone. Following the pairs gives paths, and
    cycles of even length, so that colours can alternate along each: every pair is split, and a
    class is off by its lone edge at most. Paths with an odd number of edges start with the
    colour that is behind, which keeps the sizes even too (the argument of de Werra, 1971, for
    equitable edge colourings of bipartite graphs).

    Parameters
    ----------
    left, right : ndarray of int, shape (n_rows,)
        Class numbers of each row in the two tasks.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        True for the first half. For each class of each task, and for all rows, the two halves
        differ by at most one row.
    """
    partners = (_pair_up(left).tolist(), _pair_up(right).tolist())
    half = [None] * len(left)
    ends = [i for i in range(len(left)) if partners[0][i] < 0 or partners[1][i] < 0]
    ahead = False  # the colour with one row more
    for start in [*ends, *range(len(left))]:  # what remains after the paths are the cycles
        if half[start] is not None:
            continue
        colour, row = not ahead, start
        side = 1 if partners[0][start] < 0 else 0
        length = 0
        while row >= 0 and half[row] is None:
            half[row] = colour
            colour, row, side = not colour, partners[side][row], 1 - side
            length += 1
        if length % 2:
            ahead = not ahead
    return np.array(half, dtype=bool)


def _pair_up(classes):
    """Return for each row another one of its class, paired with it alone, or -1."""
    order = np.argsort(classes, kind="stable")
    ordered = classes[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    first = np.flatnonzero((rank[:-1] % 2 == 0) & (ordered[1:] == ordered[:-1]))
    partner = np.full(len(order), -1)
    partner[order[first]] = order[first + 1]
    partner[order[first + 1]] = order[first]
    return partner
