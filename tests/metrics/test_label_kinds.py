"""Scores of tags and numbers beside classes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from skmtl.metrics import delta_m, make_task_scorer, task_report, task_scores
from skmtl.metrics._label_kinds import kind_of_labels, tag_indicators, tag_sets
from skmtl.metrics._scores import PREDICTION_METRICS
from skmtl.metrics._task_view import true_and_predicted

TAGS = st.lists(st.frozensets(st.sampled_from("abc")), min_size=1, max_size=8)


def column(cells):
    return pd.Series(cells, dtype=object)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([1, 2], "class"),
        ([1.0, 2.0], "class"),
        ([1.0, 2.5], "number"),
        (column(["a", "b"]), "class"),
        (column([1, 2.5]), "number"),
        (column([("a",), ()]), "tags"),
        (column([True, False]), "class"),
    ],
)
def test_labels_tell_their_kind(labels, kind):
    assert kind_of_labels(labels) == kind
    assert kind_of_labels([1, 2], labels) == kind


@given(st.data(), TAGS)
def test_scores_of_tags_are_those_of_scikit_learn(data, truth):
    same = st.lists(st.frozensets(st.sampled_from("abc")), min_size=len(truth), max_size=len(truth))
    guess = data.draw(same)
    _, (t, g) = tag_indicators(truth, guess)
    options = {"zero_division": 0.0}
    cases = {
        "accuracy": np.mean([one == other for one, other in zip(truth, guess, strict=True)]),
        "jaccard": reference.jaccard_score(t, g, average="samples", zero_division=1.0)
        if t.shape[1] > 1
        else np.mean([one == other for one, other in zip(truth, guess, strict=True)]),
    }
    if t.shape[1] > 1:  # scikit-learn takes one column for classes
        cases["f1_micro"] = reference.f1_score(t, g, average="micro", **options)
        cases["f1_macro"] = reference.f1_score(t, g, average="macro", **options)
    frames = [column([tuple(one) for one in labels]) for labels in (truth, guess)]
    for metric, expected in cases.items():
        assert task_scores(*frames, metric=metric)["y"] == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=9))
def test_scores_of_numbers_are_those_of_scikit_learn(pairs):
    truth, guess = np.array(pairs).T
    weights = np.arange(1.0, len(truth) + 1)
    for metric, name in [
        ("neg_mean_absolute_error", "mean_absolute_error"),
        ("neg_root_mean_squared_error", "root_mean_squared_error"),
    ]:
        expected = -getattr(reference, name)(truth, guess, sample_weight=weights)
        found = task_scores(truth, guess, metric=metric, sample_weight=weights)["y"]
        assert found == pytest.approx(expected, abs=1e-12)
    if truth.std() > 1e-3:
        expected = reference.r2_score(truth, guess, sample_weight=weights)
        assert task_scores(truth, guess, metric="r2", sample_weight=weights)["y"] == pytest.approx(
            expected, rel=1e-6
        )


def test_every_kind_has_its_default_score_and_missing_labels_are_left_out():
    truth = pd.DataFrame({"a": ["x", None, "y"], "b": [0.5, 1.5, np.nan]})
    truth["c"] = [["p"], None, ["p", "q"]]
    guess = pd.DataFrame({"a": ["x", "y", "x"], "b": [0.5, 1.0, 9.0]})
    guess["c"] = [("p",), (), ("q",)]
    found = task_scores(truth, guess, metric="default")
    assert found == pytest.approx({"a": 0.5, "b": 0.5, "c": 0.8})


def test_a_scorer_asks_the_estimator_what_whole_numbers_are():
    class Model:
        task_names_, task_kinds_ = ["y"], {"y": "number"}

        def predict(self, X):
            return np.asarray(X)[:, 0].astype(float)

    scorer = make_task_scorer("y", "default")
    assert scorer(Model(), [[1], [2], [4]], [1, 2, 3]) == pytest.approx(0.5)


def test_an_error_that_falls_is_a_gain():
    gain = delta_m({"price": -0.4}, {"price": -0.5})
    assert gain == pytest.approx(0.2)
    assert gain == pytest.approx(delta_m({"p": 0.4}, {"p": 0.5}, lower_is_better=["p"]))


def test_a_report_has_a_row_per_task_and_one_per_class_and_tag():
    truth = pd.DataFrame({"a": ["x", "y", None], "b": [0.5, 1.5, 2.5], "d": [None] * 3})
    truth["c"] = [["p"], ["q"], []]
    guess = pd.DataFrame({"a": ["x", "x", "y"], "b": [0.5, 1.5, 2.5], "d": ["z"] * 3})
    guess["c"] = [["p"], [], ["q"]]
    report = task_report(truth, guess)
    assert report.tasks["kind"].tolist() == ["class", "number", None, "tags"]
    assert report.tasks["n_labelled"].tolist() == [2, 3, 0, 3]
    assert report.tasks.loc["a", "accuracy"] == 0.5
    assert report.tasks.loc["b", "r2"] == 1
    assert report.tasks.loc["c", "f1_micro"] == 0.5
    assert report.labels["recall"].to_dict() == {
        ("a", "x"): 1.0, ("a", "y"): 0.0, ("c", "p"): 1.0, ("c", "q"): 0.0,
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"same shape; got \(3, 4\) and \(3, 1\)"):
        task_report(truth, guess[["a"]])


def test_tags_that_are_no_collections_are_named():
    with pytest.raises(TypeError, match="Tags must be lists, tuples, sets or arrays; got 'p'"):
        tag_sets(["p"])


MIXTURE = pd.DataFrame({"side": ["L", "R"], "price": [1.5, 2.5], "level": [1, 2]})
MIXTURE["tags"] = [["p"], []]


class Mixed:
    """An estimator of a mixture; its tags are read from strings."""

    task_names_ = ("side", "price", "level", "tags")
    task_kinds_ = {  # noqa: RUF012
        "side": "class", "price": "number", "level": "ordinal", "tags": "tags",
    }  # fmt: skip
    classes_ = (np.array(["L", "R"]), None, np.array([1, 2]), np.array(["p", "q"]))

    def get_params(self):
        return {"network__tag_separator": {"tags": "|"}}

    def predict(self, X):  # noqa: ARG002
        return np.array([["L", 1.5, 1, ("p", "q")], ["L", 2.0, 1, ()]], object)

    def predict_proba(self, X):  # noqa: ARG002
        return [np.full((2, 2), 0.5), np.ones((2, 1)), np.full((2, 2), 0.5), np.full((2, 2), 0.5)]


@pytest.mark.parametrize(
    ("task", "metrics"),
    [
        ("side", {"jaccard", "r2", "neg_mean_absolute_error"}),
        ("price", {"accuracy", "balanced_accuracy", "f1_macro", "jaccard", "roc_auc"}),
        ("tags", {"balanced_accuracy", "r2", "neg_log_loss", "roc_auc"}),
        ("level", {"jaccard"}),
    ],
)
def test_a_metric_of_other_labels_names_the_task_and_those_it_has(task, metrics):
    for metric in metrics:
        with pytest.raises(ValueError, match=f"Task '{task}' has labels of the kind .*'{metric}'"):
            make_task_scorer(task, metric)(Mixed(), [[0], [1]], MIXTURE)
        if metric in PREDICTION_METRICS:
            with pytest.raises(ValueError, match="suit every kind: 'default'"):
                task_scores(MIXTURE[[task]], MIXTURE[[task]], metric=metric)


def test_whole_numbers_that_are_classes_have_errors_too():
    scorer = make_task_scorer("level", "neg_mean_absolute_error")
    assert scorer(Mixed(), [[0], [1]], MIXTURE) == -0.5


def test_strings_of_tags_are_read_as_the_estimator_reads_them():
    strings = MIXTURE.assign(tags=["p| q", ""])
    for y in (strings, strings.to_numpy()):
        task = "tags" if y is strings else "task_3"
        assert make_task_scorer(task, "f1_micro")(Mixed(), [[0], [1]], y) == 1.0
        truth, _ = true_and_predicted(Mixed(), [[0], [1]], y)
        assert truth[3].labels.tolist() == [["p", "q"], []]
    with pytest.raises(TypeError, match=r"got 'p\| q'. Make lists of strings .* str.split"):
        task_scores(strings, Mixed().predict(None), metric="default")


@pytest.mark.parametrize("quantiles", [None, (0.1, 0.2, 0.6), {"y": (0.1, 0.2, 0.6)}])
def test_of_all_quantiles_the_one_next_to_the_median_is_scored(quantiles):
    class Quantiles:
        task_names_, task_kinds_ = ["y"], {"y": "number"}

        def get_params(self):
            return {"quantiles": quantiles}

        def predict(self, X):
            return np.asarray(X)

    X, middle = [[9.0, 1.5, 2.5], [0.0, 2.5, 3.5]], 1 if quantiles is None else 2
    truth = np.array(X)[:, middle]
    assert make_task_scorer("y", "default")(Quantiles(), X, truth) == 1.0
    _, (guess,) = true_and_predicted(Quantiles(), X, truth)
    assert guess.values.tolist() == truth.tolist()
