"""JiebaTokenizer: its parameters, its shapes, its places in scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from skmtl.preprocessing import JiebaTokenizer

TEXT = "T恤 ＡＢ很好，３个人！😀～$5\r\n"


def cut(text, **parameters):
    return JiebaTokenizer(**parameters).fit_transform([text])[0]


def test_default_is_jieba_without_whitespace(jieba_reference):
    words = jieba_reference.lcut(TEXT)
    assert cut(TEXT, keep_whitespace=True) == words
    assert cut(TEXT) == [word for word in words if word.strip()]


def test_punctuation_goes_and_emoji_stay():
    assert cut("好！！！～$5（a+b）——…😀，", keep_punctuation=False) == ["好", "5", "a", "b", "😀"]


def test_nfkc_comes_before_the_cut():
    assert cut("Ｃ＋＋很好") != cut("C++很好")
    assert cut("Ｃ＋＋很好", normalize="NFKC") == cut("C++很好")


def test_lowercase_comes_after_the_cut():
    assert cut("T恤很好 ABC", lowercase=True) == ["t恤", "很", "好", "abc"]
    assert cut("t恤") == ["t", "恤"]


def test_stop_words_are_tokens():
    assert cut("我爱北京", stop_words=["爱", "北"]) == ["我", "北京"]
    assert cut("ABC爱", stop_words={"abc"}, lowercase=True) == ["爱"]


def test_search_mode_and_hmm():
    assert cut("中国科学院", mode="search") == ["中国", "科学", "学院", "科学院", "中国科学院"]
    assert cut("李小福", hmm=False) == ["李", "小", "福"]
    assert cut("李小福") == ["李小福"]


def test_string_output_splits_back():
    texts = [TEXT, "", "我爱北京", " \u3000\r\n"]
    joined = JiebaTokenizer(output="str").fit_transform(texts)
    assert [text.split(" ") if text else [] for text in joined] == list(map(cut, texts))
    assert joined.dtype == object


def test_shape_follows_the_input():
    texts = ["我爱北京", "你好"]
    flat = JiebaTokenizer().fit_transform(texts)
    assert (flat.shape, flat.dtype) == ((2,), object)
    table = JiebaTokenizer().fit_transform(pd.DataFrame({"text": texts}))
    assert (table.shape, table.dtype) == ((2, 1), object)
    assert table[:, 0].tolist() == flat.tolist()
    assert JiebaTokenizer().fit_transform([]).shape == (0,)
    assert JiebaTokenizer().transform(np.empty((0, 1), dtype=object)).shape == (0, 1)
    equal_lengths = JiebaTokenizer().fit_transform(["我爱北京", "你爱北京"])
    assert equal_lengths.shape == (2,)


def test_stateless():
    tokenizer = JiebaTokenizer()
    assert tokenizer.transform(["我爱北京"]).tolist() == [["我", "爱", "北京"]]
    assert tokenizer.get_feature_names_out().tolist() == ["text"]
    assert tokenizer.get_feature_names_out(["title"]).tolist() == ["title"]


def test_feature_names():
    tokenizer = JiebaTokenizer().fit(pd.DataFrame({"title": ["我"]}))
    assert tokenizer.get_feature_names_out().tolist() == ["title"]
    assert (tokenizer.n_features_in_, list(tokenizer.feature_names_in_)) == (1, ["title"])
    with pytest.raises(ValueError, match=r"input_features must be \['title'\] as seen in fit"):
        tokenizer.get_feature_names_out(["text"])
    with pytest.raises(ValueError, match="input_features must have length 1"):
        tokenizer.get_feature_names_out(["a", "b"])
    assert not hasattr(tokenizer.fit(["我"]), "feature_names_in_")


@pytest.mark.parametrize("output", ["list", "str"])
def test_one_object_column_through_a_column_transformer(output):
    X = pd.DataFrame({"n": [1, 2], "text": ["我爱北京", "你好"]}, index=[5, 3])
    columns = ColumnTransformer(
        [("cut", JiebaTokenizer(output=output), ["text"])], remainder="passthrough"
    ).set_output(transform="pandas")
    table = columns.fit_transform(X)
    assert table.columns.tolist() == ["cut__text", "remainder__n"]
    assert table.index.tolist() == [5, 3]
    expected = ["我", "爱", "北京"]
    assert table["cut__text"].iloc[0] == (expected if output == "list" else " ".join(expected))


def test_pandas_output_of_a_list():
    table = JiebaTokenizer().set_output(transform="pandas").fit_transform(["我爱北京"])
    assert table["text"].tolist() == [["我", "爱", "北京"]]


def test_into_tfidf():
    pipeline = make_pipeline(JiebaTokenizer(output="str"), TfidfVectorizer(analyzer=str.split))
    assert pipeline.fit_transform(["我爱北京", "你好"]).shape == (2, 4)


@pytest.mark.parametrize(
    ("parameters", "error", "match"),
    [
        ({"engine": "fast"}, ValueError, "engine must be one of 'auto', .*; got 'fast'"),
        ({"mode": "full"}, ValueError, "mode must be one of 'default', 'search'; got 'full'"),
        ({"hmm": "yes"}, ValueError, "hmm must be one of True, False; got 'yes'"),
        ({"normalize": "NFC"}, ValueError, "normalize must be one of None, 'NFKC'; got 'NFC'"),
        ({"lowercase": None}, ValueError, "lowercase must be one of True, False; got None"),
        ({"keep_whitespace": 2}, ValueError, "keep_whitespace must be one of"),
        ({"keep_punctuation": []}, ValueError, "keep_punctuation must be one of"),
        (
            {"stop_words": "的"},
            ValueError,
            "stop_words must be None, a collection .* no file '的'.*a list of one",
        ),
        ({"stop_words": [1]}, TypeError, "stop_words line 1 must be a str; got int 1"),
        ({"output": "tuple"}, ValueError, "output must be one of 'list', 'str'; got 'tuple'"),
        ({"output": "str", "keep_whitespace": True}, ValueError, "cannot tell kept whitespace"),
    ],
)
def test_parameters_are_checked_in_fit_and_transform(parameters, error, match):
    tokenizer = JiebaTokenizer(**parameters)
    with pytest.raises(error, match=match):
        tokenizer.fit(["我"])
    with pytest.raises(error, match=match):
        tokenizer.transform(["我"])
