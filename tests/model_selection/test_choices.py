"""The Pareto front and the one-standard-error rule."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.tree import DecisionTreeClassifier

from skmtl.metrics import task_scorers
from skmtl.model_selection import OneStandardErrorRule, pareto_front


def results_of(scores, n_splits=3, noise=0.02, name="{task}_accuracy"):
    """Return cv_results_ with these mean scores, ``{task: (n_candidates,)}``."""
    first = next(iter(scores.values()))
    results = {"params": [{"number": i} for i in range(len(first))]}
    steps = np.linspace(-noise, noise, n_splits) if n_splits > 1 else [0.0]
    for task, mean in scores.items():
        key = name.format(task=task)
        for split, step in enumerate(steps):
            results[f"split{split}_test_{key}"] = np.asarray(mean) + step
        results[f"mean_test_{key}"] = np.asarray(mean, dtype=float)
    return results


@given(scores=st.lists(st.tuples(*[st.integers(0, 4).map(float)] * 3), min_size=1, max_size=25))
def test_the_front_is_what_the_definition_says(scores):
    table = dict(zip("abc", map(list, zip(*scores, strict=True)), strict=True))
    front = pareto_front(results_of(table), ["a", "b", "c"])

    def dominates(one, other):
        pairs = list(zip(one, other, strict=True))
        return all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)

    expected = {
        i for i, row in enumerate(scores) if not any(dominates(other, row) for other in scores)
    }
    assert set(front.index) == expected
    assert front["a_mean"].is_monotonic_decreasing
    assert [params["number"] for params in front["params"]] == list(front.index)


def test_standard_errors_and_other_metrics():
    results = results_of({"a": [0.5, 0.6], "b": [0.6, 0.5]}, name="{task}_f1_macro")
    front = pareto_front(results, ["a", "b"], metric="f1_macro")
    np.testing.assert_allclose(front["a_se"], np.std([-0.02, 0, 0.02], ddof=1) / np.sqrt(3))
    single = pareto_front(results_of({"a": [0.5]}, n_splits=1), ["a"])
    assert np.isnan(single["a_se"]).all()


def test_the_rule_reads_the_metric_it_was_told():
    results = results_of({"mean": [0.80, 0.5]}) | results_of({"mean": [0.5, 0.8]}, name="{task}_f1")
    assert OneStandardErrorRule(lambda params: 0)(results) == 0  # noqa: ARG005
    rule = OneStandardErrorRule(lambda params: 0, metric="mean_f1")  # noqa: ARG005
    assert rule(results) == 1
    assert repr(OneStandardErrorRule("a")) == "OneStandardErrorRule('a', metric='mean_accuracy')"


def test_what_lies_one_standard_error_below_is_as_good():
    error = np.std([-0.5, 0, 0.5], ddof=1) / np.sqrt(3)
    results = results_of({"mean": [2.0, 2.0 - error, 1.99 - error]}, noise=0.5)
    assert OneStandardErrorRule(lambda params: -params["number"])(results) == 1


def test_failed_candidates_are_left_out():
    front = pareto_front(results_of({"a": [np.nan, 0.1], "b": [0.9, 0.1]}), ["a", "b"])
    assert list(front.index) == [1]


def test_front_and_rule_of_a_real_search():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1] + rng.normal(size=90) > 0}).astype(int)
    search = GridSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2, 3, 8]},
        cv=KFold(3),
        scoring=task_scorers(["a", "b"]),
        refit=OneStandardErrorRule("param_max_depth"),
    ).fit(X, y)
    front = pareto_front(search.cv_results_, ["a", "b"])
    assert 1 <= len(front) <= 4
    means = search.cv_results_["mean_test_mean_accuracy"]
    best = means.argmax()
    splits = [search.cv_results_[f"split{i}_test_mean_accuracy"][best] for i in range(3)]
    limit = means[best] - np.std(splits, ddof=1) / np.sqrt(3)
    expected = min(i for i in range(4) if means[i] >= limit)
    assert search.best_index_ == expected
    assert search.best_estimator_.max_depth == [1, 2, 3, 8][expected]


def test_the_rule_takes_a_callable_and_breaks_ties_by_score():
    results = results_of({"mean": [0.80, 0.79, 0.795, 0.5]}, noise=0.05)
    assert OneStandardErrorRule(lambda params: -params["number"])(results) == 2
    assert OneStandardErrorRule(lambda params: 0)(results) == 0  # noqa: ARG005


def test_a_candidate_without_the_parameter_is_not_the_cheapest():
    results = results_of({"mean": [0.80, 0.80]})
    results["param_epochs"] = np.ma.array([7, 9], mask=[True, False], dtype=object)
    assert OneStandardErrorRule("param_epochs")(results) == 1


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: pareto_front(results_of({"a": [1.0]}), ["b"]),
            ValueError,
            r"cv_results has no score 'b_accuracy'; it has \['a_accuracy'\]",
        ),
        (lambda: pareto_front({}, []), ValueError, "at least one task"),
        (lambda: pareto_front({}, "a"), ValueError, "at least one task; got 'a'"),
        (lambda: OneStandardErrorRule(3), TypeError, "cost must be a key of cv_results_"),
        (
            lambda: OneStandardErrorRule("size")(results_of({"mean": [1.0]})),
            ValueError,
            "cost must be a key of cv_results_ or a callable; got 'size'",
        ),
        (
            lambda: OneStandardErrorRule("params")(results_of({"mean": [1.0]}, n_splits=1)),
            ValueError,
            "needs at least two splits",
        ),
        (
            lambda: OneStandardErrorRule("params")(results_of({"mean": [np.nan]})),
            ValueError,
            "Every candidate of the search failed",
        ),
    ],
)
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()
