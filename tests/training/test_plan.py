import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skmtl.data import Modality, Table
from skmtl.training.plan import batch_plan, presence_patterns, shuffled
from skmtl.training.shapes import bucket


@given(st.integers(1, 50), st.integers(1, 12))
def test_every_row_is_in_the_plan_once(n_rows, batch_size):
    plan = batch_plan(np.arange(n_rows), batch_size)
    batch_size = min(batch_size, bucket(n_rows))
    assert plan.shape == (-(-n_rows // batch_size), batch_size)
    assert plan.ravel()[:n_rows].tolist() == list(range(n_rows))
    assert (plan.ravel()[n_rows:] == -1).all()


@given(st.integers(1, 50))
def test_a_batch_is_hardly_larger_than_the_table(n_rows):
    plan = batch_plan(np.arange(n_rows), 10**6)
    assert plan.shape[0] == 1
    assert n_rows <= plan.shape[1] <= n_rows * 9 / 8


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.integers(0, 99))
def test_shuffled_is_a_permutation_that_spreads_every_pattern(patterns, seed):
    patterns = np.array(patterns)
    rows = np.arange(len(patterns)) * 2
    order = shuffled(rows, patterns, np.random.default_rng(seed))
    assert sorted(order.tolist()) == rows.tolist()
    for pattern in set(patterns.tolist()):
        share = np.cumsum(patterns[order // 2] == pattern)
        even = np.arange(1, len(order) + 1) * (patterns == pattern).mean()
        # each row is placed within its own stretch, and the other patterns within theirs
        assert np.abs(share - even).max() <= 1 + len(set(patterns.tolist()))


def test_same_seed_same_order():
    rows, patterns = np.arange(100), np.zeros(100)
    first, second = (shuffled(rows, patterns, np.random.default_rng(3)) for _ in range(2))
    assert first.tolist() == second.tolist()
    assert first.tolist() != rows.tolist()


def test_patterns_tell_present_modalities_and_labels_apart():
    present = np.array([True, True, False])
    table = Table(3, {"image": Modality.of_rows(np.zeros((2, 1)), present)})
    weights = np.array([[1.0, 0.0], [1.0, 2.0], [1.0, 0.0]])
    patterns = presence_patterns(table, weights)
    assert len(set(patterns.tolist())) == 3
    weights[1, 1] = 0
    assert len(set(presence_patterns(table, weights).tolist())) == 2
