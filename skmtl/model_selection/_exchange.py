"""Bring the parts of a table closer to their shares, one exchange at a time."""

import numpy as np
from scipy import sparse

_CANDIDATES = 128  # per side and step: a step takes milliseconds for any number of units
_GAIN = 1e-9  # smaller gains are rounding errors
_KICKS = 30  # attempts in a row to leave a local optimum
_KICKED_UNITS = 500  # with more, one row hardly matters, and an attempt is slow
_DENSE_CELLS = 20_000  # up to here, dense arrays are faster than sparse ones


def search_exchanges(units, parts, shares, *, keep_sizes):
    r"""Exchange units between all pairs of parts until no exchange helps.

    Each exchange lowers the chi-square distance of the class counts from the shares,
    :math:`\sum_c \sum_f (n_{cf} - p_f n_c)^2 / n_c`. For a small table, the search restarts from
    random exchanges of the best result, to leave local optima.

    Parameters
    ----------
    units : Units
        What is divided among the parts.
    parts : ndarray of int, shape (n_units, n_parts)
        Copies of each unit in each part, to start from.
    shares : ndarray of shape (n_parts,)
        Share of each part in the rows, above 0; their sum is 1.
    keep_sizes : bool
        Whether only exchanges are allowed, no moves.

    Returns
    -------
    ndarray of int, shape (n_units, n_parts)
        The best parts that were found.
    """
    classes, n_parts = units.classes, len(shares)
    if classes.shape[0] * classes.shape[1] <= _DENSE_CELLS:
        classes = classes.toarray()
    held = classes.T @ units.copies
    weights = 1.0 / np.maximum(held, 1)
    expected = held[:, None] * shares
    bound = _lowest(weights, expected)

    def descend(trial):
        def even_out(a, b):
            share = shares[a] / (shares[a] + shares[b])
            return _exchange(classes, weights, trial, a, b, share, keep_sizes)

        for_all_pairs(n_parts, even_out)
        return (weights[:, None] * (classes.T @ trial - expected) ** 2).sum()

    cost = descend(parts)
    rng = np.random.RandomState(0)
    failed = 0 if len(parts) <= _KICKED_UNITS else _KICKS
    while cost > bound + _GAIN and failed < _KICKS:
        trial = parts.copy()
        _kick(trial, rng)
        trial_cost = descend(trial)
        failed = 0 if trial_cost < cost - _GAIN else failed + 1
        if trial_cost <= cost:
            parts, cost = trial, trial_cost
    return parts


def _lowest(weights, expected):
    """Return a lower bound of the distance, since counts are whole numbers."""
    over = expected - np.floor(expected)
    n_up = np.rint(over.sum(axis=1, keepdims=True))  # so many counts of a class are rounded up
    is_up = np.argsort(np.argsort(-over, axis=1), axis=1) < n_up
    return (weights[:, None] * np.where(is_up, 1 - over, over) ** 2).sum()


def for_all_pairs(n_parts, even_out):
    """Call `even_out(a, b)` for all pairs of parts until it returns False for each."""
    changed = True
    while changed:
        changed = False
        for a in range(n_parts):
            for b in range(a + 1, n_parts):
                changed |= even_out(a, b)


def _kick(parts, rng):
    for _ in range(rng.randint(1, 4)):
        a, b = rng.choice(parts.shape[1], size=2, replace=False)
        if parts[:, a].any() and parts[:, b].any():
            giver = rng.choice(np.flatnonzero(parts[:, a]))
            taker = rng.choice(np.flatnonzero(parts[:, b]))
            parts[[giver, taker], [a, a]] += [-1, 1] if giver != taker else [0, 0]
            parts[[giver, taker], [b, b]] += [1, -1] if giver != taker else [0, 0]


def _exchange(classes, weights, parts, a, b, share, keep_sizes):
    """Take the best exchange, or move, between two parts until none helps; return whether any did.

    `share` is the share of part `a` in both.
    """
    squares = classes.power(2) if sparse.issparse(classes) else classes**2
    own_cost = squares @ weights
    both = classes.T @ (parts[:, a] + parts[:, b])
    excess = classes.T @ parts[:, a] - share * both
    moved = False
    while True:
        slope = 2.0 * (classes @ (weights * excess))
        leave, come = slope - own_cost, -slope - own_cost  # gains of leaving a, of coming to a
        giver, taker = _best_move(
            classes, weights, leave, come, parts[:, a] > 0, parts[:, b] > 0, keep_sizes
        )
        if giver is None and taker is None:
            return moved
        moved = True
        for unit, step in ((giver, -1), (taker, 1)):
            if unit is not None:
                parts[unit, a] += step
                parts[unit, b] -= step
                excess += step * _dense(classes[[unit]])[0]


def _best_move(classes, weights, leave, come, in_a, in_b, keep_sizes):
    out, into = _top(leave, in_a), _top(come, in_b)
    best, giver, taker = _GAIN, None, None
    if not keep_sizes:
        if len(out) and leave[out].max() > best:
            giver = out[leave[out].argmax()]
            best, taker = leave[giver], None
        if len(into) and come[into].max() > best:
            taker = into[come[into].argmax()]
            best, giver = come[taker], None
    if len(out) and len(into):
        shared = _shared_cost(classes[out], weights, classes[into])
        gains = leave[out][:, None] + come[into][None, :] + 2.0 * shared
        i, j = np.unravel_index(gains.argmax(), gains.shape)
        if gains[i, j] > best:
            giver, taker = out[i], into[j]
    return giver, taker


def _shared_cost(rows, weights, others):
    if sparse.issparse(rows):
        return (rows.multiply(weights).tocsr() @ others.T).toarray()
    return (rows * weights) @ others.T


def _dense(rows):
    return rows.toarray() if sparse.issparse(rows) else rows


def _top(gains, allowed):
    """Return the allowed units with the highest gains; of equal ones, the earlier."""
    units = np.flatnonzero(allowed)
    if len(units) > _CANDIDATES:
        units = units[np.argsort(-gains[units], kind="stable")[:_CANDIDATES]]
    return units
