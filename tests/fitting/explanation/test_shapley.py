"""Shapley values, against their definition over all orders."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmtl.fitting.explanation.shapley import MAX_EXACT, shapley_values


def game(n_players, seed):
    """Return a game with a random value (2, 3) for each coalition."""
    values = np.random.default_rng(seed).normal(size=(2**n_players, 2, 3))
    places = 2 ** np.arange(n_players)
    return lambda coalitions: values[coalitions @ places]


def over_all_orders(value, n_players):
    """Return the mean of what each player adds when it comes in."""
    total, orders = 0, list(permutations(range(n_players)))
    for order in orders:
        inside, before = np.zeros((1, n_players), bool), value(np.zeros((1, n_players), bool))[0]
        added = np.empty((n_players, *before.shape))
        for player in order:
            inside[0, player] = True
            after = value(inside)[0]
            added[player], before = after - before, after
        total = total + added
    return total / len(orders)


@settings(deadline=None, max_examples=20)
@given(n_players=st.integers(1, 5), seed=st.integers(0, 99))
def test_few_players_get_their_exact_share(n_players, seed):
    value = game(n_players, seed)
    start, shares = shapley_values(value, n_players)
    np.testing.assert_allclose(shares, over_all_orders(value, n_players), atol=1e-12)
    np.testing.assert_allclose(start, value(np.zeros((1, n_players), bool))[0])


@pytest.mark.parametrize("n_players", [MAX_EXACT, MAX_EXACT + 1, 11])
def test_shares_add_up_for_any_number_of_players(n_players):
    value = game(n_players, 0)
    start, shares = shapley_values(value, n_players)
    everybody = value(np.ones((1, n_players), bool))[0]
    np.testing.assert_allclose(start + shares.sum(axis=0), everybody, atol=1e-12)


def test_many_players_of_an_additive_game_get_their_exact_share():
    worth = np.random.default_rng(1).normal(size=12)
    _, shares = shapley_values(lambda coalitions: coalitions @ worth, 12)
    np.testing.assert_allclose(shares, worth, atol=1e-12)


def test_the_same_seed_gives_the_same_shares():
    value = game(9, 3)
    first, again = shapley_values(value, 9, seed=5), shapley_values(value, 9, seed=5)
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], shapley_values(value, 9, seed=6)[1])


@pytest.mark.parametrize("n_players", [1, 4, 8])
def test_what_is_known_of_everybody_changes_nothing(n_players):
    value = game(n_players, 7)
    everybody = value(np.ones((1, n_players), bool))[0]
    expected = shapley_values(value, n_players)
    found = shapley_values(value, n_players, everybody=everybody)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)
