"""What was saved predicts the same bits, here and in a fresh process."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from small_table import make_small_table

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.metrics import make_task_scorer
from skmtl.preprocessing import (
    ImageLoader,
    ImageNormalizer,
    JiebaSequencer,
    JiebaTokenizer,
    JiebaVectorizer,
    WordPieceSequencer,
)
from skmtl.weighting import DynamicWeightAverage


def fitted(X, y, **parameters):
    model = MultiTaskClassifier(epochs=1, random_state=0)
    return model.set_params(**parameters).fit(X, y)


def listed(probabilities):
    return probabilities if isinstance(probabilities, list) else [probabilities]


def assert_same(model, path, X, **options):
    """Save, load, and compare every bit of the probabilities and the public attributes."""
    skmtl.save(model, path)
    again = skmtl.load(path, **options)
    for a, b in zip(listed(model.predict_proba(X)), listed(again.predict_proba(X)), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(model.predict(X), again.predict(X))
    assert repr(again) == repr(model)
    return again


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.skmtl"


def numbers(n=30):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 4)).astype(np.float32)


TARGETS = {
    "strings": np.array(["猫", "dog", "a b"] * 10),
    "objects": np.array(["x", "y", None] * 10, object),
    "integers": np.array([3, -1, 2**40] * 10),
    "bools": np.array([True, False, True] * 10),
    "floats": np.array([1.0, 2.0, np.nan] * 10),
    "two_tasks": np.array([["a", 1], ["b", None], [None, 0]] * 10, object),
    "frame": pd.DataFrame(
        {"任务": ["a", "b", None] * 10, "t": pd.array([1, None, 2] * 10, "Int64")}
    ),
}


@pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS)
def test_classes_of_every_kind(y, path):
    X = numbers()
    model = fitted(X, y)
    again = assert_same(model, path, X)
    for a, b in zip(listed(model.classes_), listed(again.classes_), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    assert again.task_names_ == model.task_names_
    assert again.n_features_in_ == model.n_features_in_
    np.testing.assert_equal(again.history_, model.history_)


def test_paired_table_and_score(small_table, path):
    X, y = small_table
    model = fitted(X, y, loss_weights="uncertainty", gradient_aggregator="pcgrad")
    again = assert_same(model, path, X)
    assert again.score(X, y) == model.score(X, y)
    assert again.feature_names_in_.tolist() == ["image", "text"]


@pytest.mark.slow
def test_unpaired_tables(path):
    X, y = make_small_table(40)
    X.loc[:19, "text"] = None
    X.loc[20:, "image"] = None
    assert_same(fitted(X, y, fusion="concat", trunk_units=(8,), sharing="hard"), path, X)


@pytest.mark.slow
def test_own_branches_and_mixed_precision(small_table, path):
    X, y = small_table
    assert_same(fitted(X, y, sharing="none", precision="mixed_bfloat16"), path, X)


def test_loaded_estimator_trains_on(small_table, path):
    X, y = small_table
    model = fitted(X, y).save(path) or skmtl.load(path)
    model.partial_fit(X, y)
    assert model.n_iter_ == 2
    model.set_params(warm_start=True).fit(X, y)
    model.set_params(warm_start=False).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X)[0], fitted(X, y).predict_proba(X)[0])


def test_parameters_survive(path):
    model = MultiTaskClassifier(
        loss_weights=DynamicWeightAverage(temperature=3.0),
        optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10)),
        class_weight={"a": {"x": 1.5, np.int64(3): np.float32(0.5)}},
        trunk_units=(8, 4),
        missing_label=b"\x00none",
        task_columns={"a": {"image"}},
        random_state=np.random.RandomState(3),
    ).set_params(image_backbone__filters=(4, 4), loss_weights__temperature=2.0)
    model.save(path)
    again = skmtl.load(path)
    assert again.loss_weights.temperature == 2.0
    assert type(again.optimizer) is type(model.optimizer)
    assert again.optimizer.get_config() == model.optimizer.get_config()
    assert again.class_weight == model.class_weight
    assert again.trunk_units == (8, 4)
    assert again.missing_label == b"\x00none"
    assert again.task_columns == {"a": {"image"}}
    assert again.image_backbone__filters == (4, 4)
    assert again.random_state.randint(1000) == model.random_state.randint(1000)
    assert not hasattr(again, "_fitted")


def test_places_of_this_machine_are_left_out(path, tmp_path):
    MultiTaskClassifier(feature_cache=tmp_path, checkpoint_path=tmp_path / "c").save(path)
    again = skmtl.load(path)
    assert again.feature_cache is None
    assert again.checkpoint_path is None
    assert str(tmp_path).encode() not in path.read_bytes()


def test_keras_layers_come_with_their_weights(path):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 255, (20, 8, 8, 3), np.uint8), np.array([0, 1] * 10)
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="gelu", kernel_regularizer="l2")(inputs)
    backbone = keras.Model(inputs, keras.layers.BatchNormalization()(x))
    for frozen in (False, True):
        model = fitted(X, y, image_backbone=backbone, freeze_backbones=frozen)
        again = assert_same(model, path, X)
        for a, b in zip(backbone.get_weights(), again.image_backbone.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_architectures_need_no_files_on_load(small_table, path, monkeypatch):
    X, y = small_table
    folder = Path(__file__).resolve().parents[3] / "shared/models/bert_tiny_zh_random"
    if not folder.exists():
        pytest.skip("needs a local KerasHub folder, which is not part of the repository")
    model = fitted(
        X,
        y,
        text_backbone=str(folder),
        tokenizer=WordPieceSequencer(vocabulary=folder, max_len=8),
        image_backbone="mobilenet_v2",
        image_backbone__weights=None,
        image_size=(32, 32),
        branch_units=8,
        freeze_backbones={"image": True, "text": False},
    )
    skmtl.save(model, path)
    expected = model.predict_proba(X)

    def refuse(*_args, **_kwargs):
        raise AssertionError("something outside the file was read")

    monkeypatch.setattr("keras_hub.models.Backbone.from_preset", refuse)
    monkeypatch.setattr("skmtl.backbones._applications._create", refuse)
    again = skmtl.load(path, allow_paths=True)
    for a, b in zip(expected, again.predict_proba(X), strict=True):
        np.testing.assert_array_equal(a, b)
    assert_same(again, path, X, allow_paths=True)


@pytest.mark.slow
def test_word_vectors_are_among_the_weights(small_table, path, tmp_path):
    X, y = small_table
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("2 3\n好 1 0 0\n坏 0 1 0\n", encoding="utf-8")
    model = fitted(X, y, text_backbone__vectors=str(vectors))
    before = model.predict_proba(X)
    skmtl.save(model, path)
    vectors.unlink()
    again = skmtl.load(path, allow_paths=True)
    for a, b in zip(before, again.predict_proba(X), strict=True):
        np.testing.assert_array_equal(a, b)


def pipeline(text, **parameters):
    columns = ColumnTransformer(
        [("image", ImageNormalizer(scaling="standardize"), ["image"]), ("text", text, ["text"])],
        remainder="drop",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    return Pipeline(
        [
            ("columns", columns),
            ("nothing", "passthrough"),
            ("model", MultiTaskClassifier(epochs=1, random_state=0, **parameters)),
        ],
        memory=None,
    )


def test_many_numbers_beside_categories(path):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 70))).add_prefix("n")
    X["numbers"] = ["a", "b"] * 10
    model = MultiTaskClassifier(epochs=1, random_state=0, columns={"numbers": "category"})
    again = assert_same(model.fit(X, [0, 1] * 10), path, X)
    names = [encoder.name for encoder in again._fitted.reader.parts["table"].encoders_]
    assert names == ["numbers", "__numbers__"]


def test_pipelines(small_table, path):
    X, y = small_table
    X = X.assign(other=1.0)
    model = pipeline(JiebaTokenizer(missing="empty", output="str")).fit(X, y)
    again = assert_same(model, path, X)
    assert again.named_steps["columns"].transform(X).columns.tolist() == ["image", "text"]


def test_passthrough_and_drop_within_columns(small_table, path):
    X, y = small_table
    columns = ColumnTransformer(
        [("image", "passthrough", ["image"]), ("text", "drop", ["text"])], remainder=ImageLoader()
    ).set_output(transform="pandas")
    model = Pipeline([("c", columns), ("m", MultiTaskClassifier(epochs=1, random_state=0))])
    X["image2"] = X["image"]
    model["m"].set_params(columns={"image__image": "image"})
    assert_same(model.fit(X, y), path, X)


TRANSFORMERS = {
    "loader": ImageLoader(mode="rgb"),
    "normalizer": ImageNormalizer(size=4, scaling="standardize"),
    "tokenizer": JiebaTokenizer(stop_words={"的", "了"}, user_words={"开心果": None}),
    "sequencer": JiebaSequencer(max_len=5, max_tokens=100, char_ngrams=2),
    "tfidf": JiebaVectorizer(ngram_range=(1, 2), sublinear_tf=True),
    "count": JiebaVectorizer(weighting="count"),
}


@pytest.mark.parametrize("transformer", TRANSFORMERS.values(), ids=TRANSFORMERS)
def test_transformers_alone(transformer, path):
    X, _ = make_small_table(20, missing=0.0)
    column = "image" if "Image" in type(transformer).__name__ else "text"
    expected = transformer.fit(X[[column]]).transform(X[[column]])
    skmtl.save(transformer, path)
    actual = skmtl.load(path).transform(X[[column]])
    if hasattr(expected, "toarray"):
        np.testing.assert_array_equal(expected.toarray(), actual.toarray())
    else:
        for a, b in zip(np.asarray(expected).ravel(), np.asarray(actual).ravel(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_same_model_is_the_same_bytes(small_table, path, tmp_path):
    model = fitted(*small_table)
    model.save(path)
    skmtl.load(path).save(tmp_path / "again")
    assert path.read_bytes() == (tmp_path / "again").read_bytes()


def test_loading_leaves_the_arrays_writable_and_apart(small_table, path):
    X, y = small_table
    fitted(X, y).save(path)
    a, b = skmtl.load(path), skmtl.load(path)
    before = b.predict_proba(X)[0]
    a.model_.set_weights([weight * 0 for weight in a.model_.get_weights()])
    np.testing.assert_array_equal(b.predict_proba(X)[0], before)


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits(small_table, path, tmp_path):
    X, y = small_table
    model = fitted(X, y)
    model.save(path)
    X.to_pickle(tmp_path / "X.pkl")
    code = (
        "import sys, numpy, pandas, skmtl\n"
        "X = pandas.read_pickle(sys.argv[2])\n"
        "numpy.savez(sys.argv[3], *skmtl.load(sys.argv[1]).predict_proba(X))\n"
    )
    out = tmp_path / "p.npz"
    imports = [str(Path(skmtl.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "X.pkl", out],
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(imports)},
        capture_output=True,
    )
    with np.load(out) as found:
        for expected, name in zip(model.predict_proba(X), found, strict=True):
            np.testing.assert_array_equal(found[name], expected)


class OwnStrategy(DynamicWeightAverage.__mro__[1]):
    def weigh(self, losses, present, state, *, seed):  # noqa: ARG002
        return losses


class OwnLayer(keras.layers.Layer):
    def call(self, x):
        return x


REFUSED = {
    "strategy": ({"loss_weights": OwnStrategy()}, r"loss_weights is .*OwnStrategy"),
    "callbacks": (
        {"callbacks": [keras.callbacks.EarlyStopping()]},
        r"set_params\(callbacks=None\)",
    ),
    "scorer": (
        {"stopping_score": make_task_scorer("a")},
        r"stopping_score is .* set_params\(stopping_score=None\)",
    ),
    "function": ({"stopping_score": print}, r"stopping_score is .*set_params\(stopping_score=None"),
    "lambda": ({"image_backbone": keras.layers.Lambda(abs)}, "image_backbone cannot be saved"),
    "layer": ({"image_backbone": OwnLayer()}, r"image_backbone cannot be saved: .*OwnLayer"),
    "object": ({"class_weight": object()}, "class_weight is"),
}


@pytest.mark.parametrize(("parameters", "message"), REFUSED.values(), ids=REFUSED)
def test_what_would_need_code_is_refused_when_saving(parameters, message, path):
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match=message):
        MultiTaskClassifier(**parameters).save(path)
    assert path.read_bytes() == b"before"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_other_estimators_are_refused(path):
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(TypeError, match=r"estimator is .*LogisticRegression"):
        skmtl.save(LogisticRegression(), path)
    with pytest.raises(TypeError, match="LogisticRegression"):
        skmtl.save(Pipeline([("a", LogisticRegression())]), path)
