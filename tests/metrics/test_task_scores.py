"""Scores of arrays leave missing labels out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from skmtl.metrics import delta_m, mean_task_score, task_scores

MISSING = [None, float("nan"), pd.NA, np.nan]


@given(data=st.data(), n_rows=st.integers(1, 20), n_tasks=st.integers(1, 3))
def test_a_missing_label_leaves_its_row_out_of_its_task_alone(data, n_rows, n_tasks):
    labels = st.sampled_from(["a", "b", "c"])
    table = st.lists(
        st.lists(labels, min_size=n_tasks, max_size=n_tasks), min_size=n_rows, max_size=n_rows
    )
    truth = np.array(data.draw(table), dtype=object)
    guess = np.array(data.draw(table), dtype=object)
    mask = np.array(
        data.draw(
            st.lists(
                st.lists(st.booleans(), min_size=n_tasks, max_size=n_tasks),
                min_size=n_rows,
                max_size=n_rows,
            )
        )
    )
    holed = truth.copy()
    holed[mask] = data.draw(st.sampled_from(MISSING))
    scores = task_scores(holed, guess)
    for i in range(n_tasks):
        keep = ~mask[:, i]
        if keep.any():
            expected = accuracy_score(truth[keep, i], guess[keep, i])
            assert scores[f"task_{i}"] == pytest.approx(expected)
        else:
            assert np.isnan(scores[f"task_{i}"])


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        ("accuracy", accuracy_score),
        ("balanced_accuracy", balanced_accuracy_score),
        ("f1_macro", lambda y, p: f1_score(y, p, average="macro")),
    ],
)
def test_metrics_agree_with_scikit_learn(metric, reference):
    rng = np.random.default_rng(0)
    truth, guess = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    assert task_scores(truth, guess, metric=metric) == {"y": pytest.approx(reference(truth, guess))}


def test_balanced_accuracy_is_silent_about_classes_that_are_only_predicted():
    assert task_scores(["a", "a"], ["a", "b"], metric="balanced_accuracy") == {"y": 0.5}


@pytest.mark.parametrize(
    "y",
    [
        pd.DataFrame({"a": pd.array([1, 0, None], dtype="Int64"), "b": ["x", "y", None]}),
        pd.DataFrame({"a": [1.0, 0.0, np.nan], "b": pd.Categorical(["x", "y", None])}),
        pd.DataFrame({"a": pd.array([True, False, None], dtype="boolean"), "b": ["x", "y", pd.NA]}),
        pd.DataFrame({"a": [1, 0, None], "b": pd.array(["x", "y", None], dtype="string")}),
        pd.DataFrame({"a": [1, 0, None], "b": ["x", "y", None]}, dtype=object),
    ],
)
def test_every_column_type_is_understood(y):
    guess = np.array([[1, "x"], [1, "y"], [0, "x"]], dtype=object)
    assert task_scores(y, guess) == {"a": 0.5, "b": 1.0}


def test_a_named_label_means_missing():
    assert task_scores([[0, -1], [1, 1]], [[0, 0], [0, 1]], missing_label=-1) == {
        "task_0": 0.5,
        "task_1": 1.0,
    }


def test_weights_per_row_and_per_task():
    truth, guess = [[0, 0], [1, 1]], [[0, 1], [0, 1]]
    assert task_scores(truth, guess, sample_weight=[3, 1]) == {"task_0": 0.75, "task_1": 0.25}
    weights = [[1, 1], [1, 3]]
    assert task_scores(truth, guess, sample_weight=weights) == {"task_0": 0.5, "task_1": 0.75}


def test_weights_reach_every_metric():
    rng = np.random.default_rng(0)
    truth, guess, weights = rng.integers(0, 3, 60), rng.integers(0, 3, 60), rng.random(60)
    for metric, reference in (
        ("balanced_accuracy", balanced_accuracy_score),
        ("f1_macro", lambda y, p, **options: f1_score(y, p, average="macro", **options)),
    ):
        expected = reference(truth, guess, sample_weight=weights)
        assert task_scores(truth, guess, metric=metric, sample_weight=weights) == {
            "y": pytest.approx(expected)
        }
        assert expected != pytest.approx(reference(truth, guess))


def test_names_come_from_the_table_and_columns_count_by_position():
    y = pd.DataFrame({"a": [1, 2], 7: ["x", "y"]})
    assert task_scores(y, [[1, "y"], [2, "y"]]) == {"a": 1.0, "7": 0.5}
    assert task_scores(pd.Series([1, 2], name="kind"), [1, 1]) == {"kind": 0.5}
    assert task_scores(pd.Series([1, 2]), [1, 1]) == {"y": 0.5}
    assert task_scores(np.array([[1], [2]]), [1, 1]) == {"task_0": 0.5}


def test_a_missing_label_that_is_missing_anyway_changes_nothing():
    for missing_label in MISSING:
        assert task_scores([1, 2, None], [1, 1, 1], missing_label=missing_label) == {"y": 0.5}


def test_a_callable_scores():
    scores = task_scores([1, 0, None], [1, 1, 1], metric=lambda y, p: len(y) + p.sum())
    assert scores == {"y": 4.0}


def test_the_mean_is_over_tasks_with_a_label():
    assert mean_task_score([["a", None], ["b", None]], [["a", "x"], ["a", "x"]]) == 0.5
    with pytest.raises(ValueError, match="None of the tasks 'y' has a labelled row"):
        mean_task_score([None, None], [1, 1])


def test_delta_m_is_the_mean_relative_gain():
    scores, baseline = {"a": 0.9, "error": 0.2}, {"a": 0.6, "error": 0.4}
    gain = delta_m(scores, baseline, lower_is_better=["error"])
    assert gain == pytest.approx((0.5 + 0.5) / 2)
    assert delta_m(baseline, baseline) == 0.0


def test_delta_m_of_a_negated_loss_is_that_of_the_loss():
    negated = delta_m({"a": -0.4}, {"a": -0.5})
    assert negated == pytest.approx(delta_m({"a": 0.4}, {"a": 0.5}, lower_is_better=["a"]))
    assert negated == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: task_scores([1], [1], metric="mae"), ValueError, "metric must be one of 'acc"),
        (lambda: task_scores([1, 2], [1]), ValueError, "must have the same shape; got"),
        (lambda: task_scores([1, 2], [[1, 1], [2, 2]]), ValueError, "must have the same shape"),
        (lambda: task_scores([1], np.zeros((1, 1, 1))), ValueError, "y_pred must have shape"),
        (lambda: task_scores(3, [1]), ValueError, "y_true must have shape.*got int 3"),
        (lambda: task_scores(np.zeros((1, 1, 1)), [1]), ValueError, "y_true must have shape"),
        (lambda: task_scores(pd.DataFrame(index=[0]), [1]), ValueError, "at least one task"),
        (
            lambda: task_scores([1], [1], sample_weight=[[1, 2]]),
            ValueError,
            r"sample_weight.shape == \(1, 2\), expected \(1,\) or \(1, 1\)",
        ),
        (lambda: delta_m([0.1], {"a": 0.1}), TypeError, "scores must map each task"),
        (lambda: delta_m({"a": 1}, {"b": 1}), ValueError, "must score the same tasks"),
        (lambda: delta_m({}, {}), ValueError, "at least one"),
        (lambda: delta_m({"a": 1}, {"a": 0}), ValueError, "other than 0; got 0 for"),
        (lambda: delta_m({"a": 1}, [1]), TypeError, "baseline must map each task"),
        (
            lambda: delta_m({"a": 1}, {"a": 1}, lower_is_better=["b"]),
            ValueError,
            "lower_is_better names unknown tasks",
        ),
    ],
)
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()
