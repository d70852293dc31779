"""Validation rows of the user: where they count, and what is wrong with them."""

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from sklearn import config_context
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmtl import MultiTaskClassifier, MultiTaskRegressor
from skmtl.fitting.rows import RawRows, held_out_rows

SMALL = {"epochs": 3, "batch_size": 16, "random_state": 0, "branch_units": 4}


def make_table(n_rows, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=["a", "b", "c"])
    y = pd.DataFrame({"side": np.where(X["a"] > 0, "left", "right"), "sign": X["b"] > 0})
    y.iloc[::7, 0] = None
    return X, y


X, Y = make_table(48, 0)
X_VAL, Y_VAL = make_table(20, 1)


def fit(X=X, y=Y, *, X_val=X_VAL, y_val=Y_VAL, sample_weight_val=None, classes=None, **parameters):
    model = MultiTaskClassifier(**SMALL | parameters)
    return model.fit(
        X, y, X_val=X_val, y_val=y_val, sample_weight_val=sample_weight_val, classes=classes
    )


def test_they_are_evaluated_after_every_epoch_and_not_trained_on():
    model = fit()
    assert len(model.history_["val_loss"]) == 3
    assert model.history_["val_sign_accuracy"][-1] == pytest.approx(
        (model.predict(X_VAL)[:, 1] == Y_VAL["sign"]).mean()
    )
    assert model.history_["loss"] == fit(X_val=None, y_val=None).history_["loss"]
    weighted = fit(sample_weight_val=np.arange(20) < 5).history_
    expected = fit(X_val=X_VAL[:5], y_val=Y_VAL[:5]).history_
    np.testing.assert_allclose(weighted["val_sign_loss"], expected["val_sign_loss"], rtol=1e-5)


def test_early_stopping_goes_by_them_and_holds_nothing_out():
    model = fit(early_stopping=True, n_iter_no_change=2, epochs=20, validation_fraction=0.5)
    scores = np.mean([model.history_[f"val_{t}_accuracy"] for t in ("side", "sign")], axis=0)
    assert model.n_iter_ == min(20, scores.argmax() + 3)
    assert model.score(X_VAL, Y_VAL) == pytest.approx(scores.max())
    without = fit(epochs=model.n_iter_, learning_rate=0.003)
    assert model.history_["loss"] == without.history_["loss"], "all rows are trained on"


@pytest.mark.slow  # another network is compiled
def test_branches_are_weighted_by_them():
    rng = np.random.default_rng(0)
    table = X.assign(text=rng.choice(["好", "坏"], 48))
    parameters = {"columns": {"text": "text"}, "fusion": "weighted"}
    there, nothing = X_VAL.assign(text=rng.choice(["好", "坏"], 20)), X_VAL.assign(text=None)
    weights = fit(table, X_val=there, **parameters).branch_weights_["sign"]
    alone = fit(table, X_val=nothing, **parameters).branch_weights_["sign"]
    assert alone["text"] == 0.5, "a branch that no validation row has keeps its share"
    assert weights["text"] != 0.5


@pytest.mark.slow  # another network is compiled
def test_thresholds_are_tuned_on_them():
    tags = [["p"] if a > 0.5 else [] for a in X["a"]]
    y, y_val = pd.Series(tags, name="t"), pd.Series([["p"]] * 10 + [[]] * 10, name="t")
    model = MultiTaskClassifier(**SMALL, tune_thresholds=True)
    (kind,) = model.fit(X, y, X_val=X_VAL, y_val=y_val)._fitted_network.tasks.kinds
    (before,) = MultiTaskClassifier(**SMALL).fit(X, y)._fitted_network.tasks.kinds
    probabilities = model.predict_proba(X_VAL)
    indicators = np.array([[float(len(one))] for one in y_val])
    expected = before.tuned(indicators, probabilities, np.ones(20)).thresholds
    np.testing.assert_array_equal(kind.thresholds, expected)
    assert kind.thresholds[0] != 0.5


@pytest.mark.parametrize("frame", [polars.from_pandas, pyarrow.Table.from_pandas])
def test_frames_of_other_libraries_are_read_by_name(frame):
    expected = fit().history_
    found = fit(X_val=frame(X_VAL), y_val=frame(Y_VAL[["sign", "side"]])).history_
    assert found["val_loss"] == expected["val_loss"]


def test_balanced_weights_are_those_of_the_rows_that_are_trained_on():
    y = Y.assign(sign=X["b"] > 0.5)
    model = fit(y=y, y_val=Y_VAL.assign(sign=True), class_weight="balanced")
    factor = 48 / 2 / y["sign"].sum()
    assert factor > 1.2
    losses = -np.log(model.predict_proba(X_VAL)[1][:, 1])
    found = model.history_["val_sign_loss"][-1]
    np.testing.assert_allclose(found, factor * losses.mean(), rtol=1e-4)


@pytest.mark.slow  # another network is compiled
def test_numbers_are_validated_in_the_units_of_fit():
    y, y_val = 1000 * X[["a", "b"]], 1000 * X_VAL[["a", "b"]]
    model = MultiTaskRegressor(**SMALL).fit(X, y, X_val=X_VAL, y_val=y_val)
    assert len(model.history_["val_a_r2"]) == 3
    assert 0 < model.history_["val_loss"][-1] < 100


def test_a_pipeline_prepares_them_like_the_rows_of_fit():
    scaler = StandardScaler().set_output(transform="pandas")
    model = MultiTaskClassifier(**SMALL)
    with config_context(enable_metadata_routing=True):
        model.set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline([("scale", scaler), ("net", model)], transform_input=["X_val"])
        pipeline.fit(5 * X + 3, Y, X_val=5 * X_VAL + 3, y_val=Y_VAL)
    expected = fit(scaler.transform(5 * X + 3), X_val=scaler.transform(5 * X_VAL + 3))
    assert model.history_["val_loss"] == expected.history_["val_loss"]


BAD = {
    "labels alone": ({"X_val": None}, ValueError, "y_val needs X_val"),
    "rows alone": ({"y_val": None}, ValueError, "X_val needs y_val"),
    "weights alone": (
        {"X_val": None, "y_val": None, "sample_weight_val": [1.0]},
        ValueError, "sample_weight_val weighs the rows of X_val and y_val",
    ),
    "column": (
        {"X_val": X_VAL.rename(columns={"a": "z"})},
        ValueError, r"In the validation rows \(X_val, y_val\): The feature names should match",
    ),
    "length": (
        {"y_val": Y_VAL[:3]}, ValueError, "In the validation rows.*same number of rows; got 20 and 3",
    ),
    "no rows": ({"X_val": X_VAL[:0], "y_val": Y_VAL[:0]}, ValueError, "In the validation.*are none"),
    "class": (
        {"y_val": Y_VAL.assign(side="up")},
        ValueError, "In the validation rows.*task 'side', row 0: class 'up' was not seen in fit",
    ),
    "task": (
        {"y_val": Y_VAL.rename(columns={"side": "s"})},
        ValueError, r"In the validation rows.*must have the tasks \['side', 'sign'\]",
    ),
    "no label": (
        {"y_val": Y_VAL.assign(side=None, sign=None)}, ValueError, "In the validation.*no label",
    ),
    "weights": ({"sample_weight_val": [-1.0] * 20}, ValueError, "In the validation.*not negative"),
    "type": (
        {"y_val": Y_VAL.assign(sign=[{}] * 20)}, (TypeError, ValueError), "In the validation rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named_and_nothing_is_half_fitted(arguments, error, message):
    model = MultiTaskClassifier(**SMALL)
    before = dict(vars(model))
    with pytest.raises(error, match=message):
        model.fit(X, Y, **{"X_val": X_VAL, "y_val": Y_VAL} | arguments)
    assert vars(model) == before


@pytest.mark.slow  # another network is compiled
def test_a_class_that_only_validation_rows_have_is_fine_if_it_is_listed():
    y_val = Y_VAL.assign(side="up")
    model = fit(y_val=y_val, classes={"side": ["left", "right", "up"]})
    assert model.classes_[0].tolist() == ["left", "right", "up"]
    assert np.isfinite(model.history_["val_side_loss"]).all()
    share = (model.predict(X_VAL)[:, 0] == "up").mean()
    assert model.history_["val_side_accuracy"][-1] == pytest.approx(share)


@pytest.mark.parametrize("weight", [None, 2.0, np.arange(48.0), np.ones((48, 2))])
def test_rows_are_taken_with_their_weights(weight):
    taken = RawRows(X, polars.from_pandas(Y), weight).take(np.array([3, 1]))
    assert taken.X.index.tolist() == [3, 1]
    assert taken.y["sign"].tolist() == Y["sign"][[3, 1]].tolist()
    expected = weight if np.ndim(weight) == 0 else weight[[3, 1]]
    np.testing.assert_array_equal(taken.sample_weight, expected)


def test_held_out_rows_have_their_share_of_the_first_tasks_classes():
    tasks = fit(epochs=1)._fitted_network.tasks
    targets = tasks.encode(Y)
    rows = RowsOf(targets.values, targets.is_labelled.astype(np.float32))
    model = MultiTaskClassifier(validation_fraction=0.25)
    kept, held_out = held_out_rows(model, rows, np.random.default_rng(0))
    assert sorted([*kept, *held_out]) == list(range(48))
    assert len(held_out) == 12
    shares = [
        Y["side"].iloc[part].value_counts(normalize=True)["left"] for part in (kept, held_out)
    ]
    assert abs(shares[0] - shares[1]) < 0.1
    with pytest.raises(ValueError, match="need at least 2 rows"):
        held_out_rows(model, RowsOf(targets.values[:1], rows.weights[:1]), None)


class RowsOf:
    def __init__(self, targets, weights):
        self.targets, self.weights = targets, weights
