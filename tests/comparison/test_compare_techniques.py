"""Techniques meet the same splits and seeds, and what they did is reported as it was."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_techniques import NoisyRule, make_table
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, StratifiedKFold
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skmtl.comparison import (
    Comparison,
    compare_techniques,
    corrected_interval,
    corrected_t_test,
    holm,
    single_task_baselines,
)
from skmtl.comparison._memory import MemoryRise
from skmtl.metrics import delta_m
from skmtl.model_selection import MultiTaskStratifiedKFold


def compare(techniques, X, y, **options):
    return compare_techniques(techniques, X, y, **{"cv": 3, "verbose": 0, **options})


def test_runs_hold_a_row_per_run_and_task():
    X, y = make_table()
    comparison = compare({"exact": NoisyRule(), "noisy": NoisyRule(0.3)}, X, y, n_repeats=2)
    runs = comparison.runs
    assert list(runs.columns) == [
        "technique", "repeat", "fold", "seed", "task", "score", "fit_seconds",
        "predict_ms_per_row", "memory_mib", "n_parameters", "n_train", "n_test", "error",
    ]  # fmt: skip
    assert len(runs) == 2 * 2 * 3 * 2
    assert set(zip(runs["repeat"], runs["seed"], strict=True)) == {(0, 0), (1, 1)}
    assert (runs["n_train"] == 40).all()
    assert (runs["n_test"] == 20).all()
    assert (runs["n_parameters"] == 7).all()
    assert runs["error"].isna().all()
    assert (runs[["fit_seconds", "predict_ms_per_row"]] > 0).all(axis=None)
    assert (runs.loc[runs["technique"] == "exact", "score"] == 1.0).all()


def test_scores_are_those_of_the_seeded_folds():
    X, y = make_table()
    runs = compare({"noisy": NoisyRule(0.3)}, X, y, random_state=5, n_repeats=2).runs
    for repeat in (0, 1):
        folds = MultiTaskStratifiedKFold(3, shuffle=True, random_state=5 + repeat)
        for fold, (train, test) in enumerate(folds.split(X, y)):
            model = NoisyRule(0.3, random_state=5 + repeat).fit(X[train], y.iloc[train])
            right = model.predict(X[test]) == y.iloc[test]
            for task in y:
                score = right[task][y[task].iloc[test].notna()].mean()
                same = (runs["repeat"] == repeat) & (runs["fold"] == fold) & (runs["task"] == task)
                assert runs.loc[same, "score"].item() == pytest.approx(score)


def test_techniques_share_splits_and_seeds(tmp_path):
    X, y = make_table()
    logs = [tmp_path / "one", tmp_path / "two"]
    techniques = {
        "bare": NoisyRule(0.1, log=logs[0]),
        "piped": make_pipeline(StandardScaler(with_mean=False, with_std=False),
                               NoisyRule(0.1, log=logs[1])),
    }  # fmt: skip
    comparison = compare(techniques, X, y, n_repeats=2)
    assert logs[0].read_text() == logs[1].read_text()
    assert len(logs[0].read_text().splitlines()) == 6
    bare, piped = (comparison.scores_of(name) for name in techniques)
    pd.testing.assert_frame_equal(bare, piped)
    assert (comparison.tests["difference"] == 0).all()
    assert (comparison.tests["p_holm"] == 1).all()


def test_estimators_given_are_left_alone():
    X, y = make_table()
    technique = NoisyRule(0.1)
    compare({"noisy": technique}, X, y)
    assert vars(technique) == vars(NoisyRule(0.1))


def test_summary_and_tests_are_what_the_runs_say():
    X, y = make_table(90)
    errors = {"base": 0.1, "worse": 0.3, "alike": 0.12, "bad": 0.5}
    techniques = {name: NoisyRule(error, random_state=0) for name, error in errors.items()}
    comparison = compare(techniques, X, y, n_repeats=3, confidence=0.9)
    share = 30 / 60
    runs, summary = comparison.runs, comparison.summary
    p_values = []
    for name in errors:
        mine = runs[runs["technique"] == name]
        means = {}
        for task in y:
            scores = mine.loc[mine["task"] == task, "score"]
            row = summary.loc[name]
            means[task] = scores.mean()
            assert row[task] == pytest.approx(scores.mean())
            assert row[f"{task}_std"] == pytest.approx(scores.std())
            low, high = np.clip(corrected_interval(scores, share, 0.9), 0, 1)
            assert (row[f"{task}_low"], row[f"{task}_high"]) == pytest.approx((low, high))
        per_run = mine.groupby(["repeat", "fold"])["score"].mean()
        assert summary.loc[name, "mean"] == pytest.approx(per_run.mean())
        base = {task: summary.loc["base", task] for task in y}
        assert summary.loc[name, "delta_m"] == pytest.approx(delta_m(means, base))
        assert summary.loc[name, ["n_runs", "n_failed"]].tolist() == [9, 0]
        for task in [*y, "mean"]:
            difference = comparison.scores_of(name)[task] - comparison.scores_of("base")[task]
            if name != "base":
                tests = comparison.tests
                test = tests[(tests["technique"] == name) & (tests["task"] == task)].squeeze()
                assert test["difference"] == pytest.approx(difference.mean())
                assert test["p_value"] == pytest.approx(corrected_t_test(difference, share))
                expected = corrected_interval(difference, share, 0.9)
                assert (test["low"], test["high"]) == pytest.approx(expected)
        gains = comparison.scores_of(name)[list(y)] - comparison.scores_of("base")[list(y)]
        p_values.append(corrected_t_test((gains / pd.Series(base)).mean(axis=1), share))
    assert np.isnan(summary.loc["base", "p_value"])
    np.testing.assert_allclose(summary["p_value"].iloc[1:], holm(p_values[1:]))
    assert summary.loc["bad", "p_value"] < 0.05
    assert summary.loc["alike", "p_value"] > 0.1
    for task, tests in comparison.tests.groupby("task"):
        np.testing.assert_allclose(tests["p_holm"], holm(tests["p_value"]), err_msg=task)


def test_intervals_end_where_scores_end_and_few_runs_are_reported():
    runs = pd.DataFrame(
        {
            "technique": ["a", "a", "b", "b"], "repeat": 0, "fold": [0, 1, 0, 1], "seed": 0,
            "task": "y", "score": [0.3, 0.9, 0.9, 0.3], "fit_seconds": 1.0,
            "predict_ms_per_row": 1.0, "memory_mib": 1.0, "n_parameters": 1.0, "n_train": 10,
            "n_test": 10, "error": None,
        }
    )  # fmt: skip
    wide = Comparison(runs, baseline="a", metric="profit")
    assert wide.summary.loc["b", "y_low"] < -1
    assert wide.tests.loc[0, "high"] > 1
    comparison = Comparison(runs, baseline="a")
    assert comparison.summary.loc["b", ["y_low", "y_high"]].tolist() == [0, 1]
    assert comparison.tests.loc[0, ["low", "high"]].tolist() == [-1, 1]
    gains = comparison.summary.loc["b", ["delta_m_low", "delta_m_high"]]
    assert gains.tolist() == pytest.approx([-1, (1 - 0.6) / 0.6])
    losses = Comparison(runs.assign(score=-runs["score"]), baseline="a", metric="neg_log_loss")
    assert losses.summary.loc["b", "y_high"] == 0
    assert losses.summary.loc["b", "y_low"] < -1
    caveat = "Only 2 runs of a technique: intervals and p-values are of little use below 5"
    assert caveat in str(comparison)
    assert caveat in comparison._repr_html_()
    many = pd.concat([runs.assign(repeat=repeat) for repeat in range(3)])
    assert "Only" not in str(Comparison(many, baseline="a"))


def test_another_baseline_and_metric():
    X, y = make_table(missing=0.0)
    y = y.astype(int)
    techniques = {
        "linear": single_task_baselines(LogisticRegression(solver="newton-cg")),
        "majority": single_task_baselines(DummyClassifier(strategy="prior")),
    }
    comparison = compare(techniques, X, y, metric="neg_log_loss", baseline="majority")
    summary = comparison.summary
    assert summary.loc["majority", "delta_m"] == 0
    assert summary.loc["linear", "delta_m"] > 0.3
    assert comparison.metric == "neg_log_loss"
    assert "neg_log_loss: mean [95 % interval]" in str(comparison)


@pytest.mark.parametrize("kind", ["frame", "array", "list", "1-D"])
def test_any_table_of_labels(kind):
    X, y = make_table(missing=0.0)
    y = y.astype(int)
    y = {"frame": y, "array": y.to_numpy(), "list": y.to_numpy().tolist(), "1-D": y["left"]}[kind]
    comparison = compare({"tree": DecisionTreeClassifier(max_depth=3)}, X, y)
    names = {"frame": ["left", "right"], "1-D": ["left"]}.get(kind, ["task_0", "task_1"])
    assert comparison.tasks == names
    assert comparison.summary.loc["tree", "mean"] > 0.9


@pytest.mark.parametrize("one_dimensional", [True, False])
def test_a_label_that_means_missing(one_dimensional):
    X, y = make_table(missing=0.3)
    y = y.where(y.notna(), -1).astype(int).to_numpy()
    y = y[:, 0] if one_dimensional else y
    comparison = compare({"exact": NoisyRule()}, X, y, missing_label=-1)
    assert (comparison.runs["score"] == 1.0).all()


@pytest.mark.parametrize(
    "cv", [KFold(3), KFold(3, shuffle=True), ShuffleSplit(3), GroupKFold(3), "list"], ids=str
)
def test_splitters(cv):
    X, y = make_table(missing=0.0)
    groups = np.arange(60) // 4 if isinstance(cv, GroupKFold) else None
    cv = (
        [(np.arange(30), np.arange(30, 60)), (list(range(40)), list(range(40, 60)))]
        if (cv == "list")
        else cv
    )
    runs = compare({"exact": NoisyRule()}, X, y, cv=cv, groups=groups, n_repeats=2).runs
    n_folds = 2 if isinstance(cv, list) else 3
    assert len(runs.drop_duplicates(["repeat", "fold"])) == 2 * n_folds


def test_a_shuffling_splitter_shuffles_again_in_each_repetition(tmp_path):
    X, y = make_table(missing=0.0)
    log = tmp_path / "log"
    cv = StratifiedKFold(3, shuffle=True, random_state=7)
    compare({"exact": NoisyRule(log=log)}, X, y["left"].astype(int), cv=cv, n_repeats=2)
    sums = [line.split()[-1] for line in log.read_text().splitlines()]
    assert len(set(sums)) == 6
    assert cv.random_state == 7


def test_a_technique_that_fails_is_reported_and_the_others_go_on():
    X, y = make_table()
    techniques = {"good": NoisyRule(), "flaky": NoisyRule(fail_on=1), "broken": DummyRefuser()}
    comparison = compare(techniques, X, y, n_repeats=2)
    summary = comparison.summary
    assert summary["n_runs"].to_dict() == {"good": 6, "flaky": 3, "broken": 0}
    assert summary["n_failed"].to_dict() == {"good": 0, "flaky": 3, "broken": 6}
    assert summary.loc["flaky", "left"] == 1.0
    assert np.isnan(summary.loc["broken", "mean"])
    errors = comparison.runs.loc[comparison.runs["technique"] == "flaky", "error"].dropna()
    assert set(errors) == {"RuntimeError: cannot learn with seed 1"}
    assert "3 of 6" in str(comparison)
    del techniques["broken"]
    with pytest.raises(RuntimeError, match="cannot learn with seed 1"):
        compare(techniques, X, y, n_repeats=2, raise_errors=True)


class DummyRefuser(NoisyRule):
    def fit(self, X, y):  # noqa: ARG002
        raise ValueError("no")


def test_a_baseline_that_fails_leaves_the_scores_of_the_others():
    X, y = make_table()
    comparison = compare({"broken": DummyRefuser(), "good": NoisyRule()}, X, y)
    assert comparison.summary.loc["good", "mean"] == 1.0
    assert np.isnan(comparison.summary.loc["good", "delta_m"])
    assert "—" in str(comparison)


def test_a_fold_without_a_label_of_a_task_counts_for_the_other_task():
    X, y = make_table(missing=0.0)
    y.iloc[20:, 1] = None
    runs = compare({"exact": NoisyRule()}, X, y, cv=KFold(3)).runs
    right = runs[runs["task"] == "right"]
    assert right["score"].isna().tolist() == [False, True, True]
    assert runs["error"].isna().all()


def test_parameters_are_counted_in_linear_models():
    X, y = make_table(missing=0.0)
    y = y.astype(int)
    linear = LogisticRegression(solver="newton-cg")
    techniques = {
        "per task": single_task_baselines(linear),
        "multi": MultiOutputClassifier(make_pipeline(StandardScaler(), linear)),
        "tree": DecisionTreeClassifier(),
    }
    counts = compare(techniques, X, y).summary["n_parameters"]
    assert counts[["per task", "multi"]].tolist() == [6, 6]
    assert np.isnan(counts["tree"])


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux keeps the peak")
def test_a_memory_rise_is_measured():
    X, y = make_table()
    summary = compare({"small": NoisyRule(), "big": Hoarder()}, X, y).summary
    assert summary.loc["big", "memory_mib"] > 60
    assert summary.loc["small", "memory_mib"] < 30


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux keeps the peak")
def test_memory_that_earlier_work_left_behind_counts():
    blocks = [
        bytearray(100_000) for _ in range(1500)
    ]  # small enough for the heap, which keeps them
    pinned = bytearray(100_000)
    del blocks
    with MemoryRise() as memory:
        blocks = [bytearray(100_000) for _ in range(800)]
    assert memory.rise_mib > 60
    assert pinned
    assert blocks


class Hoarder(NoisyRule):
    def fit(self, X, y):
        block = np.ones(80 * 2**20, dtype=np.uint8)
        super().fit(X, y)
        del block
        return self


def test_the_progress_says_how_far_it_is_and_what_is_left(capsys):
    X, y = make_table()
    compare({"good": NoisyRule(), "broken": DummyRefuser()}, X, y, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    first = r"1/6 \| good \| left 1\.000, right 1\.000 \| \d\.\d s \| \d+ s left"
    assert re.fullmatch(first, lines[0])
    assert lines[1].startswith("2/6 | broken | failed: ValueError: no | ")
    assert lines[-1].endswith(" | 0 s left")


def test_nothing_is_said_if_not_verbose(capsys):
    X, y = make_table()
    compare({"good": NoisyRule(), "broken": DummyRefuser()}, X, y, verbose=0)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_the_table_is_for_people():
    X, y = make_table()
    comparison = compare({"exact": NoisyRule(), "noisy": NoisyRule(0.3)}, X, y, n_repeats=2)
    text = str(comparison)
    assert "1.000 [1.000, 1.000]" in text
    assert "against 'exact'" in text
    assert "<table" in comparison._repr_html_()
    assert repr(comparison) == (
        "Comparison(2 techniques, tasks ['left', 'right'], 12 runs, baseline 'exact')"
    )
    again = Comparison(comparison.runs, baseline="noisy")
    assert again.summary.loc["exact", "delta_m"] > 0


def test_finished_runs_are_not_done_again(tmp_path):
    X, y = make_table()
    path, log = tmp_path / "runs.jsonl", tmp_path / "log"
    techniques = {"noisy": NoisyRule(0.3, log=log)}
    first = compare(techniques, X, y, results_path=path)
    again = compare(techniques, X, y, results_path=path)
    pd.testing.assert_frame_equal(first.runs, again.runs)
    assert len(log.read_text().splitlines()) == 3
    lines = path.read_text().splitlines()
    assert [json.loads(line)["technique"] for line in lines] == ["noisy"] * 3
    more = compare(techniques | {"exact": NoisyRule(log=log)}, X, y, results_path=path, n_repeats=2)
    assert len(log.read_text().splitlines()) == 3 + 3 + 6
    assert len(more.runs) == 2 * 6 * 2


@pytest.mark.parametrize("change", ["parameter", "labels", "cells", "metric", "seed", "folds"])
def test_whatever_changes_a_run_has_it_done_again(tmp_path, change):
    X, y = make_table()
    path, log = tmp_path / "runs.jsonl", tmp_path / "log"
    compare({"a": NoisyRule(0.3, log=log)}, X, y, results_path=path)
    X, y = X.copy(), y.copy()
    if change == "labels":
        y.iloc[0, 0] = 1 - (y.iloc[0, 0] or 0)
    if change == "cells":
        X[0] += 1e-3
    technique = NoisyRule(0.2 if change == "parameter" else 0.3, log=log)
    options = {
        "metric": {"metric": "f1_macro"}, "seed": {"random_state": 1}, "folds": {"cv": 4},
    }.get(change, {})  # fmt: skip
    comparison = compare({"a": technique}, X, y, results_path=path, **options)
    assert len(log.read_text().splitlines()) == (7 if change == "folds" else 6)
    assert len(comparison.runs) == (8 if change == "folds" else 6)


def test_failed_runs_are_tried_again(tmp_path):
    X, y = make_table()
    path = tmp_path / "runs.jsonl"
    gate = tmp_path / "gate"
    assert compare({"a": Gated(gate)}, X, y, results_path=path).summary["n_failed"].item() == 3
    gate.touch()
    assert compare({"a": Gated(gate)}, X, y, results_path=path).summary["n_failed"].item() == 0


class Gated(NoisyRule):
    def __init__(self, gate=None, random_state=None):
        super().__init__(random_state=random_state)
        self.gate = gate

    def fit(self, X, y):
        if not self.gate.exists():
            raise OSError("the gate is closed")
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"techniques": {}}, TypeError, "techniques must map at least one name"),
        ({"techniques": [NoisyRule()]}, TypeError, "techniques must map"),
        ({"techniques": {"a": NoisyRule}}, TypeError, r"techniques\['a'\] must be an estimator"),
        ({"baseline": "b"}, ValueError, r"baseline must be one of \['a'\]; got 'b'"),
        ({"n_repeats": 0}, ValueError, "n_repeats must be an int >= 1; got 0"),
        ({"random_state": None}, TypeError, "random_state must be an int >= 0; got NoneType"),
        ({"confidence": 95}, ValueError, r"confidence must be a number in \(0, 1\); got 95"),
        ({"cv": 1}, ValueError, "n_splits must be an int >= 2; got 1"),
        ({"metric": "acuracy"}, ValueError, "acuracy"),
        ({"y": pd.DataFrame({"mean": [0, 1] * 30})}, ValueError, "must not be called 'mean'"),
        (
            {"y": pd.DataFrame({"price": np.arange(60) / 7})},
            ValueError,
            "Task 'price' has labels of the kind 'number'.*got 'accuracy'",
        ),
        ({"y": [0, 1]}, ValueError, "inconsistent numbers of samples"),
    ],
)
def test_bad_input_is_named(options, error, text):
    X, y = make_table()
    arguments = {"techniques": {"a": NoisyRule()}, "X": X, "y": y, "verbose": 0} | options
    with pytest.raises(error, match=text):
        compare_techniques(**arguments)


@pytest.mark.slow
def test_runs_at_a_time_give_the_runs_of_one_after_the_other(tmp_path):
    X, y = make_table()
    techniques = {"a": NoisyRule(0.1), "b": NoisyRule(0.3, fail_on=1)}

    def compare(**options):
        options |= {"cv": 3, "n_repeats": 2, "verbose": 0}
        runs = compare_techniques(techniques, X, y, **options).runs
        return runs[["technique", "repeat", "fold", "seed", "task", "score", "error"]]

    expected = compare()
    assert expected["error"].notna().sum() == 3 * 2
    path = tmp_path / "runs.jsonl"
    pd.testing.assert_frame_equal(compare(n_jobs=2, results_path=path), expected)
    assert len(path.read_text().splitlines()) == 12
    with pytest.raises(RuntimeError, match="cannot learn with seed 1"):
        compare(n_jobs=2, raise_errors=True)
