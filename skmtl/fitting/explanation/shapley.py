"""Shapley values: how much each player of a game contributes."""

from itertools import product
from math import factorial

import numpy as np

MAX_EXACT = 6  # players: up to 64 coalitions
N_ORDERS = 4  # of more players, and as many in reverse


def shapley_values(value, n_players, *, everybody=None, seed=0) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the value of nobody, and what each player adds to it.

    .. math:: \phi_p = \sum_{S \not\ni p} \frac{|S|!\,(n - |S| - 1)!}{n!}
              \big(v(S \cup \{p\}) - v(S)\big)

    exactly for up to six players; of more, as the mean over some orders in which the players come
    in, each order also in reverse. Either way the contributions add up to what all players have
    beyond nobody.

    L. S. Shapley, *A value for n-person games*, 1953; for many players E. Štrumbelj and
    I. Kononenko, *Explaining prediction models and individual predictions*, 2014.

    Parameters
    ----------
    value : callable
        From coalitions, bool ``(n_coalitions, n_players)``, to their values, an array
        ``(n_coalitions, ...)``.
    n_players : int
        Number of players, at least one.
    everybody : ndarray of shape (...), optional
        The value of all players, where it is known.
    seed : int, default=0
        Seed of the orders.

    Returns
    -------
    start : ndarray of shape (...)
    contributions : ndarray of shape (n_players, ...)

    Examples
    --------
    Two that are worth 2 and 1 alone, and 5 together:

    >>> worth = lambda coalitions: coalitions @ [2.0, 1.0] + 2.0 * coalitions.all(axis=1)
    >>> start, contributions = shapley_values(worth, 2)
    >>> float(start), contributions.tolist()
    (0.0, [3.0, 2.0])
    """
    if n_players <= MAX_EXACT:
        return _exact(value, n_players, everybody)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(n_players) for _ in range(N_ORDERS)]
    orders += [order[::-1] for order in orders]
    # those who have come in before each step of each order
    place = np.argsort(np.array(orders), axis=1)
    inside = place[:, None, :] < np.arange(n_players + 1)[None, :, None]
    values = np.asarray(value(inside.reshape(-1, n_players)))
    values = values.reshape(len(orders), n_players + 1, *values.shape[1:])
    steps = np.diff(values, axis=1)
    added = [step[where] for step, where in zip(steps, place, strict=True)]
    return values[0, 0], np.mean(added, axis=0)


def _exact(value, n_players, everybody):
    coalitions = np.array(list(product([False, True], repeat=n_players)))
    if everybody is None:
        values = np.asarray(value(coalitions))
    else:
        values = np.concatenate([value(coalitions[:-1]), everybody[None]])
    sizes = coalitions.sum(axis=1)
    contributions = []
    for player in range(n_players):
        others = sizes - coalitions[:, player]
        shares = [factorial(k) * factorial(n_players - k - 1) for k in others]
        signs = np.where(coalitions[:, player], 1.0, -1.0)
        weights = signs * shares / factorial(n_players)
        contributions.append(np.tensordot(weights, values, axes=1))
    return values[0], np.array(contributions)
