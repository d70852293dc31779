"""Every row is predicted by a model that was not trained on it, with all classes as columns."""

import numpy as np
import pandas as pd
import polars
import pytest
from sklearn import model_selection
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.tree import DecisionTreeClassifier

from skmtl import MultiTaskClassifier
from skmtl.comparison import single_task_baselines
from skmtl.metrics import task_scorers
from skmtl.model_selection import cross_val_predict

METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 2)), columns=["u", "v"], index=np.arange(60) + 7)
    kind = np.array(["x", "y", "z"], object)[np.digitize(X["u"], [-0.5, 0.5])]
    y = pd.DataFrame({"kind": kind, "sign": (X["v"] > 0).astype(object)}, index=X.index)
    y.iloc[::4, 0] = None
    y.iloc[1::5, 1] = None
    return X, y


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("classes", [2, 3])
def test_without_missing_labels_it_is_scikit_learns(method, classes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = np.digitize(X[:, 0], [0, 0.5][: classes - 1]) + 5
    model = LogisticRegression()
    expected = model_selection.cross_val_predict(model, X, y, cv=KFold(3), method=method)
    found = cross_val_predict(model, X, y, cv=KFold(3), method=method)
    if method == "decision_function" and classes == 2:
        found = found[:, 1]
    np.testing.assert_allclose(found, expected)
    assert found.dtype == expected.dtype


def test_frames_come_back_with_the_names_of_tasks_and_classes(table):
    X, y = table
    model = single_task_baselines(LogisticRegression(solver="newton-cg"))
    predicted = cross_val_predict(model, X, y, cv=KFold(3))
    assert list(predicted.columns) == ["kind", "sign"]
    assert predicted.index.equals(X.index)
    right = (predicted == y)[y.notna()]
    assert right["kind"].mean() > 0.7
    tables = cross_val_predict(model, X, y, cv=KFold(3), method="predict_proba")
    for probabilities, task in zip(tables, y, strict=True):
        assert probabilities.columns.name == task
        assert probabilities.columns.tolist() == sorted(y[task].dropna().unique())
        assert probabilities.index.equals(X.index)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        assert (probabilities.idxmax(axis=1) == predicted[task]).all()
    reordered = cross_val_predict(model, X, y[["sign", "kind"]], cv=KFold(3))
    pd.testing.assert_frame_equal(reordered[["kind", "sign"]], predicted)


def test_a_class_that_a_fold_was_trained_without_has_probability_zero():
    X = np.arange(9.0)[:, None]
    y = np.array(["a", "b", "c", "a", "b", "a", "b", "a", "b"], object)
    for method, value in (("predict_proba", 0.0), ("predict_log_proba", -np.inf)):
        with np.errstate(divide="ignore"):
            table = cross_val_predict(
                DecisionTreeClassifier(), X, y, cv=[([3, 4, 5, 6, 7, 8], [0, 1, 2]),
                                                    ([0, 1, 2], [3, 4, 5, 6, 7, 8])], method=method,
            )  # fmt: skip
        assert table.shape == (9, 3)
        assert (table[:3, 2] == value).all()


def test_arrays_lists_series_and_frames_of_other_libraries(table):
    X, y = table
    whole = y.assign(kind=y["kind"].fillna("x"), sign=y["sign"].fillna(True).astype(int))
    model = DecisionTreeClassifier(random_state=0)
    expected = cross_val_predict(model, X, whole["sign"], cv=3)
    assert expected.name == "sign"
    array = cross_val_predict(model, X.to_numpy(), whole["sign"].to_numpy(), cv=3)
    assert array.tolist() == expected.tolist()
    two = cross_val_predict(model, X, whole[["sign", "sign"]].to_numpy(), cv=KFold(3))
    assert two.shape == (60, 2)
    model = single_task_baselines(model)
    mixed = cross_val_predict(model, X, whole.to_numpy().tolist(), cv=KFold(3))
    frame = cross_val_predict(
        model, polars.DataFrame({"u": X["u"].tolist(), "v": X["v"].tolist()}),
        polars.DataFrame({name: whole[name].tolist() for name in whole}), cv=KFold(3),
    )  # fmt: skip
    assert frame.to_numpy().tolist() == mixed.tolist()


def test_weights_reach_the_rows_of_the_fold(table):
    X, y = table
    weights = np.where(y["sign"].to_numpy(object) == True, 1.0, 0.0)  # noqa: E712
    labels = y["sign"].fillna(False).astype(int)
    params = {"sample_weight": weights}
    predicted = cross_val_predict(DecisionTreeClassifier(), X, labels, cv=3, params=params)
    assert (predicted == 1).all()


@pytest.mark.slow
def test_categories_are_the_columns_also_of_a_class_that_no_row_has(table):
    X, y = table
    y = y.assign(kind=pd.Categorical(y["kind"], ["z", "x", "q", "y"]))
    cv = KFold(2)
    rows = np.argsort(y["kind"].isin(["z"]), kind="stable")  # the last fold alone has "z"
    X, y = X.iloc[rows], y.iloc[rows]
    assert "z" not in y["kind"].iloc[next(iter(cv.split(X)))[1]].tolist()
    model = MultiTaskClassifier(epochs=1, branch_units=4, random_state=0, class_weight="balanced")
    kind, _ = cross_val_predict(model, X, y, cv=cv, method="predict_proba")
    assert kind.columns.tolist() == ["q", "x", "y", "z"]
    assert (kind > 0).all(axis=None), "every fold's network has every class"
    scores = model_selection.cross_validate(
        model, X, y, cv=cv, scoring=task_scorers(["kind"], ["accuracy", "neg_log_loss"]),
        return_estimator=True,
    )  # fmt: skip
    assert [m.classes_[0].tolist() for m in scores["estimator"]] == [["q", "x", "y", "z"]] * 2
    assert np.isfinite(scores["test_kind_neg_log_loss"]).all()
    trees = single_task_baselines(DecisionTreeClassifier())
    kind, _ = cross_val_predict(trees, X, y, cv=cv, method="predict_proba")
    assert kind.columns.tolist() == ["q", "x", "y", "z"]
    assert (kind["q"] == 0).all()


@pytest.mark.slow  # another network is compiled
def test_classes_reach_the_fits_of_all_folds(table):
    X, y = table
    model = MultiTaskClassifier(epochs=1, branch_units=4, random_state=0)
    labels = y["kind"].fillna("x")
    params = {"classes": ["x", "y", "z"]}
    order = np.argsort(labels == "z", kind="stable")
    found = cross_val_predict(
        model, X.iloc[order], labels.iloc[order], cv=KFold(2), method="predict_proba", params=params
    )
    assert (found > 0).all(axis=None)
    params = {"classes": ["x", "y", "z", "q"]}
    with pytest.raises(ValueError, match="make the column of y a pandas category of all classes"):
        cross_val_predict(model, X, labels, cv=KFold(2), method="predict_proba", params=params)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": ShuffleSplit(2)}, "test parts of cv must hold every row once"),
        ({"method": "transform"}, "method must be one of 'predict'"),
        ({"y": None}, "requires y to be passed"),
    ],
)
def test_bad_input_is_named(options, message):
    arguments = {"X": np.zeros((6, 1)), "y": [0, 1] * 3} | options
    with pytest.raises(ValueError, match=message):
        cross_val_predict(DecisionTreeClassifier(), **arguments)


def test_numbers_have_no_probabilities_also_whole_ones():
    class Counts(BaseEstimator):
        task_names_ = ("kind", "count")
        classes_ = (np.array(["a", "b"]), None)

        def fit(self, X, y):  # noqa: ARG002
            return self

        def predict_proba(self, X):
            return [np.full((len(X), 2), 0.5), np.ones((len(X), 1))]

    y = pd.DataFrame({"kind": list("abab"), "count": [1, 2, 1, 2]})
    for labels in (y, y.assign(count=[0.5, 1.5, 0.5, 1.5])):
        with pytest.raises(ValueError, match=r"Task 'count' has numbers, .* leave its column out"):
            cross_val_predict(Counts(), [[0]] * 4, labels, cv=2, method="predict_proba")
