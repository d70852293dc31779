"""Calibration, and sets of labels."""

import pickle

import numpy as np
import pandas as pd
import pytest
from mixed_table import TASKS, make_mixed_table

import skmtl
from skmtl import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor

CLASSES = ["corner", "mood", "cost"]


def make_noisy_table(n_samples, seed=0, noise=0.3):
    """A table whose labels are wrong now and then: a network that learns them is too sure."""
    X, y = make_mixed_table(n_samples, seed)
    rng = np.random.default_rng(seed + 1)
    for name in ("mood", "cost"):
        labels = y[name].unique()
        wrong = rng.random(n_samples) < noise
        y.loc[wrong, name] = rng.choice(labels, wrong.sum())
    return X[["title", "price", "noise"]], y


@pytest.fixture(scope="module")
def fitted():
    X, y = make_noisy_table(700)
    # without dropout it learns by heart, and no rows are held out to weigh its branches; no column
    # of X tells the corner
    options = {"epochs": 60, "branch_dropout": 0.0, "fusion": "late"}
    model = MultiTaskEstimator(**options, random_state=0, tasks=TASKS)
    return model.fit(X[:200], y[:200]), X[200:], y[200:]


@pytest.fixture
def model(fitted):
    """A copy, which a test may calibrate."""
    return pickle.loads(pickle.dumps(fitted[0]))


def log_loss(model, X, y, task):
    frame = model.predict_frame(X, proba=True)[task]
    places = [list(frame.columns).index(label) for label in y[task]]
    return -np.log(frame.to_numpy()[np.arange(len(X)), places]).mean()


def test_calibration_keeps_the_classes_and_lowers_the_log_loss(fitted, model):
    _, X, y = fitted
    before = model.predict(X)
    losses = {task: log_loss(model, X[250:], y[250:], task) for task in CLASSES}
    assert model.calibrate(X[:250], y[:250]) is model
    classes = [i for i, name in enumerate(model.task_names_) if name in CLASSES]
    assert np.array_equal(before[:, classes], model.predict(X)[:, classes])
    for task, loss in losses.items():
        assert log_loss(model, X[250:], y[250:], task) <= loss + 0.01
    assert log_loss(model, X[250:], y[250:], "corner") < losses["corner"]  # it was too sure
    assert model.temperatures_["corner"] > 1.5
    assert model.temperatures_["weight"] == model.temperatures_["grade"] == 1.0


def test_numbers_stay_what_they_are(fitted, model):
    _, X, y = fitted
    before = model.predict_frame(X)["weight"]
    model.calibrate(X, y)
    assert before.equals(model.predict_frame(X)["weight"])


def test_the_network_that_is_handed_out_is_calibrated(fitted, model):
    _, X, y = fitted
    model.calibrate(X[:250], y[:250])
    again = pickle.loads(pickle.dumps(model))
    probabilities = model.predict_proba(X[:6])
    whole = model.model_
    table = model._fitted.reader.read(X[:6])
    inputs = {}
    for spec in whole.inputs:
        name = spec.name.removeprefix("has_")
        modality = table.modalities[name]
        inputs[spec.name] = (
            modality.present[:, None].astype(np.float32)
            if spec.name.startswith("has_")
            else modality.values
        )
    found = whole.predict(inputs, verbose=0)
    for name, one, other in zip(model.task_names_, probabilities, found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5, err_msg=name)
    for one, other in zip(probabilities, again.predict_proba(X[:6]), strict=True):
        assert np.array_equal(one, other)


def test_a_file_keeps_the_calibration(fitted, model, tmp_path):
    _, X, y = fitted
    model.calibrate(X[:250], y[:250]).save(tmp_path / "model.skmtl")
    again = skmtl.load(tmp_path / "model.skmtl")
    assert again.temperatures_ == model.temperatures_
    assert again.predict_sets(X[:20]).equals(model.predict_sets(X[:20]))


@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_sets_hold_the_label_as_often_as_they_promise(fitted, model, coverage):
    _, X, y = fitted
    sets = model.calibrate(X[:250], y[:250]).predict_sets(X[250:], coverage=coverage)
    assert sets.index.equals(X[250:].index)
    truth = y[250:]
    # 125 rows choose a limit, 250 are tested: three standard deviations of both together
    slack = 3 * np.sqrt(coverage * (1 - coverage) * (1 / 125 + 1 / 250))
    for task, kind in model.task_kinds_.items():
        pairs = zip(truth[task], sets[task], strict=True)
        if kind == "number":
            hits = [low <= value <= high for value, (low, high) in pairs]
        elif kind == "tags":
            hits = [set(value) <= set(found) for value, found in pairs]
        else:
            hits = [value in found for value, found in pairs]
        assert np.mean(hits) >= coverage - slack, task


def test_a_wider_coverage_has_larger_sets(fitted, model):
    _, X, y = fitted
    model.calibrate(X[:250], y[:250])
    small, large = (model.predict_sets(X[:50], coverage=c) for c in (0.6, 0.99))
    for task in ("mood", "cost", "tags"):
        assert all(set(a) <= set(b) for a, b in zip(small[task], large[task], strict=True))
    assert all(b[0] <= a[0] for a, b in zip(small["weight"], large["weight"], strict=True))


def test_few_rows_promise_nothing_narrower_than_all_labels(fitted, model):
    _, X, y = fitted
    sets = model.calibrate(X[:4], y[:4]).predict_sets(X[:5], coverage=0.95)
    assert all(set(found) == {"up", "down"} for found in sets["mood"])
    assert sets["weight"].tolist() == [(-np.inf, np.inf)] * 5


def test_quantiles_are_widened_or_narrowed():
    X, y = make_mixed_table(300)
    model = MultiTaskRegressor(
        epochs=5, random_state=0, task_losses={"weight": "quantile"}, quantiles=(0.1, 0.5, 0.9)
    ).fit(X[["price"]][:100], y[["weight"]][:100])
    model.calibrate(X[["price"]][100:200], y[["weight"]][100:200])
    sets = model.predict_sets(X[["price"]][200:], coverage=0.8)["weight"]
    hits = [a <= v <= b for v, (a, b) in zip(y["weight"][200:], sets, strict=True)]
    assert np.mean(hits) > 0.62


def test_sets_need_calibration_and_a_new_fit_needs_it_again(fitted):
    _, X, y = fitted
    X, y = X[:60], y[["mood", "cost"]][:60]
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"predict_sets needs calibrate\(X, y\) after fit"):
        model.predict_sets(X)
    one = y.assign(cost=None)
    with pytest.raises(ValueError, match=r"there were none of \['cost'\]"):
        model.calibrate(X, one).predict_sets(X)
    model.calibrate(X, y).predict_sets(X)
    with pytest.raises(ValueError, match="predict_sets needs"):
        model.fit(X, y).predict_sets(X)


def test_bad_input_changes_nothing(fitted, model):
    _, X, y = fitted
    before = model.predict_proba(X[:5])
    with pytest.raises(ValueError, match="class 'so-so' was not seen in fit"):
        model.calibrate(X[:50], y[:50].assign(mood="so-so"))
    assert not model.temperatures_
    for one, other in zip(before, model.predict_proba(X[:5]), strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="coverage must be"):
        model.calibrate(X[:4], y[:4]).predict_sets(X, coverage=1.0)
    assert model.temperatures_


@pytest.mark.slow
@pytest.mark.parametrize("fusion", ["late", "concat"])
def test_heads_of_other_networks_are_divided(fitted, fusion):
    _, X, y = fitted
    y = y[["mood", "cost"]]
    model = MultiTaskClassifier(epochs=3, fusion=fusion, random_state=0).fit(X[:100], y[:100])
    logs = [np.log(p) for p in model.predict_proba(X[:9])]
    model.calibrate(X[100:200], y[100:200])
    for name, before, p in zip(model.task_names_, logs, model.predict_proba(X[:9]), strict=True):
        after = before / model.temperatures_[name]
        after -= np.log(np.exp(after).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(np.log(p), after, atol=1e-5)


@pytest.mark.slow
def test_tuned_thresholds_choose_the_same_tags_after_calibration():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(160, 3))
    noisy = X * 0.5 + rng.normal(size=(160, 3)) - 0.8
    y = pd.DataFrame(
        {"t": [[tag for tag, v in zip("pqr", row, strict=True) if v > 0] for row in noisy]}
    )
    model = MultiTaskClassifier(epochs=30, branch_dropout=0.0, learning_rate=0.02, random_state=0)
    model.set_params(tune_thresholds=True).fit(X[:100], y[:100])
    before = model.predict_frame(X)["t"].tolist()
    model.calibrate(X[100:], y[100:])
    assert model.temperatures_["t"] != 1
    assert model.predict_frame(X)["t"].tolist() == before
