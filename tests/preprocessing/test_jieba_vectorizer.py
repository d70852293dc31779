"""JiebaVectorizer: scikit-learn's weights over jieba's words."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl.preprocessing import JiebaTokenizer, JiebaVectorizer

TEXTS = ["我爱北京", "我爱我家，你好", "北京 你好", "", "我"]


@pytest.mark.parametrize(
    "options",
    [{}, {"ngram_range": (1, 2)}, {"min_df": 2}, {"max_df": 0.5}, {"max_features": 3}],
)
@pytest.mark.parametrize("weighting", ["tfidf", "count"])
def test_weights_are_those_of_scikit_learn(weighting, options):
    words = JiebaTokenizer().fit_transform(TEXTS)
    reference_class = TfidfVectorizer if weighting == "tfidf" else CountVectorizer
    reference = reference_class(
        tokenizer=list, preprocessor=list, token_pattern=None, lowercase=False, **options
    )
    expected = reference.fit_transform(words)
    vectorizer = JiebaVectorizer(weighting=weighting, **options)
    features = vectorizer.fit_transform(TEXTS)
    for other in (features, vectorizer.transform(TEXTS), vectorizer.fit(TEXTS).transform(words)):
        assert other.dtype == expected.dtype
        np.testing.assert_allclose(other.toarray(), expected.toarray(), rtol=1e-14)
    assert vectorizer.vocabulary_ == reference.vocabulary_
    names = vectorizer.get_feature_names_out()
    assert names.tolist() == reference.get_feature_names_out().tolist()


def test_sublinear_counts():
    texts = ["北京，北京，北京，我", "我"]
    plain, sublinear = (
        JiebaVectorizer(sublinear_tf=value).fit_transform(texts).toarray()
        for value in (False, True)
    )
    assert plain[0].max() > sublinear[0].max()
    np.testing.assert_array_equal(plain[1], sublinear[1])


def test_words_of_one_character_are_kept():
    assert {"我", "爱"} <= set(JiebaVectorizer().fit(TEXTS).vocabulary_)


def test_no_rows_and_empty_rows():
    vectorizer = JiebaVectorizer().fit(TEXTS)
    n_features = len(vectorizer.vocabulary_)
    for X in ([], np.empty((0, 1), dtype=object), pd.DataFrame({"text": []})):
        assert vectorizer.transform(X).shape == (0, n_features)
    assert vectorizer.transform(["", "上海"]).nnz == 0
    with pytest.raises(ValueError, match="empty vocabulary"):
        JiebaVectorizer().fit([""])


def test_names_of_the_column_are_checked():
    vectorizer = JiebaVectorizer().fit(pd.DataFrame({"title": TEXTS}))
    assert vectorizer.get_feature_names_out(["title"]).size == len(vectorizer.vocabulary_)
    with pytest.raises(ValueError, match=r"input_features must be \['title'\]"):
        vectorizer.get_feature_names_out(["text"])


def test_pickle_carries_the_analyzer():
    vectorizer = JiebaVectorizer().fit(TEXTS)
    data = pickle.dumps(vectorizer)
    assert len(data) < 10_000
    assert (pickle.loads(data).transform(TEXTS) != vectorizer.transform(TEXTS)).nnz == 0


def test_fingerprint_warns_after_unpickling(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("北京 5\n", encoding="utf-8")
    vectorizer = JiebaVectorizer(tokenizer=JiebaTokenizer(dictionary=path)).fit(TEXTS)
    path.write_text("京 500\n", encoding="utf-8")
    moved = pickle.loads(pickle.dumps(vectorizer))
    with pytest.warns(UserWarning, match="JiebaVectorizer was fitted with another segmentation"):
        moved.transform(TEXTS)


def test_in_a_linear_baseline():
    labels = [0, 1, 1, 0, 0]
    model = make_pipeline(JiebaVectorizer(), LogisticRegression(C=100)).fit(TEXTS, labels)
    assert model.predict(TEXTS).tolist() == labels


def test_weighting_is_checked():
    with pytest.raises(ValueError, match="weighting must be one of 'tfidf', 'count'; got 'bm25'"):
        JiebaVectorizer(weighting="bm25").fit(TEXTS)
