"""Label issues: planted ones are found, missing labels are none."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skmtl.comparison import find_label_issues, single_task_baselines

cleanlab = pytest.importorskip("cleanlab")


def make_labels(n_samples=120):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 2))
    y = pd.DataFrame(
        {"left": np.where(X[:, 0] > 0, "high", "low"), "right": (X[:, 1] > 0).astype(int)}
    ).astype(object)
    y.loc[rng.random(n_samples) < 0.2, "right"] = None
    return X, y


def test_planted_errors_are_the_most_suspicious():
    X, y = make_labels()
    certain = np.flatnonzero((np.abs(X) > 0.7).all(axis=1) & y["right"].notna())[:4]
    for row in certain:
        y.loc[row, "left"] = "low" if y.loc[row, "left"] == "high" else "high"
    y.loc[certain[0], "right"] = 1 - y.loc[certain[0], "right"]
    model = single_task_baselines(LogisticRegression())
    issues = find_label_issues(model, X, y)
    found = set(map(tuple, issues[["task", "row"]].iloc[:5].to_numpy().tolist()))
    assert found == {*(("left", row) for row in certain), ("right", certain[0])}
    assert issues["is_issue"][:5].all()
    first = issues.iloc[0]
    assert first["label"] != first["suggestion"]
    assert issues["quality"].is_monotonic_increasing


def test_every_label_has_a_line_and_a_missing_one_has_none():
    X, y = make_labels()
    issues = find_label_issues(single_task_baselines(LogisticRegression()), X, y, cv=3)
    assert issues.groupby("task").size().to_dict() == y.notna().sum().to_dict()
    for line in issues.iloc[::17].itertuples():
        assert y.loc[line.row, line.task] == line.label


def test_one_task_alone():
    X, y = make_labels()
    issues = find_label_issues(KNeighborsClassifier(3), X, y["left"].to_numpy().astype(str))
    assert set(issues["task"]) == {"y"}
    assert len(issues) == len(X)


def test_a_category_that_no_row_has_is_no_suggestion():
    X, y = make_labels()
    y = y[["left"]]
    every = pd.CategoricalDtype(["all", "high", "low", "medium"])
    model = single_task_baselines(LogisticRegression())
    plain, wide = (find_label_issues(model, X, one) for one in (y, y.astype(every)))
    pd.testing.assert_frame_equal(plain, wide)


def test_tags_alone_cannot_be_audited():
    X, _ = make_labels(20)
    tags = np.empty(20, object)
    tags[:] = [("a",), ("b",)] * 10
    with pytest.raises(ValueError, match="y must have a task of classes"):
        find_label_issues(LogisticRegression(), X, pd.DataFrame({"tags": tags}))


def test_without_cleanlab_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    with pytest.raises(ImportError, match=r"pip install cleanlab"):
        find_label_issues(LogisticRegression(), *make_labels())
