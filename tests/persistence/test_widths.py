"""Numbers of columns that steps read and give."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from skmtl.persistence._widths import n_inputs, n_outputs, reads_series
from skmtl.preprocessing import ImageLoader, JiebaSequencer, JiebaVectorizer

NUMBERS = np.ones((4, 3))
TEXTS = ["a b", "b c", "c d", "好 天气"]
SCALER = StandardScaler().fit(NUMBERS)
WORDS = CountVectorizer(token_pattern=r"\S+").fit(TEXTS)
COLUMNS = ColumnTransformer([("a", "passthrough", [0]), ("b", StandardScaler(), [1, 2])])
STEPS = [
    ("passthrough", 7, None),
    (None, 7, None),
    ("drop", 0, None),
    (Normalizer(), 7, None),
    (FunctionTransformer(), 7, None),
    (SCALER, 3, 3),
    (FrozenEstimator(SCALER), 3, 3),
    (make_pipeline(SCALER, "passthrough"), 3, 3),
    (make_pipeline("passthrough", SCALER), 3, None),
    (FeatureUnion([("a", "drop"), ("b", SCALER), ("c", "passthrough")]), 10, 3),
    (FeatureUnion([("a", ImageLoader())]), None, None),
    (COLUMNS.fit(NUMBERS), 3, 3),
    (WORDS, 6, None),
    (HashingVectorizer(n_features=5), 5, None),
    (JiebaSequencer(max_len=4).fit(TEXTS), 4, 1),
]


@pytest.mark.parametrize(("step", "given", "read"), STEPS, ids=lambda one: type(one).__name__)
def test_columns_that_a_step_gives_and_reads(step, given, read):
    assert n_outputs(step, 7) == given
    assert n_inputs(step) == read


def test_parts_without_columns_give_none():
    fitted = ColumnTransformer([("a", StandardScaler(), [0]), ("b", SCALER, [])]).fit(NUMBERS)
    assert n_outputs(fitted) == 1


def test_words_of_our_own_vectorizer():
    vectorizer = JiebaVectorizer().fit(TEXTS)
    assert n_outputs(vectorizer) == vectorizer.transform(TEXTS).shape[1]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (WORDS, True),
        (make_pipeline(WORDS, SCALER), True),
        (FeatureUnion([("a", SCALER), ("b", WORDS)]), True),
        (FrozenEstimator(WORDS), True),
        (SCALER, False),
        (make_pipeline(SCALER), False),
        (COLUMNS, False),
        ("passthrough", None),
        (make_pipeline(FunctionTransformer(), WORDS), None),
        (JiebaVectorizer(), None),
    ],
)
def test_steps_that_read_a_single_column(step, expected):
    assert reads_series(step) is expected
