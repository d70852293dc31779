"""Fitted transformers of scikit-learn with one wrong attribute: neither saved nor loaded."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
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
from skmtl.persistence import ModelFileError

NUMBERS = np.random.default_rng(0).normal(size=(20, 3))
HOLES = np.where(NUMBERS > 1, np.nan, NUMBERS)
LABELS = np.array([[3.0, 1.0], [1.0, 2.0], [5.0, 2.0], [np.nan, 2.0]] * 5)
WORDS = np.array([["a", "x"], ["b", "y"], [None, "y"], ["a", "y"]] * 5, object)
TEXTS = ["a good day", "bad weather"] * 10
Y = np.array([0, 1] * 10)


def change(**attributes):
    """Return what sets attributes; a function gets the old value."""

    def spoil(transformer):
        for name, value in attributes.items():
            old = getattr(transformer, name)
            setattr(transformer, name, value(old) if callable(value) else value)

    return spoil


def first(value):
    return lambda old: [value, *old[1:]]


def more(old):
    return np.concatenate([old, old[:1]])


def at(place, value):
    def spoil(old):
        old = old.copy()
        old[place] = value
        return old

    return spoil


RARE = {"min_frequency": 6, "handle_unknown": "infrequent_if_exist"}
# compiled code, or a matrix product, would read or write out of bounds, or of other columns
SPOILT = {
    "unsorted": (OneHotEncoder(), LABELS, change(categories_=first(np.array([3.0, 1.0, 5.0])))),
    "twice": (OneHotEncoder(), LABELS, change(categories_=first(np.array([1.0, 1.0, 5.0])))),
    "nan_within": (OneHotEncoder(), LABELS, change(categories_=first(np.array([1.0, np.nan, 5.0])))),
    "text_twice": (OneHotEncoder(), WORDS, change(categories_=first(np.array(["a", "a"], object)))),
    "lists": (OneHotEncoder(), WORDS, change(categories_=first(np.array([["a"], "b"], object)))),
    "complex": (OneHotEncoder(), LABELS, change(categories_=first(np.array([1j, 2j])))),
    "matrix": (OneHotEncoder(), LABELS, change(categories_=first(np.ones((2, 2))))),
    "no_category": (OneHotEncoder(), LABELS, change(categories_=first(np.ones(0)))),
    "a_column_less": (OneHotEncoder(), LABELS, change(categories_=lambda old: old[:1])),
    "a_column_more": (OneHotEncoder(), LABELS, change(n_features_in_=3)),
    "rare_beyond": (OneHotEncoder(**RARE), LABELS, change(_infrequent_indices=first(np.array([1, 9])))),
    "rare_negative": (OneHotEncoder(**RARE), LABELS, change(_infrequent_indices=first(np.array([-1])))),
    "rare_twice": (OneHotEncoder(**RARE), LABELS, change(_infrequent_indices=first(np.array([1, 1])))),
    "rare_less": (OneHotEncoder(**RARE), LABELS, change(_infrequent_indices=lambda old: old[:1])),
    "rare_none": (OneHotEncoder(), LABELS, change(_infrequent_enabled=True)),
    "rare_missing": (
        OrdinalEncoder(min_frequency=6), LABELS, change(_infrequent_indices=first(np.array([3]))),
    ),
    "drop_beyond": (OneHotEncoder(drop="first"), LABELS, change(drop_idx_=at(0, 4))),
    "drop_negative": (OneHotEncoder(drop="first"), LABELS, change(drop_idx_=at(0, -1))),
    "drop_text": (OneHotEncoder(drop="first"), LABELS, change(drop_idx_=at(0, "a"))),
    "drop_more": (OneHotEncoder(drop="first"), LABELS, change(drop_idx_=more)),
    "dtype": (OneHotEncoder(), LABELS, change(dtype="S5")),
    "code": (
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        WORDS,
        change(unknown_value=None),
    ),
    "code_dtype": (OrdinalEncoder(), LABELS, change(dtype=np.dtype(np.int8))),
    "vocabulary": (CountVectorizer(), TEXTS, change(vocabulary_={"good": 10**6})),
    "vocabulary_negative": (CountVectorizer(), TEXTS, change(vocabulary_={"good": -1})),
    "vocabulary_twice": (CountVectorizer(), TEXTS, change(vocabulary_={"good": 0, "bad": 0})),
    "vocabulary_bool": (CountVectorizer(), TEXTS, change(vocabulary_={"good": False})),
    "vocabulary_empty": (CountVectorizer(), TEXTS, change(vocabulary_={})),
    "vocabulary_less": (TfidfVectorizer(), TEXTS, change(vocabulary_={"good": 0})),
    "idf": (TfidfTransformer(), NUMBERS, change(idf_=more)),
    "idf_none": (TfidfTransformer(use_idf=False), NUMBERS, change(use_idf=True)),
    "pattern": (CountVectorizer(), TEXTS, change(token_pattern="(")),
    "pattern_groups": (CountVectorizer(), TEXTS, change(token_pattern="(a)(b)")),
    "pattern_none": (CountVectorizer(), TEXTS, change(token_pattern=None)),
    "ngrams": (CountVectorizer(), TEXTS, change(ngram_range=(2, 1))),
    "stop_words": (CountVectorizer(), TEXTS, change(stop_words=[1])),
    "no_hashes": (HashingVectorizer(), TEXTS, change(n_features=0)),
    "many_hashes": (HashingVectorizer(), TEXTS, change(n_features=2**31)),
    "columns": (StandardScaler(), NUMBERS, change(n_features_in_=10**9)),
    "no_columns": (Normalizer(), NUMBERS, change(n_features_in_=0)),
    "mean": (StandardScaler(), NUMBERS, change(mean_=more)),
    "mean_text": (StandardScaler(), NUMBERS, change(mean_=lambda old: old.astype("U9"))),
    "mean_none": (StandardScaler(), NUMBERS, change(mean_=None)),
    "center_none": (RobustScaler(), NUMBERS, change(center_=None)),
    "lambdas": (PowerTransformer(), NUMBERS, change(lambdas_=more)),
    "its_scaler": (PowerTransformer(), NUMBERS, change(_scaler=StandardScaler().fit(NUMBERS[:, :2]))),
    "new_scaler": (PowerTransformer(), NUMBERS, change(_scaler=StandardScaler())),
    "quantiles": (QuantileTransformer(n_quantiles=5), NUMBERS, change(quantiles_=more)),
    "references": (QuantileTransformer(n_quantiles=5), NUMBERS, change(references_=more)),
    "components": (PCA(2), NUMBERS, change(components_=more)),
    "components_flat": (PCA(2), NUMBERS, change(components_=np.ravel)),
    "terms": (PolynomialFeatures(), NUMBERS, change(_n_out_full=11)),
    "terms_out": (PolynomialFeatures(), NUMBERS, change(n_output_features_=9)),
    "degree": (PolynomialFeatures(), NUMBERS, change(_max_degree=10**6)),
    "edges": (
        KBinsDiscretizer(3, strategy="uniform"), NUMBERS, change(bin_edges_=at(0, np.arange(3.0))),
    ),
    "edges_text": (KBinsDiscretizer(3, strategy="uniform"), NUMBERS, change(bin_edges_=at(0, "a"))),
    "n_bins": (KBinsDiscretizer(3, strategy="uniform"), NUMBERS, change(n_bins_=at(0, 10**9))),
    "its_encoder": (
        KBinsDiscretizer(3, strategy="uniform"), NUMBERS,
        change(_encoder=OneHotEncoder().fit(np.zeros((1, 3)))),
    ),
    "new_encoder": (
        KBinsDiscretizer(3, strategy="uniform"), NUMBERS, change(_encoder=OneHotEncoder()),
    ),
    "statistics": (SimpleImputer(), HOLES, change(statistics_=more)),
    "statistics_text": (
        SimpleImputer(), HOLES, change(statistics_=np.array(["a", "b", "c"], object)),
    ),
    "fill": (SimpleImputer(), HOLES, change(_fit_dtype=np.dtype(bool))),
    "indicator": (
        SimpleImputer(add_indicator=True), HOLES,
        lambda imputer: change(features_=np.array([0, 7]))(imputer.indicator_),
    ),
    "indicator_columns": (
        SimpleImputer(add_indicator=True), HOLES,
        lambda imputer: change(n_features_in_=2, _n_features=2, features_=np.array([0]))(imputer.indicator_),
    ),
    "indicator_none": (SimpleImputer(), HOLES, change(add_indicator=True)),
    "scores": (SelectKBest(k=2), NUMBERS, change(scores_=more)),
    "parameter": (SelectKBest(k=2), NUMBERS, change(k="x")),
}  # fmt: skip


@pytest.mark.parametrize(("transformer", "X", "spoil"), SPOILT.values(), ids=SPOILT)
def test_wrong_attributes_are_neither_saved_nor_loaded(
    transformer, X, spoil, tmp_path, monkeypatch
):
    transformer = transformer.fit(X, Y)
    spoil(transformer)
    path = tmp_path / "a"
    with pytest.raises(TypeError, match=r"cannot be saved"):
        skmtl.save(transformer, path)
    write_unchecked(transformer, path, monkeypatch)
    with pytest.raises(ModelFileError, match="cannot be loaded"):
        skmtl.load(path)


def write_unchecked(transformer, path, monkeypatch):
    """Save as someone with bad intentions does; values that no file can hold become a text."""
    monkeypatch.setattr("skmtl.persistence._estimators._check_saveable", lambda *_: None)
    monkeypatch.setattr("skmtl._runtime.storage.values.describe", lambda _: "wrong")
    try:
        skmtl.save(transformer, path)
    except TypeError:  # an array of complex numbers
        transformer.categories_ = "wrong"
        skmtl.save(transformer, path)


# -- parts that do not fit each other ------------------------------------------------------------


def scaler(n):
    return StandardScaler().fit(np.random.default_rng(0).normal(size=(5, n)))


def with_steps(*steps):
    return Pipeline([(f"s{i}", step) for i, step in enumerate(steps)])


DISAGREE = {
    "steps": (with_steps(scaler(3), scaler(2)), "reads 2 columns, and gets 3"),
    "through": (with_steps(scaler(3), "passthrough", Normalizer(), scaler(2)), "and gets 3"),
    "words": (with_steps(CountVectorizer().fit(TEXTS), scaler(3)), "reads 3 columns, and gets 4"),
    "hashes": (with_steps(HashingVectorizer(n_features=8), scaler(3)), "and gets 8"),
    "categories": (with_steps(OneHotEncoder().fit(LABELS), scaler(3)), "and gets 6"),
    "best": (with_steps(SelectKBest(k=2).fit(NUMBERS, Y), scaler(3)), "and gets 2"),
    "within": (with_steps(make_pipeline(scaler(3)), scaler(2)), "and gets 3"),
    "union": (
        with_steps(FeatureUnion([("a", scaler(3)), ("b", "passthrough")]), scaler(3)),
        "reads 3 columns, and gets 6",
    ),
    "parts": (FeatureUnion([("a", scaler(3)), ("b", scaler(2))]), r"read \[2, 3\] columns"),
    "half": (FeatureUnion([("a", scaler(3)), ("b", StandardScaler())]), "'b' is not"),
    "weights": (FeatureUnion([("a", scaler(3))], transformer_weights={"x": 1}), "the weights"),
    "n_jobs": (FeatureUnion([("a", scaler(3))], n_jobs=""), "FeatureUnion has n_jobs=''"),
    "swapped": (Pipeline([("a", scaler(3)), (scaler(3), "b")]), "steps .* malformed"),
    "names": (FeatureUnion([("a", scaler(3)), ("a", scaler(3))]), "parts .* malformed"),
}


@pytest.mark.parametrize(("composite", "message"), DISAGREE.values(), ids=DISAGREE)
def test_parts_that_do_not_fit_each_other(composite, message, tmp_path):
    skmtl.save(composite, tmp_path / "a")
    with pytest.raises(ModelFileError, match=message):
        skmtl.load(tmp_path / "a")


OTHER_COLUMNS = {
    "fewer": (scaler(3), [0, 1], "gets 2 columns, and reads 3"),
    "table": (CountVectorizer().fit(TEXTS), [0], "gets a table, and reads a single column"),
    "slice": (CountVectorizer().fit(TEXTS), slice(0, 1), "gets a table"),
    "series": (scaler(1), 0, "gets a single column, and reads a table"),
}


@pytest.mark.parametrize(("part", "columns", "message"), OTHER_COLUMNS.values(), ids=OTHER_COLUMNS)
def test_parts_that_get_other_columns(part, columns, message, tmp_path):
    given = [columns] if isinstance(columns, int) else columns
    fitted = ColumnTransformer([("a", "passthrough", given)]).fit(NUMBERS)
    fitted.transformers = [("a", part, columns)]
    fitted.transformers_[0] = ("a", part, columns)
    skmtl.save(fitted, tmp_path / "a")
    with pytest.raises(ModelFileError, match=f"its part 'a' {message}"):
        skmtl.load(tmp_path / "a")


NEW = {
    "stateless_last": with_steps(StandardScaler(), Normalizer()),
    "passthrough_last": with_steps(StandardScaler(), "passthrough"),
    "union": FeatureUnion([("a", HashingVectorizer()), ("b", CountVectorizer())]),
    "columns": ColumnTransformer([("a", CountVectorizer(), [0])]),
}


@pytest.mark.parametrize("composite", NEW.values(), ids=NEW)
def test_composites_before_a_fit(composite, tmp_path):
    skmtl.save(composite, tmp_path / "a")
    assert repr(skmtl.load(tmp_path / "a")) == repr(composite)
