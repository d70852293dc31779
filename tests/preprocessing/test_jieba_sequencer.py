"""JiebaSequencer: vocabulary, ids, lengths, long documents, the fingerprint."""

import pickle
from collections import Counter

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline

from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer

TEXTS = ["我爱北京", "我爱我家，你好", "北京 你好", "", "我"]


def naive_vocabulary(documents):
    counts = Counter(token for document in documents for token in document)
    order = sorted(counts, key=lambda token: (-counts[token], token))
    return {token: number for number, token in enumerate(order, 2)}


@pytest.mark.slow
@pytest.mark.parametrize("side", ["post", "pre"])
@pytest.mark.parametrize("engine", ["auto", "jieba"])
def test_ids_are_those_of_the_naive_loop(engine, side, reviews, jieba_reference):
    texts = list(dict.fromkeys(reviews))[:1500]
    documents = [jieba_reference.lcut(text) for text in texts]
    vocabulary = naive_vocabulary(documents)
    numbers = [[vocabulary[token] for token in document] for document in documents]
    expected = keras.utils.pad_sequences(numbers, 64, padding=side, truncating=side)
    sequencer = JiebaSequencer(
        tokenizer=JiebaTokenizer(engine=engine, keep_whitespace=True),
        padding=side,
        truncating=side,
        max_len=64,
    )
    np.testing.assert_array_equal(sequencer.fit_transform(texts), expected)
    np.testing.assert_array_equal(sequencer.transform(texts), expected)
    assert sequencer.vocabulary_ == vocabulary


def test_vocabulary_is_by_count_then_token():
    sequencer = JiebaSequencer().fit(TEXTS)
    assert list(sequencer.vocabulary_.items()) == [
        ("我", 2), ("你好", 3), ("北京", 4), ("爱", 5), ("我家", 6), ("，", 7),
    ]  # fmt: skip
    assert sequencer.n_tokens_ == 8
    assert JiebaSequencer().fit(TEXTS[::-1]).vocabulary_ == sequencer.vocabulary_


@pytest.mark.parametrize(
    ("n_words", "n_longer", "expected"),
    [(0, 0, 16), (16, 0, 16), (17, 1, 16), (17, 2, 32), (33, 200, 64), (300, 200, 256)],
)
def test_auto_length_holds_99_of_100_texts(n_words, n_longer, expected):
    texts = [["word"] * n_words] * n_longer + [["word"] * min(n_words, 16)] * (199 - n_longer)
    sequencer = JiebaSequencer()
    assert sequencer.fit_transform([*texts, []]).shape == (len(texts) + 1, expected)
    assert sequencer.max_len_ == expected
    assert sequencer.transform([["word"] * 999]).shape == (1, expected)
    assert len(sequencer.get_feature_names_out()) == expected


def test_missing_texts_do_not_make_the_others_short():
    sequencer = JiebaSequencer(missing="empty").fit([["word"] * 40, *[None] * 200])
    assert sequencer.max_len_ == 64


def test_auto_length_counts_characters():
    text = ["北京大学"] * 12
    assert JiebaSequencer().fit([text]).max_len_ == 16
    assert JiebaSequencer(char_ngrams=1).fit([text]).max_len_ == 64


def test_a_later_max_len_waits_for_the_next_fit():
    sequencer = JiebaSequencer().fit(TEXTS).set_params(max_len=2)
    assert sequencer.transform(TEXTS).shape[1] == 16
    assert sequencer.fit_transform(TEXTS).shape[1] == 2


def test_pad_and_unknown():
    sequencer = JiebaSequencer(max_len=4).fit(TEXTS)
    ids = sequencer.transform(["我爱上海", "", "北京"])
    assert ids.tolist() == [[2, 5, 1, 0], [0, 0, 0, 0], [4, 0, 0, 0]]
    assert ids.dtype == np.int32


def test_max_tokens_bounds_all_ids():
    for max_tokens in range(2, 10):
        sequencer = JiebaSequencer(max_tokens=max_tokens, char_ngrams=0)
        ids = sequencer.fit_transform(TEXTS)
        assert sequencer.n_tokens_ == min(max_tokens, 8)
        assert ids.max() < max_tokens
        words = ["我", "你好", "北京", "爱", "我家", "，"]
        assert list(sequencer.vocabulary_) == words[: max_tokens - 2]
        np.testing.assert_array_equal(ids, sequencer.transform(TEXTS))


@pytest.mark.parametrize(
    ("min_df", "words"), [(1, 6), (2, 4), (0.5, 1), (3, 1), (0.0, 6), (1.0, 0)]
)
def test_min_df_counts_texts(min_df, words):
    sequencer = JiebaSequencer(min_df=min_df, char_ngrams=0).fit(TEXTS)  # "我" is in 3 of 5 texts
    assert len(sequencer.vocabulary_) == words
    assert "我家" not in sequencer.vocabulary_ or min_df in (1, 0.0)


@pytest.mark.parametrize("padding", ["post", "pre"])
@pytest.mark.parametrize("truncating", ["post", "pre"])
@pytest.mark.parametrize("max_len", [1, 2, 3, 7])
def test_padding_and_truncating_are_those_of_keras(padding, truncating, max_len):
    documents = [["a", "b", "c"], [], ["c"], ["b"] * 5, ["a", "b"]]
    sequencer = JiebaSequencer(max_len=max_len, padding=padding, truncating=truncating)
    ids = sequencer.fit_transform(documents)
    numbers = [[sequencer.vocabulary_[token] for token in document] for document in documents]
    expected = keras.utils.pad_sequences(numbers, max_len, padding=padding, truncating=truncating)
    np.testing.assert_array_equal(ids, expected)
    np.testing.assert_array_equal(sequencer.transform(documents), expected)


def test_token_lists_are_taken_as_they_are():
    sequencer = JiebaSequencer(tokenizer=JiebaTokenizer(stop_words=["的"], lowercase=True))
    ids = sequencer.fit_transform([["我们的", "的", "A B", " "], ["的"]])
    assert (ids > 1).sum() == 5
    assert sequencer.segmenter_fingerprint_ is None
    pipeline = make_pipeline(JiebaTokenizer(), JiebaSequencer())
    np.testing.assert_array_equal(
        pipeline.fit_transform(TEXTS), JiebaSequencer().fit_transform(TEXTS)
    )
    np.testing.assert_array_equal(pipeline.transform(TEXTS), JiebaSequencer().fit_transform(TEXTS))


def test_texts_and_token_lists_may_mix():
    X = np.empty(2, dtype=object)
    X[:] = ["我爱北京", ["我", "爱", "北京"]]
    ids = JiebaSequencer().fit_transform(X)
    np.testing.assert_array_equal(ids[0], ids[1])


def test_no_rows():
    sequencer = JiebaSequencer(max_len=3).fit(TEXTS)
    for X in ([], np.empty((0, 1), dtype=object), pd.DataFrame({"text": []})):
        assert sequencer.transform(X).shape == (0, 3)
        assert sequencer.transform(X).dtype == np.int32
    nothing = JiebaSequencer(max_len=3)
    assert nothing.fit_transform([]).shape == (0, 3)
    assert nothing.vocabulary_ == {}
    assert nothing.transform(["我"])[0].tolist() == [1, 0, 0]


def test_inverse_transform():
    sequencer = JiebaSequencer(max_len=3, max_tokens=6, char_ngrams=0).fit(TEXTS)
    words = sequencer.inverse_transform(sequencer.transform(["我爱上海", "北京", ""]))
    assert words.tolist() == [["我", "爱", "[UNK]"], ["北京"], []]
    assert (words.shape, words.dtype) == ((3,), object)
    assert sequencer.inverse_transform(np.empty((0, 3), dtype=int)).shape == (0,)
    with pytest.raises(ValueError, match="X must hold ids from 0 to 5; got 0 to 6"):
        sequencer.inverse_transform([[0, 6]])
    with pytest.raises(ValueError, match=r"X must be of shape \(n_samples, n_ids\); got shape"):
        sequencer.inverse_transform([0, 1])
    with pytest.raises(ValueError, match="X must hold integer ids; got dtype float64"):
        sequencer.inverse_transform([[0.5]])


def test_names_and_tables():
    X = pd.DataFrame({"title": TEXTS, "n": range(5)}, index=list("abcde"))
    sequencer = JiebaSequencer(max_len=2).fit(X[["title"]])
    assert sequencer.get_feature_names_out().tolist() == ["title_0", "title_1"]
    assert JiebaSequencer(max_len=2).fit(TEXTS).get_feature_names_out().tolist() == [
        "text_0", "text_1",
    ]  # fmt: skip
    columns = ColumnTransformer(
        [("words", JiebaSequencer(max_len=2), ["title"])],
        remainder="passthrough", verbose_feature_names_out=False,
    ).set_output(transform="pandas")  # fmt: skip
    table = columns.fit_transform(X)
    assert table.columns.tolist() == ["title_0", "title_1", "n"]
    assert table.index.tolist() == list("abcde")
    assert (table.dtypes.iloc[:2] == np.int32).all()


@pytest.mark.parametrize("truncating", ["post", "pre"])
@pytest.mark.parametrize("engine", ["auto", "jieba"])
def test_cutting_a_part_gives_the_ids_of_the_whole(engine, truncating, reviews):
    texts = ["\r\n".join(reviews[i : i + 30]) for i in range(0, 600, 30)]
    texts += [
        "好" * 300,
        "很好，" * 200,
        "，" * 300 + "很好",
        "很好" + "\r\n" * 300,
        " " * 500 + "好",
    ]
    for char_ngrams, parameters in (
        (0, {}),
        (1, {"keep_punctuation": False}),
        (2, {"keep_whitespace": True}),
        (0, {"keep_whitespace": True}),
    ):
        tokenizer = JiebaTokenizer(engine=engine, **parameters)
        sequencer = JiebaSequencer(
            tokenizer=tokenizer, truncating=truncating, char_ngrams=char_ngrams, max_len=10
        )
        np.testing.assert_array_equal(sequencer.fit_transform(texts), sequencer.transform(texts))


@pytest.mark.parametrize("truncating", ["post", "pre"])
def test_of_a_long_text_only_what_is_kept_is_cut(truncating, monkeypatch):
    from skmtl.preprocessing._segment import get_segmenter

    read = []
    segmenter = type(get_segmenter())
    cut = segmenter.cut
    monkeypatch.setattr(
        segmenter, "cut", lambda self, text, hmm: read.append(len(text)) or cut(self, text, hmm)
    )
    sequencer = JiebaSequencer(max_len=64, truncating=truncating).fit(TEXTS)
    read.clear()
    assert sequencer.transform(["这家酒店很好，" * 100_000]).shape == (1, 64)
    assert sum(read) < 400


def test_equal_parameters_equal_pickle_sizes():
    assert len(pickle.dumps(JiebaSequencer())) < 2_000
    assert len(pickle.dumps(JiebaSequencer().fit(TEXTS))) < 2_000
    assert len(pickle.dumps(JiebaTokenizer(user_words=["云计算"]).fit(TEXTS))) < 2_000


def test_fingerprint_is_compared_once_after_unpickling(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("北京 5\n", encoding="utf-8")
    fitted = JiebaSequencer(tokenizer=JiebaTokenizer(dictionary=path)).fit(TEXTS)
    same = pickle.loads(pickle.dumps(fitted))
    same.transform(TEXTS)  # a warning would be an error
    path.write_text("京 500\n", encoding="utf-8")
    other = pickle.loads(pickle.dumps(fitted))
    with pytest.warns(UserWarning, match="JiebaSequencer was fitted with another segmentation"):
        other.transform(TEXTS)
    other.transform(TEXTS)
    refitted = pickle.loads(pickle.dumps(fitted)).fit(TEXTS)
    refitted.transform(TEXTS)
    assert refitted.segmenter_fingerprint_ != fitted.segmenter_fingerprint_


def test_fingerprint_does_not_depend_on_what_is_installed():
    fitted = [
        JiebaSequencer().set_params(tokenizer__engine=engine).fit(TEXTS).segmenter_fingerprint_
        for engine in ("auto", "jieba")
    ]
    assert fitted[0] == fitted[1]


def test_clone_has_no_state():
    sequencer = clone(
        JiebaSequencer(tokenizer=JiebaTokenizer(user_words={"云计算": None}), max_len=3).fit(TEXTS)
    )
    assert not hasattr(sequencer, "vocabulary_")
    assert sequencer.tokenizer.user_words == {"云计算": None}
    assert not hasattr(sequencer.tokenizer, "user_words_")


@pytest.mark.parametrize(
    ("parameters", "error", "match"),
    [
        ({"max_len": 0}, ValueError, 'max_len must be "auto" or an int >= 1; got 0'),
        ({"max_len": 2.0}, TypeError, 'max_len must be "auto" or an int >= 1; got float 2.0'),
        ({"max_len": None}, TypeError, 'max_len must be "auto" or an int >= 1; got NoneType'),
        ({"max_len": "all"}, TypeError, 'max_len must be "auto" or an int >= 1; got str'),
        ({"max_tokens": 1}, ValueError, "max_tokens must be an int >= 2; got 1"),
        ({"max_tokens": "5"}, TypeError, "max_tokens must be an int >= 2; got str"),
        ({"min_df": 0}, ValueError, "min_df must be an int >= 1; got 0"),
        ({"min_df": 1.5}, ValueError, r"min_df must be a number in \[0, 1\]; got 1.5"),
        ({"min_df": "2"}, TypeError, "min_df must be an int >= 1; got str"),
        ({"char_ngrams": 3}, ValueError, "char_ngrams must be one of 'auto', 0, 1, 2; got 3"),
        ({"padding": "left"}, ValueError, "padding must be one of 'post', 'pre'; got 'left'"),
        ({"truncating": None}, ValueError, "truncating must be one of 'post', 'pre'; got None"),
        (
            {"tokenizer": JiebaTokenizer(mode="full")},
            ValueError,
            "mode must be one of .*; got 'full'",
        ),
        ({"tokenizer": "jieba"}, TypeError, "tokenizer must be None or a JiebaTokenizer; got str"),
    ],
)
def test_parameters_are_checked(parameters, error, match):
    with pytest.raises(error, match=match):
        JiebaSequencer(**parameters).fit(TEXTS)


def test_parameters_of_the_tokenizer_are_reached_by_name():
    sequencer = JiebaSequencer()
    sequencer.set_params(tokenizer__lowercase=True, max_len=3)
    assert sequencer.tokenizer.lowercase
    assert sequencer.get_params()["tokenizer__lowercase"]
    assert sequencer.fit(["T恤"]).vocabulary_ == {"t恤": 2}
    assert JiebaSequencer().tokenizer is None
    with pytest.raises(ValueError, match="Invalid parameter 'colour' for estimator JiebaTokenizer"):
        JiebaSequencer().set_params(tokenizer__colour=1)


def test_no_id_exceeds_the_vocabulary_whatever_the_rows_were():
    texts = ["我爱北京大学的酒店"]
    sequencer = JiebaSequencer(max_len=2)
    ids = sequencer.fit_transform(texts)
    later = sequencer.transform(["酒店很好", "大学"])  # words that were cut off in fit
    assert later.max() > ids.max()
    assert later.max() < sequencer.n_tokens_
    assert later[0].tolist() == [sequencer.vocabulary_["酒店"], 1]


def test_words_of_files_are_read_at_fit(tmp_path):
    user_words, stop_words = tmp_path / "user.txt", tmp_path / "stop.txt"
    user_words.write_text("\ufeff我爱北京\r\nEdu Trust认证 2000\n", encoding="utf-8")
    stop_words.write_text("，\r\n\r\n你好\r\n", encoding="utf-8")
    tokenizer = JiebaTokenizer(user_words=str(user_words), stop_words=stop_words)
    sequencer = JiebaSequencer(tokenizer=tokenizer).fit(TEXTS)
    assert set(sequencer.vocabulary_) == {"我爱北京", "我", "爱", "我家", "北京"}
    ids = sequencer.transform(TEXTS)
    for path in (user_words, stop_words):
        path.unlink()
    np.testing.assert_array_equal(sequencer.transform(TEXTS), ids)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(sequencer)).transform(TEXTS), ids)
    assert not hasattr(tokenizer, "user_words_")  # fit changes no parameter


def test_ids_instead_of_tokens_get_a_hint():
    with pytest.raises(TypeError, match=r"Text row 0 .* it holds int 3\. Token ids are taken by a"):
        JiebaSequencer().fit([[3, 4, 5]])
