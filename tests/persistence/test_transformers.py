"""Transformers of scikit-learn in a file: the same bits after load, nothing forgotten, no code."""

import inspect
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import (
    SelectKBest,
    VarianceThreshold,
    chi2,
    mutual_info_classif,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.persistence import ModelFileError
from skmtl.persistence._transformers import STATE, TRANSFORMERS
from skmtl.persistence._widths import n_outputs
from skmtl.preprocessing import JiebaTokenizer

RNG = np.random.default_rng(0)
NUMBERS = pd.DataFrame(RNG.gamma(2.0, size=(30, 4)), columns=list("abcd"))
HOLES = NUMBERS.mask(RNG.random(NUMBERS.shape) < 0.2)
CATEGORIES = pd.DataFrame({"u": ["b", "a", np.nan] * 10, "v": [3, 1, 2, 2, 1, 5] * 5})
TEXTS = ["a good day", "bad weather", "day after day"] * 10
Y = np.array([0, 1] * 15)
COUNTS = CountVectorizer().fit_transform(TEXTS)

FITTED = {
    "standard": (StandardScaler(), NUMBERS),
    "standard_holes": (StandardScaler(), HOLES),
    "standard_array": (StandardScaler(), NUMBERS.to_numpy(np.float32)),
    "standard_sparse": (StandardScaler(with_mean=False), COUNTS.astype(float)),
    "standard_nothing": (StandardScaler(with_mean=False, with_std=False), NUMBERS),
    "robust": (RobustScaler(), NUMBERS),
    "robust_scale": (RobustScaler(with_centering=False, unit_variance=True), NUMBERS),
    "min_max": (MinMaxScaler((-1, 1), clip=True), NUMBERS),
    "max_abs": (MaxAbsScaler(), NUMBERS),
    "imputer": (SimpleImputer(), HOLES),
    "imputer_flags": (SimpleImputer(strategy="median", add_indicator=True), HOLES),
    "imputer_empty": (SimpleImputer(), HOLES.assign(b=np.nan)),
    "imputer_kept": (SimpleImputer(keep_empty_features=True), HOLES.assign(b=np.nan)),
    "imputer_texts": (
        SimpleImputer(strategy="constant", fill_value="none", missing_values=None),
        CATEGORIES[["u"]].astype(object).where(CATEGORIES[["u"]].notna(), None),
    ),
    "imputer_frequent": (SimpleImputer(strategy="most_frequent"), HOLES),
    "indicator": (MissingIndicator(features="all"), HOLES),
    "indicator_some": (MissingIndicator(error_on_new=False), HOLES),
    "one_hot": (OneHotEncoder(), CATEGORIES),
    "one_hot_drop": (OneHotEncoder(drop="first", sparse_output=False), CATEGORIES),
    "one_hot_chosen": (OneHotEncoder(drop=["a", 2], handle_unknown="ignore"), CATEGORIES),
    "one_hot_binary": (OneHotEncoder(drop="if_binary", dtype=np.float32), CATEGORIES),
    "one_hot_rare": (OneHotEncoder(min_frequency=7, handle_unknown="infrequent_if_exist"), CATEGORIES),
    "one_hot_few": (OneHotEncoder(max_categories=2, drop="first"), CATEGORIES),
    "one_hot_given": (OneHotEncoder(categories=[["z", "a", "b", np.nan], [1, 2, 3, 5]]), CATEGORIES),
    "one_hot_array": (OneHotEncoder(), np.array([["b"], ["a"], ["bb"]] * 10)),
    "one_hot_floats": (OneHotEncoder(), np.array([[0.5], [np.nan], [-1]] * 10)),
    "ordinal": (OrdinalEncoder(), CATEGORIES),
    "ordinal_rare": (
        OrdinalEncoder(min_frequency=7, handle_unknown="use_encoded_value", unknown_value=-1),
        CATEGORIES,
    ),
    "ordinal_whole": (OrdinalEncoder(dtype=np.int64, encoded_missing_value=-2), CATEGORIES),
    "bins": (KBinsDiscretizer(3, strategy="uniform"), NUMBERS),
    "bins_dense": (KBinsDiscretizer([2, 3, 4, 5], strategy="uniform", encode="onehot-dense"), NUMBERS),
    "bins_ordinal": (KBinsDiscretizer(3, strategy="uniform", encode="ordinal", dtype=np.float32), NUMBERS),
    "power": (PowerTransformer(), NUMBERS),
    "power_box_cox": (PowerTransformer(method="box-cox", standardize=False), NUMBERS),
    "quantile": (QuantileTransformer(n_quantiles=10, output_distribution="normal"), NUMBERS),
    "polynomial": (PolynomialFeatures(2), NUMBERS),
    "polynomial_pairs": (PolynomialFeatures((2, 3), interaction_only=True, include_bias=False), NUMBERS),
    "polynomial_sparse": (PolynomialFeatures(2), COUNTS),
    "pca": (PCA(2, whiten=True), NUMBERS),
    "pca_single": (PCA(0.9, svd_solver="full"), NUMBERS.astype("float32")),
    "svd": (TruncatedSVD(2, random_state=0), COUNTS),
    "best": (SelectKBest(k=2), NUMBERS),
    "best_chi2": (SelectKBest(chi2, k="all"), NUMBERS),
    "best_information": (SelectKBest(mutual_info_classif, k=3), NUMBERS),
    "variance": (VarianceThreshold(1.5), NUMBERS),
    "normalizer": (Normalizer(norm="l1"), NUMBERS),
    "binarizer": (Binarizer(threshold=1.0), NUMBERS),
    "function": (FunctionTransformer(), NUMBERS),
    "tfidf": (TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), TEXTS),
    "tfidf_stop": (TfidfVectorizer(stop_words="english", max_features=3, dtype=np.float32), TEXTS),
    "tfidf_plain": (TfidfVectorizer(use_idf=False, stop_words=["day"]), TEXTS),
    "count": (CountVectorizer(analyzer="char_wb", ngram_range=(2, 2)), TEXTS),
    "count_given": (CountVectorizer(vocabulary=["day", "bad"]), TEXTS),
    "hashing": (HashingVectorizer(n_features=16), TEXTS),
    "weights": (TfidfTransformer(norm=None), COUNTS),
    "weights_none": (TfidfTransformer(use_idf=False), COUNTS),
    "union": (
        FeatureUnion(
            [("a", StandardScaler()), ("b", "passthrough"), ("c", "drop"), ("d", PCA(2))],
            transformer_weights={"a": 0.5},
        ),
        NUMBERS,
    ),
    "frozen": (FrozenEstimator(StandardScaler().fit(NUMBERS)), NUMBERS),
    "pipeline": (make_pipeline(SimpleImputer(), StandardScaler(), PCA(2)), HOLES),
    "frame": (StandardScaler().set_output(transform="pandas"), NUMBERS),
}  # fmt: skip


def dense(values):
    return values.toarray() if issparse(values) else np.asarray(values)


def fit(case):
    transformer, X = FITTED[case]
    return transformer.fit(X, Y), X


@pytest.mark.filterwarnings("ignore:Skipping features without")
@pytest.mark.parametrize("case", FITTED)
def test_the_same_bits_after_load(case, tmp_path):
    transformer, X = fit(case)
    path, again_path = tmp_path / "a", tmp_path / "b"
    skmtl.save(transformer, path)
    again = skmtl.load(path)
    assert repr(again) == repr(transformer)
    expected, actual = transformer.transform(X), again.transform(X)
    assert type(actual) is type(expected)
    assert dense(actual).dtype == dense(expected).dtype
    np.testing.assert_array_equal(dense(actual), dense(expected))
    assert n_outputs(again, 4) == expected.shape[1]
    if hasattr(transformer, "get_feature_names_out") and case != "function":
        names = transformer.get_feature_names_out().tolist()
        assert again.get_feature_names_out().tolist() == names
    skmtl.save(again, again_path)
    assert path.read_bytes() == again_path.read_bytes()


@pytest.mark.filterwarnings("ignore:Skipping features without")
@pytest.mark.parametrize("case", FITTED)
def test_no_attribute_is_forgotten(case, tmp_path):
    transformer, _ = fit(case)
    skmtl.save(transformer, tmp_path / "a")
    forgotten = vars(transformer).keys() - vars(skmtl.load(tmp_path / "a")).keys()
    assert forgotten <= {"_stop_words_id"}  # where the list lay in memory


def test_every_class_of_the_list_is_tried():
    tried = {type(transformer) for transformer, _ in FITTED.values()}
    assert tried >= set(TRANSFORMERS)
    assert {kind.__name__ for kind in TRANSFORMERS} - STATE.keys() == {
        "FeatureUnion",
        "FrozenEstimator",
        "HashingVectorizer",
    }


@pytest.mark.parametrize("kind", TRANSFORMERS, ids=lambda kind: kind.__name__)
def test_unfitted_transformers_have_no_state(kind, tmp_path):
    needs = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
    given = [("a", StandardScaler())] if kind is FeatureUnion else StandardScaler()
    transformer = kind(*[given for _ in needs])
    skmtl.save(transformer, tmp_path / "a")
    assert repr(skmtl.load(tmp_path / "a")) == repr(transformer)


# -- whole Pipelines -----------------------------------------------------------------------------


def table():
    X = pd.concat([HOLES, CATEGORIES], axis=1).assign(text=TEXTS)
    return X, pd.DataFrame({"one": Y, "two": ["x", "y", "z"] * 10})


def whole_pipeline():
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(add_indicator=True), RobustScaler()), list("abcd")),
            ("categories", OneHotEncoder(handle_unknown="ignore"), ["u", "v"]),
            ("text", make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=0)), "text"),
            ("hashes", HashingVectorizer(n_features=8), "text"),
        ]
    )  # fmt: skip
    model = MultiTaskClassifier(epochs=1, random_state=0)
    return Pipeline(
        [("columns", columns), ("scale", StandardScaler(with_mean=False)), ("m", model)]
    )


@pytest.mark.slow
def test_a_whole_pipeline_predicts_the_same_bits_in_a_fresh_process(tmp_path):
    X, y = table()
    model = whole_pipeline().fit(X, y)
    skmtl.save(model, tmp_path / "model")
    X.to_pickle(tmp_path / "X.pkl")
    code = (
        "import sys, numpy, pandas, skmtl\n"
        "X = pandas.read_pickle(sys.argv[2])\n"
        "numpy.savez(sys.argv[3], *skmtl.load(sys.argv[1]).predict_proba(X))\n"
    )
    out = tmp_path / "p.npz"
    imports = [str(Path(skmtl.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "model", tmp_path / "X.pkl", out],
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(imports)},
        capture_output=True,
    )
    with np.load(out) as found:
        for expected, name in zip(model.predict_proba(X), found, strict=True):
            np.testing.assert_array_equal(found[name], expected)


def test_a_frozen_model_is_a_step(tmp_path):
    X, y = table()
    inner = MultiTaskClassifier(epochs=1, random_state=0).fit(X[list("abcd")], y)
    skmtl.save(FrozenEstimator(inner), tmp_path / "a")
    again = skmtl.load(tmp_path / "a")
    for a, b in zip(
        inner.predict_proba(X[list("abcd")]), again.predict_proba(X[list("abcd")]), strict=True
    ):
        np.testing.assert_array_equal(a, b)


# -- versions ------------------------------------------------------------------------------------


def test_only_what_is_fitted_depends_on_the_version(tmp_path, monkeypatch):
    for name, estimator in {
        "new": StandardScaler(),
        "stateless": HashingVectorizer(),
        "ours": JiebaTokenizer().fit(["a"]),
        "fitted": StandardScaler().fit(NUMBERS),
        "within": Pipeline([("a", StandardScaler().fit(NUMBERS))]),
    }.items():
        skmtl.save(estimator, tmp_path / name)
    monkeypatch.setattr("skmtl.persistence._transformers.sklearn.__version__", "99.1.0")
    for name in ("new", "stateless", "ours"):
        skmtl.load(tmp_path / name)
    for name in ("fitted", "within"):
        with pytest.raises(ModelFileError, match=r"StandardScaler is of .* here is 99\.1.*install"):
            skmtl.load(tmp_path / name)


# -- code ----------------------------------------------------------------------------------------


def shout(text):
    return text.upper()


FUNCTIONS = {
    "func": (FunctionTransformer(np.log1p), r"func is .*before the Pipeline"),
    "inverse": (FunctionTransformer(inverse_func=shout), r"inverse_func is .*a function is code"),
    "names": (FunctionTransformer(feature_names_out=shout), r"feature_names_out is .*code"),
    "tokenizer": (TfidfVectorizer(tokenizer=shout), r"tokenizer is .*JiebaTokenizer"),
    "preprocessor": (CountVectorizer(preprocessor=shout), r"preprocessor is .*before the Pipeline"),
    "builtin": (CountVectorizer(preprocessor=len), r"preprocessor is .*before the Pipeline"),
    "analyzer": (HashingVectorizer(analyzer=shout), r"analyzer is .*'char_wb'"),
    "score": (SelectKBest(shout), r"score_func is .*chi2"),
    "partial": (SelectKBest(partial(mutual_info_classif, random_state=0)), "score_func is .*chi2"),
    "within": (Pipeline([("a", TfidfVectorizer(tokenizer=shout))]), r"tokenizer is .*token_pattern"),
    "strategy": (SimpleImputer(strategy=np.median), r"strategy is .*a function is code"),
}  # fmt: skip


@pytest.mark.parametrize(("transformer", "message"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_are_refused_when_saving(transformer, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        skmtl.save(transformer, tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_what_no_load_would_take_is_refused_when_saving(tmp_path):
    fitted = StandardScaler().fit(NUMBERS).set_params(with_mean="x")
    with pytest.raises(TypeError, match=r"no load would take it.*with_mean"):
        skmtl.save(fitted, tmp_path / "a")
    long = TfidfVectorizer(token_pattern="a" * 201).fit(["a" * 201])
    with pytest.raises(TypeError, match="token_pattern of 201 characters"):
        skmtl.save(long, tmp_path / "a")


def test_texts_that_name_files_need_leave(tmp_path):
    skmtl.save(CountVectorizer(input="filename"), tmp_path / "a")
    with pytest.raises(ModelFileError, match=re.escape("input='filename'")):
        skmtl.load(tmp_path / "a")
    assert skmtl.load(tmp_path / "a", allow_paths=True).input == "filename"
