"""Reading of columns of texts: every container, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer, JiebaVectorizer
from skmtl.preprocessing._text import check_texts, read_text_column

TEXTS = ["我爱北京", "你好"]
OBJECTS = np.array(TEXTS, dtype=object)
TRANSFORMERS = [JiebaTokenizer, JiebaSequencer, JiebaVectorizer]


@pytest.mark.parametrize(
    "X",
    [
        TEXTS, tuple(TEXTS), OBJECTS, np.array(TEXTS), pd.Series(TEXTS), pd.Index(TEXTS),
        pd.Series(TEXTS, dtype=object), pd.Series(TEXTS, dtype="string"), pd.array(TEXTS),
        pd.Series(TEXTS, dtype="category"), np.array(TEXTS, dtype=np.dtypes.StringDType()),
        [np.str_(text) for text in TEXTS],
    ],
    ids=lambda X: type(X).__name__,
)  # fmt: skip
def test_one_dimensional_containers(X):
    column = read_text_column(X)
    assert check_texts(column.cells, "raise") == TEXTS
    assert {type(cell) for cell in check_texts(column.cells, "raise")} == {str}
    assert (column.is_table, column.name) == (False, None)


@pytest.mark.parametrize(
    ("X", "name"),
    [
        (OBJECTS[:, None], None),
        (np.array(TEXTS)[:, None], None),
        (pd.DataFrame({"title": TEXTS}), "title"),
        (pd.DataFrame({"title": TEXTS}, index=[7, 3]), "title"),
        (pd.DataFrame({0: TEXTS}), None),
    ],
)
def test_tables_of_one_column(X, name):
    assert read_text_column(X) == (TEXTS, True, name)


@pytest.mark.parametrize("transformer", TRANSFORMERS)
@pytest.mark.parametrize(
    ("X", "error", "match"),
    [
        ("我爱北京", ValueError, "X must be a sequence of texts; got the bare string '我爱北京'"),
        (b"text", TypeError, "X must be a list, tuple, .*; got bytes"),
        ({"text": TEXTS}, TypeError, "X must be a list, tuple, .*; got dict"),
        ({"我", "你"}, TypeError, "X must be a list, tuple, .*; got set"),
        (7, TypeError, "X must be a list, tuple, .*; got int"),
        (None, TypeError, "X must be a list, tuple, .*; got NoneType"),
        (iter(TEXTS), TypeError, "X must be a list, tuple, .*; got list_iterator"),
        (np.array("我"), ValueError, r"X must be 1-D or .*; got an array of shape \(\)"),
        (np.array([TEXTS]), ValueError, r"one text column; got an array of shape \(1, 2\)"),
        (pd.DataFrame({"a": TEXTS, "b": TEXTS}), ValueError, r"got an array of shape \(2, 2\)"),
        (["我", b"x"], TypeError, r"Text row 1 must be a str.*; got bytes"),
        (np.array([b"x", b"y"]), TypeError, r"Text row 0 must be a str.*; got bytes"),
        (["我", "你", 3], TypeError, r"Text row 2 must be a str.*; got int"),
        (np.array([1.5]), TypeError, r"Text row 0 must be a str.*; got float"),
        (["我", {"text": "我"}], TypeError, r"Text row 1 must be a str.*; got dict"),
        (
            ["我", None],
            ValueError,
            r"Text row 1 is missing \(None\); allow it with missing='empty'",
        ),
        (["我", float("nan")], ValueError, r"Text row 1 is missing \(nan\)"),
        ([pd.NA, "我"], ValueError, r"Text row 0 is missing \(<NA>\)"),
        (pd.DataFrame({"a": ["我", None]}), ValueError, "Text row 1 is missing"),
    ],
)
def test_what_is_refused_in_fit_and_transform(transformer, X, error, match):
    with pytest.raises(error, match=match):
        transformer().fit(X)
    fitted = transformer().fit(TEXTS)
    with pytest.raises(error, match=match):
        fitted.transform(X)
    with pytest.raises(error, match=match):
        transformer().fit_transform(X)


@pytest.mark.parametrize("missing", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT], ids=str)
def test_missing_texts_are_empty_where_allowed(missing):
    X = np.array(["我爱北京", missing, ""], dtype=object)
    assert check_texts(X.tolist(), "empty") == ["我爱北京", "", ""]
    assert JiebaTokenizer(missing="empty").fit_transform(X)[1:].tolist() == [[], []]
    assert not JiebaSequencer(missing="empty").fit_transform(X)[1:].any()
    assert JiebaVectorizer(missing="empty").fit_transform(X)[1:].nnz == 0


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_missing_is_checked(transformer):
    with pytest.raises(ValueError, match="missing must be one of 'raise', 'empty'; got 'drop'"):
        transformer(missing="drop").fit(TEXTS)


def test_tokens_must_be_strings():
    assert check_texts([["我"], ("你",), np.array(["他"])], "raise", tokens=True) == [
        ["我"], ["你"], ["他"],
    ]  # fmt: skip
    with pytest.raises(
        TypeError, match="Text row 1 must be a str or a list of str; it holds int 3"
    ):
        JiebaSequencer().fit([["我"], ["你", 3]])
    with pytest.raises(TypeError, match=r"Text row 0 must be a str; got list"):
        JiebaTokenizer().fit([["我"]])
    with pytest.raises(TypeError, match="Text row 0 must be a str or a list of str; it holds"):
        JiebaSequencer().fit([np.array([["我"]])])
