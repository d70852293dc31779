"""Files whose parts do not belong together: refused when loaded, not when they predict."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.persistence import ModelFileError
from skmtl.preprocessing import (
    ImageLoader,
    ImageNormalizer,
    JiebaSequencer,
    JiebaTokenizer,
    JiebaVectorizer,
    WordPieceSequencer,
)

IMAGES = np.random.default_rng(0).integers(0, 255, (6, 4, 5, 3), np.uint8)
TEXTS = ["好 天气", "坏", "天气"] * 2


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a function from an estimator's name to its manifest and the other members."""
    folder, known = tmp_path_factory.mktemp("saved"), {}

    def members(name):
        if name not in known:
            skmtl.save(MAKE[name](folder), folder / name)
            with zipfile.ZipFile(folder / name) as archive:
                known[name] = {n: archive.read(n) for n in archive.namelist()}
        content = dict(known[name])
        return json.loads(content.pop("skmtl.json")), content

    return members


def table():
    images = np.empty(6, object)
    images[:] = list(IMAGES)
    X = pd.DataFrame({"image": images, "text": TEXTS, "price": range(6), "brand": ["a", "b"] * 3})
    return X, pd.DataFrame({"a": [0, 1] * 3, "b": ["x", "y", "y"] * 2})


def make_model(_folder):
    model = MultiTaskClassifier(epochs=1, random_state=0, image_size=(4, 5), image_mode="rgb")
    model.set_params(image_backbone__filters=(2,), text_backbone__embedding_dim=2, branch_units=2)
    return model.fit(*table())


def make_pipeline(_folder):
    X, _ = table()
    parts = [
        ("image", ImageNormalizer(), ["image"]),
        ("text", JiebaSequencer(max_len=3, tokenizer=JiebaTokenizer()), "text"),
        ("price", "passthrough", ["price"]),
    ]
    columns = ColumnTransformer(parts).set_output(transform="pandas")
    return Pipeline([("columns", columns)]).fit(X)


def make_word_pieces(folder):
    path = folder / "words.txt"
    path.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n好", encoding="utf-8")
    return WordPieceSequencer(vocabulary=path).fit(TEXTS)


MAKE = {
    "model": make_model,
    "pipeline": make_pipeline,
    "loader": lambda _: ImageLoader().fit(IMAGES),
    "normalizer": lambda _: ImageNormalizer(scaling="standardize").fit(IMAGES),
    "tokenizer": lambda _: JiebaTokenizer().fit(TEXTS),
    "sequencer": lambda _: JiebaSequencer(max_len=3).fit(TEXTS),
    "vectorizer": lambda _: JiebaVectorizer().fit(TEXTS),
    "word pieces": make_word_pieces,
}


def load_changed(saved, path, name, field, value):
    """Load a file with one value replaced, or removed where it is `...`."""
    manifest, members = saved(name)
    node = manifest["estimator"]
    *parents, last = [int(key) if key.isdigit() else key for key in field.split("/")]
    for key in parents:
        node = node[key]
    if value is ...:
        del node[last]
    else:
        assert node.get(last, ...) != value if isinstance(node, dict) else node[last] != value
        node[last] = value
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skmtl.json", json.dumps(manifest))
        for member, content in members.items():
            archive.writestr(member, content)
    return skmtl.load(path, allow_paths=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKE)
def test_what_was_not_changed_loads(name, saved, tmp_path):
    manifest, _ = saved(name)
    assert type(manifest["estimator"]["params"]) is dict
    again = load_changed(saved, tmp_path / "x", name, "unknown_note", 1)
    assert type(again).__name__ == manifest["estimator"]["class"]


PARAMETERS = [
    ("loader", "mode", "gray"),
    ("loader", "n_jobs", 0),
    ("loader", "max_pixels", None),
    ("normalizer", "resize", "x"),
    ("normalizer", "size", [1, 2, 3]),
    ("normalizer", "scaling", "x"),
    ("tokenizer", "engine", "autox"),
    ("tokenizer", "hmm", -1),
    ("tokenizer", "dictionary", 3),
    ("tokenizer", "normalize", [0]),
    ("sequencer", "max_len", 0),
    ("sequencer", "missing", "x"),
    ("sequencer", "padding", None),
    ("vectorizer", "ngram_range", True),
    ("vectorizer", "ngram_range", {"$": "tuple", "values": [2, 1]}),
    ("vectorizer", "sublinear_tf", "x"),
    ("vectorizer", "weighting", "x"),
    ("word pieces", "prefix", 1),
    ("word pieces", "max_len", 2),
]


@pytest.mark.parametrize(("name", "parameter", "value"), PARAMETERS)
def test_parameters_of_fitted_transformers_are_checked(name, parameter, value, saved, tmp_path):
    with pytest.raises(ModelFileError, match=f"{parameter} must be"):
        load_changed(saved, tmp_path / "x", name, f"params/{parameter}", value)


NODE = "network/reader/fields"
IMAGE, TEXT = f"{NODE}/parts/of/image/fields", f"{NODE}/parts/of/text/fields"
SOURCES = f"{NODE}/layout/fields/sources/values"
FITTED = "params/steps/0/values/1"
CHANGES = [
    # a field whose kind allows None must be there all the same
    ("model", f"{IMAGE}/size", ..., "size is missing"),
    ("model", f"{IMAGE}/highest_", ..., "highest_ is missing"),
    ("model", f"{TEXT}/sequencer_", ..., "sequencer_ is missing"),
    ("model", "network/batch_size", ..., "batch_size is missing"),
    ("model", "network/spec/fields/precision", ..., "precision is missing"),
    ("vectorizer", "state/segmenter_fingerprint_", ..., "segmenter_fingerprint_ is missing"),
    ("model", "network", ..., "columns without a network"),
    ("model", "state", {}, "network without its columns"),
    # values of the right kind that nothing else in the file agrees with
    ("model", f"{IMAGE}/size", 10**9, "sizes of images disagree"),
    ("model", f"{IMAGE}/size", "x", "size must be"),
    ("model", f"{IMAGE}/mode", "grey", "channels of images disagree"),
    ("model", f"{IMAGE}/mode", "rg", "mode must be"),
    ("model", f"{IMAGE}/on_bad", "x", "on_bad must be"),
    ("model", f"{IMAGE}/name", "other", "names disagree"),
    ("model", f"{SOURCES}/1/fields/columns/values/0", "other", "names of columns disagree"),
    ("model", "state/feature_names_in_/values/0", "other", "names of columns disagree"),
    ("model", "state/feature_names_in_/values/0", [[]], "has the columns"),
    ("model", "state/feature_names_in_/values/0", "text", "has the columns"),
    ("model", "state/n_features_in_", 8, "has the columns"),
    ("model", f"{NODE}/layout/fields/kinds/of/price", "x", "kinds must be"),
    ("model", "network/spec/fields/fusion", "x", "fusion must be"),
    ("sequencer", "state/n_features_in_", 2, "n_features_in_ must be"),
    ("sequencer", "state/max_len_", 0, "makes texts of 0 ids"),
    ("sequencer", "state/max_len_", "x", "max_len_ must be"),
    ("word pieces", "state/_form", "x", "_form must be"),
    ("word pieces", "state/max_len_", 2, "makes texts of 2 ids"),
    ("normalizer", "state/mean_", ..., "no mean and deviation"),
    ("normalizer", "state/mean_", {"$": "tuple", "values": []}, "mean_ must be ndarray"),
    ("vectorizer", "params/weighting", "count", "weights of the shape"),
    ("vectorizer", "state/idf_", None, "weights of the shape"),
    # parts of composites
    ("pipeline", f"{FITTED}/state/feature_names_in_/values/1", "other", "malformed"),
    ("pipeline", f"{FITTED}/state/transformers_/1/values/1/state", {}, "is not"),
    ("pipeline", f"{FITTED}/state/transformers_/1/values/0", "other", "not the same"),
    ("pipeline", f"{FITTED}/state/sparse_output_", ..., "whether its output is sparse"),
    ("pipeline", f"{FITTED}/params/sparse_threshold", "x", "sparse_threshold"),
    ("pipeline", f"{FITTED}/params/transformers/0/values/2", ["price"], "reads other columns"),
]


@pytest.mark.parametrize(("name", "field", "value", "match"), CHANGES)
def test_what_does_not_belong_together_is_refused(name, field, value, match, saved, tmp_path):
    with pytest.raises(ModelFileError, match=match):
        load_changed(saved, tmp_path / "x", name, field, value)


def test_half_fitted_pipelines_are_refused(tmp_path):
    steps = [("cut", JiebaTokenizer()), ("ids", JiebaSequencer().fit(TEXTS))]
    skmtl.save(Pipeline(steps), tmp_path / "x")
    skmtl.load(tmp_path / "x")  # a tokenizer is always fitted
    steps[0] = ("ids", JiebaSequencer())
    skmtl.save(Pipeline([("first", JiebaSequencer()), ("last", steps[1][1])]), tmp_path / "x")
    with pytest.raises(ModelFileError, match="Pipeline is fitted, but the part 'first' is not"):
        skmtl.load(tmp_path / "x")


def test_encoders_of_numbers_must_fit_their_arrays(tmp_path):
    X = np.random.default_rng(0).normal(size=(6, 2))
    model = MultiTaskClassifier(epochs=1, random_state=0, branch_units=2).fit(X, [0, 1] * 3)
    skmtl.save(model, tmp_path / "x")
    skmtl.load(tmp_path / "x")
    encoder = model._fitted.reader.parts["table"].encoders_[0]
    object.__setattr__(encoder, "ranks", encoder.ranks[:-1])
    skmtl.save(model, tmp_path / "x")
    with pytest.raises(ModelFileError, match="learned of the column 'x0' disagrees"):
        skmtl.load(tmp_path / "x")


def test_errors_are_short_whatever_is_quoted(saved, tmp_path):
    field = f"{NODE}/parts/of/image/fields/shape_"
    value = {"$": "keras", "config": {"class_name": "x" * 100_000}, "weights": []}
    with pytest.raises(ModelFileError, match="cannot be loaded") as caught:
        load_changed(saved, tmp_path / "x", "model", field, value)
    assert len(str(caught.value)) < 1000 + len(str(tmp_path))
