"""The estimator on real tables: all inputs, all outputs, all errors."""

import copy
import pickle
import random

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from random_heads import with_random_heads
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold
from small_table import make_small_table

from skmtl import MultiTaskClassifier, join_unpaired

FAST = {"epochs": 12, "batch_size": 16, "random_state": 0, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def table():
    return make_small_table(60)


@pytest.fixture(scope="module")
def fitted(table):
    return MultiTaskClassifier(**FAST).fit(*table)


def test_learns_both_tasks_through_missing_cells_and_labels(fitted):
    X, y = make_small_table(80, seed=1, missing=0.0)
    accuracy = (fitted.predict(X) == y.to_numpy()).mean(axis=0)
    assert (accuracy > 0.9).all()
    assert fitted.score(X, y) == pytest.approx(accuracy.mean())


def test_fitted_attributes(fitted, table):
    X, _ = table
    assert fitted.task_names_ == ["colour", "mood"]
    assert fitted.n_tasks_ == 2
    assert [c.tolist() for c in fitted.classes_] == [["blue", "green", "red"], ["down", "up"]]
    assert fitted.n_features_in_ == 2
    assert fitted.feature_names_in_.tolist() == ["image", "text"]
    assert fitted.n_parameters_ == fitted.model_.count_params() > 0
    assert fitted.n_iter_ == 12
    names = {"loss"} | {
        f"{task}_{what}"
        for task in ("colour", "mood")
        for what in ("loss", "accuracy", "loss_weight")
    }
    names |= {
        f"{task}|{column}_branch_weight"
        for task in ("colour", "mood")
        for column in ("image", "text")
    }
    assert set(fitted.history_) == names
    assert all(len(values) == 12 for values in fitted.history_.values())
    assert fitted.predict(X).shape == (60, 2)
    assert [p.shape for p in fitted.predict_proba(X)] == [(60, 3), (60, 2)]


def test_model_is_the_whole_network_from_pixels_and_ids(fitted):
    X, _ = make_small_table(10, seed=2, missing=0.0)
    ids = fitted._fitted.reader.parts["text"].sequencer_.transform(X["text"])
    pixels = np.stack(X["image"].tolist())
    flags = np.ones((10, 1), np.float32)
    outputs = fitted.model_([pixels, ids, flags, flags], training=False)
    for ours, theirs in zip(fitted.predict_proba(X), outputs, strict=True):
        np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(theirs), atol=1e-5)


def test_rows_are_independent_of_each_other(fitted, table):
    X, _ = table
    whole = fitted.predict_proba(X)
    order = np.random.default_rng(0).permutation(len(X))
    shuffled = fitted.predict_proba(X.iloc[order])
    singles = [fitted.predict_proba(X.iloc[[row]]) for row in range(5)]
    for task in range(2):
        np.testing.assert_allclose(shuffled[task], whole[task][order], atol=1e-5)
        rows = np.concatenate([single[task] for single in singles])
        np.testing.assert_allclose(rows, whole[task][:5], atol=1e-5)


def test_same_seed_same_bits_and_another_seed_others(table):
    X, y = table
    one, two = (MultiTaskClassifier(**FAST | {"epochs": 2}).fit(X, y) for _ in range(2))
    other = MultiTaskClassifier(**FAST | {"epochs": 2, "random_state": 1}).fit(X, y)
    for a, b, c in zip(
        one.predict_proba(X), two.predict_proba(X), other.predict_proba(X), strict=True
    ):
        assert np.array_equal(a, b)
        assert not np.array_equal(a, c)


def test_fit_changes_neither_its_input_nor_the_process(table):
    X, y = (frame.copy() for frame in table)
    weights = np.ones(len(y))
    states = random.getstate(), np.random.get_state(), keras.config.dtype_policy().name
    MultiTaskClassifier(epochs=1, random_state=None).fit(X, y, sample_weight=weights)
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1][1])
    assert keras.config.dtype_policy().name == states[2]
    pd.testing.assert_frame_equal(X, table[0])
    pd.testing.assert_frame_equal(y, table[1])


@pytest.mark.parametrize("copy_of", [clone, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies(fitted, table, copy_of):
    X, _ = table
    other = copy_of(fitted)
    assert other.get_params(deep=False) == fitted.get_params(deep=False)
    if copy_of is clone:
        with pytest.raises(NotFittedError, match="not fitted yet"):
            other.predict(X)
    else:
        for a, b in zip(other.predict_proba(X), fitted.predict_proba(X), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
        assert other.history_ == fitted.history_


def test_joblib(fitted, table, tmp_path):
    joblib.dump(fitted, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    assert (loaded.predict(table[0]) == fitted.predict(table[0])).all()


@pytest.mark.parametrize(
    ("fusion", "sharing"), [("late", "none"), ("concat", "hard"), ("mean", "none")]
)
def test_fusions_and_sharings(table, fusion, sharing):
    X, y = table
    options = FAST | {"epochs": 2, "branch_units": 16, "trunk_units": (16,)}
    model = MultiTaskClassifier(fusion=fusion, sharing=sharing, **options).fit(X, y)
    assert np.isfinite(model.history_["loss"]).all()
    assert model.history_["loss"][1] < model.history_["loss"][0]


def test_task_columns_hide_the_other_branch():
    X, y = make_small_table(40, missing=0.0)
    options = {"random_state": 0, "task_columns": {"colour": "image", "mood": "text"}}
    for fusion in ("weighted", "late", "concat", "mean"):
        model = with_random_heads(MultiTaskClassifier(fusion=fusion, **options).initialize(X, y))
        other = X.copy()
        other["text"] = X["text"].tolist()[::-1]
        before, after = model.predict_proba(X), model.predict_proba(other)
        np.testing.assert_allclose(before[0], after[0], atol=1e-6)
        assert not np.allclose(before[1], after[1])


def test_unpaired_tables():
    X, y = make_small_table(60, missing=0.0)
    joined = join_unpaired((X[["image"]], y[["colour"]]), (X[["text"]], y[["mood"]]))
    options = {"task_columns": {"colour": "image", "mood": "text"}, "fusion": "mean"}
    model = MultiTaskClassifier(**FAST, **options, trunk_units=32).fit(*joined)
    assert model.score(*joined) > 0.9


@pytest.mark.parametrize(
    ("X", "n_features"),
    [
        (np.random.default_rng(0).integers(0, 255, (20, 8, 8, 3)).astype(np.uint8), 1),
        (np.random.default_rng(0).random((20, 8, 8)).astype(np.float32), 1),
        (["好 的", "坏 的"] * 10, 1),
        (pd.Series(["好 的", None] * 10), 1),
        ([["好", "的"], ["坏"]] * 10, 1),
        (pd.DataFrame({"text_0": [2, 3] * 10, "text_1": [0, 4] * 10}), 2),
        (np.random.default_rng(0).random((20, 3)), 3),
        (pd.DataFrame({"a": [1, 2] * 10, "b": [0.5, 1.5] * 10}), 2),
    ],
)
def test_single_modalities(X, n_features):
    y = np.array(["p", "q"] * 10)
    model = MultiTaskClassifier(random_state=0).initialize(X, y)
    assert model.n_features_in_ == n_features
    assert model.predict(X).shape == (20,)
    assert model.predict_proba(X).shape == (20, 2)
    assert model.classes_.tolist() == ["p", "q"]


def test_labels_of_every_kind_come_back():
    X = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    sign = X[:, 0] > 0
    y = pd.DataFrame({"bool": sign, "int": sign + 4, "str": np.where(sign, "是", "否")})
    model = MultiTaskClassifier(epochs=40, random_state=0).fit(X, y)
    predicted = model.predict(X)
    assert [type(label) for label in predicted[0]] == [bool, int, str]
    numbers = MultiTaskClassifier().initialize(X, y[["int"]].to_numpy())
    assert numbers.predict(X).dtype == y["int"].dtype
    assert numbers.predict(X).shape == (30, 1)


def test_sample_weight_zero_is_the_same_as_a_missing_label(table):
    X, y = table
    rng = np.random.default_rng(0)
    hidden = rng.random(y.shape) < 0.3
    weighted = MultiTaskClassifier(**FAST | {"epochs": 2})
    weighted.fit(X, y, sample_weight=~hidden * 1.0)
    masked = MultiTaskClassifier(**FAST | {"epochs": 2}).fit(X, y.mask(hidden).astype(object))
    for a, b in zip(weighted.predict_proba(X), masked.predict_proba(X), strict=True):
        assert np.array_equal(a, b)


def test_class_weight_lifts_the_rare_class():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2)).astype(np.float32)
    y = (X[:, 0] + rng.normal(size=200) > 1.3).astype(int)
    options = {"epochs": 20, "random_state": 0}
    plain = MultiTaskClassifier(**options).fit(X, y).predict(X).mean()
    balanced = MultiTaskClassifier(**options, class_weight="balanced").fit(X, y).predict(X).mean()
    assert balanced > plain + 0.1


def test_loss_weights_steer_the_tasks(table):
    X, y = table
    options = FAST | {"epochs": 3}
    for weights in ({"colour": 1.0, "mood": 0.0}, [1.0, 0.0]):
        model = MultiTaskClassifier(loss_weights=weights, **options).fit(X, y)
        assert model.history_["colour_loss_weight"] == [1.0] * 3
        assert model.history_["mood_loss_weight"] == [0.0] * 3
        assert model.history_["mood_loss"][-1] > model.history_["colour_loss"][-1]


def test_names_and_objects_of_methods_route_their_options(table):
    X, y = table
    model = MultiTaskClassifier(epochs=1, random_state=0)
    model.set_params(loss_weights="dwa", loss_weights__temperature=1.5)
    model.set_params(gradient_aggregator="cagrad", gradient_aggregator__c=0.2)
    model.set_params(optimizer="sgd", optimizer__momentum=0.5, learning_rate=0.1)
    copied = clone(model)
    assert copied.get_params()["optimizer__momentum"] == 0.5
    copied.fit(X, y)
    assert "colour|mood_gradient_cosine" in copied.history_
    assert "colour_gradient_weight" in copied.history_
    bad = clone(model).set_params(optimizer__temperature=1)
    with pytest.raises(ValueError, match="optimizer__temperature is not an option of SGD"):
        bad.fit(X, y)


@pytest.mark.parametrize("name", ["graddrop", "mgda"])
def test_aggregators_take_tables_with_missing_cells(table, name):
    model = MultiTaskClassifier(gradient_aggregator=name, **FAST | {"epochs": 2}).fit(*table)
    assert np.isfinite(model.history_["loss"]).all()


def test_a_routed_option_may_be_none():
    model = MultiTaskClassifier(learning_rate=None)
    model.set_params(image_backbone="vgg16", image_backbone__weights=None)
    assert clone(model)._routed_options("image_backbone") == {"weights": None}
    assert model._routed_options("optimizer") == {}


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_precision_and_frozen_backbones_survive_pickling(table, precision):
    options = FAST | {"precision": precision, "freeze_backbones": True}
    model = with_random_heads(MultiTaskClassifier(**options).initialize(*table))
    loaded = pickle.loads(pickle.dumps(model))
    assert keras.config.dtype_policy().name == "float32"
    for a, b in zip(model.predict_proba(table[0]), loaded.predict_proba(table[0]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_optimizer_objects_are_copied(table):
    optimizer = keras.optimizers.RMSprop(0.003)
    model = MultiTaskClassifier(optimizer=optimizer, learning_rate=None, epochs=1)
    clone(model).fit(*table)
    assert not optimizer.built
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 10)
    MultiTaskClassifier(learning_rate=schedule, epochs=1).fit(*table)


@pytest.mark.slow
@pytest.mark.parametrize("frozen", [False, True])
def test_backbone_objects_are_shared_by_clones_and_never_changed(table, frozen):
    inputs = keras.Input((None, None, 3))
    backbone = keras.Model(inputs, keras.layers.Conv2D(4, 3, activation="relu")(inputs))
    before = backbone.get_weights()
    model = MultiTaskClassifier(image_backbone=backbone, freeze_backbones=frozen, **FAST)
    model.set_params(epochs=2)
    copied = clone(model)
    assert copied.get_params()["image_backbone"] is backbone
    search = GridSearchCV(copied, {"optimizer__learning_rate": [0.01]}, cv=KFold(2)).fit(*table)
    for a, b in zip(backbone.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(*table)
    assert search.best_estimator_.history_["loss"] == model.history_["loss"]


def test_early_stopping_keeps_the_best_epoch():
    X, y = make_small_table(120, missing=0.1)
    model = MultiTaskClassifier(
        **FAST | {"epochs": 40}, early_stopping=True, validation_fraction=0.25, n_iter_no_change=3
    ).fit(X, y)
    scores = np.mean([model.history_[f"val_{t}_accuracy"] for t in model.task_names_], axis=0)
    assert model.n_iter_ < 40
    assert model.n_iter_ == scores.argmax() + 4


def test_partial_fit_goes_on_and_warm_start_keeps_the_weights(table):
    X, y = table
    steps = MultiTaskClassifier(**FAST)
    for _ in range(3):
        steps.partial_fit(X, y)
    assert steps.n_iter_ == 3
    assert steps.history_["loss"][2] < steps.history_["loss"][0]
    warm = MultiTaskClassifier(**FAST | {"epochs": 3}, warm_start=True).fit(X, y)
    first = warm.history_["loss"]
    warm.fit(X, y)
    assert warm.history_["loss"][0] < first[0]
    cold = MultiTaskClassifier(**FAST | {"epochs": 3}).fit(X, y).fit(X, y)
    assert cold.history_["loss"] == first


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("fusion", "late", "fusion is 'late', but .* built with 'weighted'"),
        ("trunk_units", 5, r"trunk_units is \(5,\), but .* built with \(\)"),
        ("trunk_dropout", 0.9, "trunk_dropout is 0.9"),
        ("precision", "mixed_bfloat16", "precision is 'mixed_bfloat16', but .* built with None"),
        ("freeze_backbones", {"text": True}, "freeze_backbones of 'text' is True, but .* False"),
    ],
)
def test_a_network_cannot_be_trained_further_as_another_one(table, name, value, text):
    X, y = table
    model = MultiTaskClassifier(warm_start=True, **FAST).initialize(X, y)
    values = model._fitted.values()
    model.set_params(**{name: value})
    for train in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=text):
            train(X, y)
    assert all(np.array_equal(a, b) for a, b in zip(values, model._fitted.values(), strict=True))


def test_partial_fit_takes_all_classes_at_first(table):
    X, y = table
    model = MultiTaskClassifier(random_state=0)
    known = ["red", "green", "blue", "mauve"]
    model.partial_fit(X, y, classes={"colour": known})
    assert model.classes_[0].tolist() == sorted(known)


def test_initialize_builds_without_training(table):
    model = MultiTaskClassifier(random_state=0).initialize(*table)
    assert model.history_ == {}
    assert model.predict(table[0]).shape == (60, 2)


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, sorted(logs)))
        if epoch == 1:
            self.model.stop_training = True


class BatchCounter(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.batches = 0

    def on_train_batch_end(self, _, logs=None):
        assert np.isfinite(logs["loss"])
        self.batches += 1


def test_callbacks_keep_their_meaning(table):
    X, y = table
    recorder, counter = Recorder(), BatchCounter()
    options = FAST | {"epochs": 4, "fusion": "late"}
    model = MultiTaskClassifier(callbacks=[recorder], **options).fit(X, y)
    assert [epoch for epoch, _ in recorder.epochs] == [0, 1]
    assert "colour_accuracy" in recorder.epochs[0][1]
    assert model.n_iter_ == 2
    by_batch = MultiTaskClassifier(callbacks=counter, **options).fit(X, y)
    plain = MultiTaskClassifier(**options).fit(X, y)
    labelled = y.notna().any(axis=1).sum()
    assert counter.batches == 4 * -(-labelled // 16)
    np.testing.assert_allclose(by_batch.history_["loss"], plain.history_["loss"], rtol=1e-5)


def test_a_learning_rate_callback_changes_the_rate(table):
    X, y = table
    stop = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0 if epoch else 0.01)
    options = FAST | {"branch_dropout": 0.0, "fusion": "late"}
    model = MultiTaskClassifier(callbacks=stop, **options | {"epochs": 3}).fit(X, y)
    again = MultiTaskClassifier(**options | {"epochs": 1}).fit(X, y)
    for a, b in zip(model.predict_proba(X), again.predict_proba(X), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_verbose_prints_one_line_per_epoch_and_silence_prints_nothing(table, capfd):
    MultiTaskClassifier(**FAST | {"epochs": 3}, verbose=1).fit(*table)
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "epoch 3/3" in lines[2]
    assert "colour: loss" in lines[2]
    assert "left" in lines[0]
    MultiTaskClassifier(**FAST | {"epochs": 1}).fit(*table).predict(table[0])
    assert capfd.readouterr() == ("", "")


def good():
    return make_small_table(12, missing=0.0)


def with_cell(column, value):
    X, y = good()
    X[column] = X[column].astype(object)
    X.at[3, column] = value
    return X, y


BAD = {
    "a column of dates": (
        lambda: (pd.DataFrame({"a": pd.date_range("2026", periods=12)}), good()[1]),
        {},
        r"column 'a' holds dates",
    ),
    "a kind that is none": (good, {"columns": {"text": "sound"}}, r"columns\['text'\] must be one"),
    "a column that is not there": (good, {"columns": {"size": "number"}}, r"'size', which is no"),
    "no column left": (
        good,
        {"columns": {"text": "drop", "image": "drop"}},
        r"X has no column left",
    ),
    "an option for no column": (good, {"branch_units": {"sound": 3}}, r"\['sound'\], which are"),
    "undecodable image": (lambda: with_cell("image", b"nonsense"), {}, r"image row 3"),
    "raw and scaled pixels": (
        lambda: with_cell("image", np.zeros((8, 8, 3), np.float32)),
        {},
        r"image row 3 has pixels of dtype float32, row 0 has uint8",
    ),
    "mixed sizes": (
        lambda: with_cell("image", np.zeros((9, 8, 3), np.uint8)),
        {},
        r"image row 3 has the size \(9, 8\).*image_size",
    ),
    "bytes as a text": (lambda: with_cell("text", b"abc"), {}, r"[Tt]ext row 3"),
    "zero rows": (lambda: tuple(f.iloc[:0] for f in good()), {}, r"0 sample|no rows|no label"),
    "a task with one class": (
        lambda: (good()[0], good()[1].assign(mood="up")),
        {},
        r"task 'mood' has only one class, .*'up'",
    ),
    "a task without labels": (
        lambda: (good()[0], good()[1].assign(mood=None)),
        {},
        r"task 'mood' has no label",
    ),
    "an empty column": (
        lambda: (good()[0].assign(text=None), good()[1]),
        {},
        r"column 'text' has no",
    ),
    "wrong number of rows": (
        lambda: (good()[0], good()[1].iloc[:-1]),
        {},
        r"same number of rows; got 12 and 11",
    ),
    "a bare string": (lambda: ("一句话", good()[1]), {}, r"X must be a table"),
    "unknown task in loss_weights": (
        good,
        {"loss_weights": {"smell": 1}},
        r"unknown tasks \['smell'\]",
    ),
    "negative loss weight": (good, {"loss_weights": [1, -1]}, r"loss_weights must be finite"),
    "NaN loss weight": (good, {"loss_weights": {"mood": np.nan}}, r"loss_weights must be finite"),
    "too many loss weights": (good, {"loss_weights": [1, 1, 1]}, r"one weight per task"),
    "unknown method": (
        good,
        {"loss_weights": "dwaa"},
        r"loss_weights must be one of.*'dwa'.*'dwaa'",
    ),
    "unknown aggregator": (
        good,
        {"gradient_aggregator": "x"},
        r"gradient_aggregator must be one of",
    ),
    "aggregator without sharing": (
        good,
        {"gradient_aggregator": "pcgrad", "sharing": "none"},
        r"sharing='none' has none",
    ),
    "unknown backbone": (good, {"image_backbone": "small_cnm"}, r"image_backbone.*'small_cnm'"),
    "unknown option": (good, {"text_backbone__size": 3}, r"text_backbone__size"),
    "unknown fusion": (good, {"fusion": "early"}, r"fusion must be one of"),
    "unknown sharing": (good, {"sharing": "soft"}, r"sharing must be one of"),
    "unknown optimizer": (good, {"optimizer": "adamant"}, r"optimizer must be the name"),
    "negative rate": (
        good,
        {"learning_rate": -1.0},
        r"learning_rate must be a finite number > 0; got -1",
    ),
    "unknown column of a task": (
        good,
        {"task_columns": {"mood": "sound"}},
        r"task 'mood' must name columns or kinds of X",
    ),
    "task_columns of no task": (good, {"task_columns": {"smell": "text"}}, r"unknown tasks"),
    "widths that do not fit": (
        good,
        {"branch_units": {"image": 4, "text": 8}, "trunk_units": 4},
        r"branch_units must be one number",
    ),
    "dropout of one": (
        good,
        {"branch_dropout": 1.0},
        r"branch_dropout must be a number in \[0, 1\)",
    ),
    "no epochs": (good, {"epochs": 0}, r'epochs must be "auto" or an int >= 1; got 0'),
    "batch of nothing": (good, {"batch_size": 0}, r"batch_size must be an int >= 1"),
    "callback that is none": (good, {"callbacks": [print]}, r"callbacks must be keras"),
    "seed out of range": (good, {"random_state": -1}, r"random_state must be None"),
    "validation of everything": (
        good,
        {"early_stopping": True, "validation_fraction": 1.0},
        r"validation_fraction must be a number in \(0, 1\); got 1",
    ),
    "precision": (good, {"precision": "float8"}, r"precision must be None"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_bad_input_is_named_and_nothing_is_half_fitted(case):
    make, options, message = case
    model = MultiTaskClassifier(epochs=1).set_params(**options)
    before = dict(vars(model))
    with pytest.raises((ValueError, TypeError), match=message):
        model.fit(*make())
    assert vars(model) == before


def test_bad_input_loses_no_earlier_fit(table):
    model = MultiTaskClassifier(**FAST | {"epochs": 1}).fit(*table)
    expected = model.predict_proba(table[0])
    with pytest.raises(ValueError, match="task 'mood' has no label"):
        model.fit(table[0], table[1].assign(mood=None))
    for a, b in zip(model.predict_proba(table[0]), expected, strict=True):
        assert np.array_equal(a, b)


def test_predict_checks_its_input(fitted, table):
    X, y = table
    with pytest.raises(NotFittedError, match="not fitted yet"):
        MultiTaskClassifier().predict(X)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        _ = MultiTaskClassifier().model_
    with pytest.raises(ValueError, match=r"Feature names|feature names"):
        fitted.predict(X.rename(columns={"text": "words"}))
    with pytest.raises(ValueError, match=r"yet now missing(.|\n)*X.assign\(text=None\)"):
        fitted.predict(X[["image"]])
    with pytest.raises(ValueError, match=r"size \(9, 9\), the images in fit have \(8, 8\)"):
        fitted.predict(X[:1].assign(image=[np.zeros((9, 9, 3), np.uint8)]))
    with pytest.raises(ValueError, match=r"float32, the images in fit have uint8"):
        fitted.predict(X[:1].assign(image=[np.zeros((8, 8, 3), np.float32)]))
    unseen = y.copy()
    unseen.at[0, "colour"] = "mauve"
    assert fitted.score(X, unseen) < fitted.score(X, y)
    with pytest.raises(ValueError, match="no label for any task"):
        fitted.score(X[:1], y[:1].assign(colour=None, mood=None))


def test_a_diverging_loss_names_task_and_epoch():
    X = np.array([[1.0, 2.0], [3.0, 1.0]] * 4)
    with pytest.raises(ValueError, match=r"The loss of task 'y' became .* in epoch 1"):
        # no dropout: it might drop just the rows that are wrong
        MultiTaskClassifier(epochs=1, random_state=0, branch_units=None, branch_dropout=0.0).fit(
            X, [0, 1, 1, 0] * 2, sample_weight=np.full(8, 3e38)
        )
