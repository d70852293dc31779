"""Weights of branches: against a search, from rows that were not trained on, in the history."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from skmtl import MultiTaskClassifier
from skmtl.data import Modality, Table
from skmtl.labels import ClassHead
from skmtl.training.branch_weights import (
    MAX_HELD_OUT,
    best_weights,
    held_out_rows,
    repeated_rows,
)


def drawn_logits(seed, n_rows=60, n_branches=3, n_classes=4):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, n_classes, n_rows)
    strength = rng.uniform(0, 3, n_branches)
    logits = rng.normal(size=(n_rows, n_branches, n_classes))
    logits[np.arange(n_rows), :, codes] += strength
    is_there = (rng.random((n_rows, n_branches)) < 0.8).astype(np.float32)
    return (
        logits.astype(np.float32),
        is_there,
        codes[:, None],
        rng.integers(0, 3, n_rows).astype(float),
    )


def objective(a, logits, is_there, codes, weights):
    z = (a * is_there)[:, :, None] * logits.astype(float)
    losses = -log_softmax(z.sum(1), axis=1)[np.arange(len(codes)), codes[:, 0]]
    return (weights * losses).sum() + ((a - 1 / len(a)) ** 2).sum() / 2


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_no_other_weights_are_better(seed):
    data = drawn_logits(seed)
    found = best_weights(ClassHead(4), *data)
    assert (found >= 0).all()
    best = objective(found, *data)
    rng = np.random.default_rng(seed)
    for size in (0.01, 0.1, 1.0):
        for _ in range(10):
            other = np.maximum(found + size * rng.normal(size=3), 0)
            assert objective(other, *data) >= best - 1e-4


@given(st.integers(0, 10**6), st.floats(-1e3, 1e3))
@settings(max_examples=20)
def test_what_is_not_there_or_not_labelled_changes_nothing(seed, value):
    logits, is_there, codes, weights = drawn_logits(seed)
    other = np.where(is_there[:, :, None] > 0, logits, np.float32(value))
    other_codes = np.where(weights[:, None] > 0, codes, 0)
    expected = best_weights(ClassHead(4), logits, is_there, codes, weights)
    np.testing.assert_array_equal(
        best_weights(ClassHead(4), other, is_there, other_codes, weights), expected
    )


def test_without_labels_or_with_infinite_logits_branches_count_alike():
    logits, is_there, codes, weights = drawn_logits(0)
    assert best_weights(ClassHead(4), logits, is_there, codes, 0 * weights).tolist() == [1 / 3] * 3
    logits[weights > 0] = np.nan
    assert best_weights(ClassHead(4), logits, is_there, codes, weights).tolist() == [1 / 3] * 3


@given(st.integers(1, 20_000), st.integers(1, 5))
@settings(max_examples=30)
def test_rows_are_held_out_from_every_pattern(n_rows, n_patterns):
    patterns = np.arange(n_rows) % n_patterns
    rows = held_out_rows(patterns, np.zeros(n_rows, bool), np.random.default_rng(0))
    if n_rows < 50:
        assert rows is None
        return
    assert len(np.unique(rows)) == len(rows) == min(n_rows // 5, MAX_HELD_OUT)
    counts = np.bincount(patterns[rows], minlength=n_patterns)
    assert abs(counts - len(rows) / n_patterns).max() <= 1 + n_patterns


@given(st.integers(0, 1000), st.floats(0, 1))
@settings(max_examples=30)
def test_rows_that_repeat_a_text_are_held_out_last(seed, share):
    rng = np.random.default_rng(seed)
    repeated = rng.random(200) < share
    rows = held_out_rows(rng.integers(0, 3, 200), repeated, rng)
    assert len(rows) == 40
    assert repeated[rows].sum() == max(0, 40 - (~repeated).sum())


def test_a_text_is_repeated_where_another_row_has_its_token_ids():
    ids = np.array([[2, 3, 0], [3, 2, 0], [2, 3, 0], [4, 0, 0]], np.int32)
    titles = Modality.of_rows(ids, np.array([True, True, False, True, True]))
    bodies = Modality.of_rows(ids[[1, 0, 0, 3]], np.array([True, True, True, True, False]))
    other = Modality.of_rows(np.zeros((5, 3), np.float32))
    table = Table(5, {"title": titles, "body": bodies, "numbers": other})
    assert repeated_rows(table, ["title"]).tolist() == [True, False, False, True, False]
    assert repeated_rows(table, ["title", "body"]).tolist() == [True, True, True, True, False]
    assert repeated_rows(table, ["body"]).tolist() == [False, True, True, False, False]
    assert not repeated_rows(table, []).any()
    assert not repeated_rows(table.take(np.array([2])), ["title"]).any()  # it has no title


def make_table(n_rows=200, seed=0):
    """Return a number that tells the first task, a text that tells the second, and noise."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, n_rows), rng.integers(0, 2, n_rows)
    X = pd.DataFrame(
        {
            "size": a + rng.normal(size=n_rows) / 4,
            "title": [" ".join(["ab"[k], *rng.choice(list("xyz"), 3)]) for k in b],
            "noise": [" ".join(rng.choice(list("uvw"), 4)) for _ in range(n_rows)],
        }
    )
    return X, pd.DataFrame({"a": a, "b": b})


@pytest.fixture(scope="module")
def fitted():
    X, y = make_table()
    return MultiTaskClassifier(columns={"noise": "text"}, random_state=0).fit(X, y)


def test_a_column_counts_where_it_tells_something(fitted):
    a, b = fitted.branch_weights_["a"], fitted.branch_weights_["b"]
    assert a["table"] > 3 * max(a["title"], a["noise"])
    assert b["title"] > 3 * max(b["table"], b["noise"])
    X, y = make_table(seed=1)
    assert fitted.score(X, y) > 0.97


def test_history_and_summary_show_the_weights(fitted, capsys):
    weights = fitted.history_["a|table_branch_weight"]
    assert len(weights) == fitted.n_iter_ == 20
    assert weights[:14] == [pytest.approx(1 / 3)] * 14
    assert weights[14:] == [fitted.branch_weights_["a"]["table"]] * 6
    fitted.summary()
    shown = capsys.readouterr().out
    assert re.search(rf"^weights: a +title .*, table {weights[-1]:.2f} ", shown, re.M)
    assert "weights: b" in shown


@pytest.mark.parametrize(
    "options",
    [{"fusion": "late"}, {"columns": {"title": "drop", "noise": "drop"}}, {"epochs": 1}],
    ids=str,
)
def test_where_there_is_nothing_to_learn_nothing_is_held_out(options):
    X, y = make_table(60)
    model = MultiTaskClassifier(**{"epochs": 2, "random_state": 0} | options).fit(X, y)
    assert "a|table_branch_weight" not in model.history_
    weights = [w for found in model.branch_weights_.values() for w in found.values()]
    assert weights == pytest.approx([1 / 3] * len(weights))


def test_validation_rows_are_what_weights_are_learnt_from_if_there_are_any():
    X, y = make_table()
    model = MultiTaskClassifier(early_stopping=True, epochs=5, random_state=0).fit(X, y)
    weights = model.history_["a|table_branch_weight"]
    assert len(set(weights)) == len(weights)  # after every epoch


def test_partial_fit_keeps_the_weights():
    X, y = make_table()
    model = MultiTaskClassifier(columns={"noise": "text"}, epochs=4, random_state=0).fit(X, y)
    before = model.branch_weights_
    assert model.partial_fit(X, y).branch_weights_ == before
