"""Classes, tags and numbers in one network."""

import keras
import numpy as np
import pandas as pd
import pytest

import skmtl
from skmtl import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor
from skmtl.exceptions import ModelFileError
from skmtl.persistence import network_inputs
from skmtl.persistence._estimators import read_object

N_ROWS = 240
FAST = {"epochs": 20, "random_state": 0, "learning_rate": 0.01}
GRADES = ["low", "middle", "high"]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(N_ROWS, 4)), columns=list("abcd"))
    X.index = X.index + 1000
    y = pd.DataFrame(
        {
            "side": np.where(X["a"] > 0, "left", "right"),
            "price": np.exp(X["b"] + 10),
            "count": np.round(X["c"] * 20).astype(int),
            "grade": pd.cut(X["d"], [-9, -0.5, 0.5, 9], labels=GRADES).astype(object),
        }
    )
    y["tags"] = [
        [tag for tag, cell in zip("xyz", row, strict=True) if cell > 0]
        for row in X[["a", "b", "d"]].to_numpy()
    ]
    y.loc[y.index[::7], "tags"] = None
    y.loc[y.index[::5], "price"] = np.nan
    return X, y


@pytest.fixture(scope="module")
def fitted(table):
    kinds = {"count": "number", "grade": GRADES}
    model = MultiTaskEstimator(
        tasks=kinds, target_transform={"price": "log1p"}, tune_thresholds=True, **FAST
    )
    return model.fit(*table)


def test_all_kinds_are_learned_together(fitted, table):
    X, y = table
    assert fitted.task_kinds_ == {
        "side": "class", "price": "number", "count": "number", "grade": "ordinal", "tags": "tags",
    }  # fmt: skip
    assert [c if c is None else c.tolist() for c in fitted.classes_] == [
        ["left", "right"], None, None, GRADES, ["x", "y", "z"],
    ]  # fmt: skip
    assert fitted.score(X, y) > 0.8
    for key in ("side_accuracy", "price_r2", "count_r2", "grade_accuracy", "tags_f1"):
        assert fitted.history_[key][-1] > 0.7


def test_frames_have_the_index_of_the_rows_and_the_dtypes_of_the_labels(fitted, table):
    X, y = table
    frame = fitted.predict_frame(X)
    assert (frame.index == X.index).all()
    assert list(frame) == list(y)
    assert [frame[name].dtype.kind for name in ("price", "count")] == ["f", "f"]
    assert all(isinstance(cell, tuple) for cell in frame["tags"])
    assert (fitted.predict(X) == frame.to_numpy(object)).all()
    proba = fitted.predict_frame(X, proba=True)
    assert proba["side"].columns.tolist() == ["left", "right"]
    np.testing.assert_allclose(proba["grade"].sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(proba["price", "number"], frame["price"])
    shapes = [values.shape for values in fitted.predict_proba(X)]
    assert shapes == [(N_ROWS, width) for width in (2, 1, 1, 3, 3)]


def test_the_whole_network_predicts_in_the_units_of_y(fitted, table):
    X = table[0][:20]
    whole = fitted.model_.predict(network_inputs(fitted, X), verbose=0)
    for one, other in zip(whole, fitted.predict_proba(X), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_a_file_gives_the_estimator_back(fitted, table, tmp_path):
    fitted.save(tmp_path / "mixture.skmtl")
    loaded = skmtl.load(tmp_path / "mixture.skmtl")
    assert loaded.task_kinds_ == fitted.task_kinds_
    assert loaded.predict(table[0]).tolist() == fitted.predict(table[0]).tolist()


def test_losses_of_keras_are_saved_with_all_arguments(table, tmp_path):
    X, y = table
    losses = {"count": keras.losses.Huber(delta=0.3)}
    model = MultiTaskRegressor(task_losses=losses, epochs=1, random_state=0)
    model.fit(X, y[["count"]]).save(tmp_path / "huber.skmtl")
    loaded = skmtl.load(tmp_path / "huber.skmtl")
    (saved,) = loaded.task_losses.values()
    assert float(saved(np.zeros((1, 1)), np.ones((1, 1)))) == pytest.approx(0.3 - 0.3**2 / 2)
    assert (loaded.predict(X) == model.predict(X)).all()


def test_a_file_with_another_loss_is_refused():
    for text in (3, '{"function": "mse"}', '{"class": "Loss", "config": {}}'):
        with pytest.raises(ModelFileError, match="in place of a loss of Keras"):
            read_object({"$": "loss", "text": text}, None)


def test_a_number_does_not_depend_on_its_unit(table):
    X, y = table
    price = y["price"].fillna(y["price"].mean())
    found = []
    for unit in (1e-6, 1.0, 1e6):
        model = MultiTaskRegressor(epochs=3, random_state=0).fit(X, price * unit)
        found.append(model.predict(X) / unit)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-3)
    np.testing.assert_allclose(found[2], found[1], rtol=1e-3)


def test_quantiles_of_one_column_are_columns(table):
    X, y = table
    model = MultiTaskRegressor(task_losses="quantile", quantiles=[0.1, 0.9], **FAST)
    found = model.fit(X, y["count"]).predict(X)
    assert found.shape == (N_ROWS, 2)
    assert ((found[:, 0] < y["count"]) & (y["count"] < found[:, 1])).mean() > 0.6


def test_rows_without_a_label_do_not_change_what_others_learn(table):
    X, y = table
    found = []
    for filling in (0.0, 1e6):
        labels = y[["side", "price"]].assign(price=y["price"].fillna(filling))
        weights = np.ones((N_ROWS, 2))
        weights[::5, 1] = 0
        model = MultiTaskEstimator(epochs=2, random_state=0, tasks={"price": "number"})
        # what is standardised with must not change either
        labels.loc[y["price"].isna(), "price"] = None
        found.append(model.fit(X, labels, sample_weight=weights).predict(X)[:, 1].astype(float))
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize(
    ("model", "task", "message"),
    [
        (
            MultiTaskRegressor(),
            "side",
            "task 'side', row 0: a number is wanted.*MultiTaskClassifier",
        ),
        (
            MultiTaskRegressor(),
            "tags",
            "task 'tags', row 1: a number is wanted.*MultiTaskEstimator",
        ),
        (MultiTaskClassifier(), "price", "task 'price' has fractions.*MultiTaskRegressor"),
        (MultiTaskEstimator(), "count", "task 'count' has .* say tasks={'count': 'number'}"),
        (MultiTaskClassifier(tasks={"count": "number"}), "count", "must be one of .*MultiTaskEst"),
        (MultiTaskEstimator(tasks={"count": "colour"}), "count", "must be one of .*got 'colour'"),
        (MultiTaskClassifier(label_smoothing={"tags": 0.1}), "tags", "label_smoothing names task"),
    ],
)
def test_a_kind_that_the_estimator_does_not_learn_names_another(table, model, task, message):
    X, y = table
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit(X, y[[task]])
