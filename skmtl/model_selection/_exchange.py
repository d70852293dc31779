"""Bring two parts of a table closer to their shares, one exchange at a time."""

import numpy as np

_CANDIDATES = 256  # per side and step: keeps a step in milliseconds for any number of units
_GAIN = 1e-9  # below is rounding


def exchange(units, parts, a, b, share, *, keep_sizes):
    r"""Move copies of units between two parts while their classes come closer to their shares.

    What falls is :math:`\sum_c (n_{ca} - p\,(n_{ca} + n_{cb}))^2 / n_c`, the chi-square distance
    of the class counts in part `a` from the share `p` of what both parts hold. The best exchange
    of one copy against one, or move of one copy, is taken until none helps.

    Parameters
    ----------
    units : Units
        What is dealt out.
    parts : ndarray of int, shape (n_units, n_parts)
        Copies of each unit in each part; changed in place.
    a, b : int
        The two parts.
    share : float
        Share of part `a` in the two.
    keep_sizes : bool
        Whether only exchanges are allowed, no moves.

    Returns
    -------
    bool
        Whether anything was moved.
    """
    classes = units.classes
    weights = 1.0 / np.maximum(classes.T @ units.copies, 1)
    own_cost = classes.power(2) @ weights
    both = classes.T @ (parts[:, a] + parts[:, b])
    excess = classes.T @ parts[:, a] - share * both
    moved = False
    while True:
        slope = 2.0 * (classes @ (weights * excess))
        giver, taker = _best_move(units, parts, a, b, slope, own_cost, weights, keep_sizes)
        if giver is None and taker is None:
            return moved
        moved = True
        for unit, step in ((giver, -1), (taker, 1)):
            if unit is not None:
                parts[unit, a] += step
                parts[unit, b] -= step
                excess += step * classes[[unit]].toarray()[0]


def _best_move(units, parts, a, b, slope, own_cost, weights, keep_sizes):
    out = _top(slope - own_cost, parts[:, a] > 0)  # gains of leaving a
    into = _top(-slope - own_cost, parts[:, b] > 0)  # gains of coming to a
    gain_out, gain_into = (slope - own_cost)[out], (-slope - own_cost)[into]
    best, giver, taker = _GAIN, None, None
    if not keep_sizes:
        if len(out) and gain_out.max() > best:
            best, giver, taker = gain_out.max(), out[gain_out.argmax()], None
        if len(into) and gain_into.max() > best:
            best, giver, taker = gain_into.max(), None, into[gain_into.argmax()]
    if len(out) and len(into):
        weighted = units.classes[out].multiply(weights[None, :]).tocsr()
        shared = (weighted @ units.classes[into].T).toarray()
        gains = gain_out[:, None] + gain_into[None, :] + 2.0 * shared
        i, j = np.unravel_index(gains.argmax(), gains.shape)
        if gains[i, j] > best:
            giver, taker = out[i], into[j]
    return giver, taker


def _top(gains, allowed):
    """Return the allowed units with the highest gains, the earlier one where they are equal."""
    units = np.flatnonzero(allowed)
    if len(units) > _CANDIDATES:
        units = units[np.argsort(-gains[units], kind="stable")[:_CANDIDATES]]
    return units
