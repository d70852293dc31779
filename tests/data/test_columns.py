import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from skmtl.data import as_table, split_columns
from skmtl.data.cells import is_missing

PICTURES = np.zeros((3, 4, 4, 3), np.uint8)


def test_finds_columns_by_name():
    X = pd.DataFrame({"text": ["a", "b"], "image": [b"1", None]})
    columns = split_columns(X)
    assert list(columns) == ["image", "text"]
    assert columns["text"].tolist() == ["a", "b"]
    assert columns["image"].tolist() == [b"1", None]


def test_finds_columns_behind_the_prefix_of_a_column_transformer():
    X = pd.DataFrame({"scale__image": [1], "cut__text": ["a"]})
    assert list(split_columns(X)) == ["image", "text"]


def test_takes_columns_that_are_named():
    X = pd.DataFrame({"photo": [1], "caption": ["a"]})
    columns = split_columns(X, image_column="photo", text_column="caption")
    assert columns["image"].tolist() == [1]
    assert columns["text"].tolist() == ["a"]


def test_gathers_a_run_of_token_id_columns():
    X = pd.DataFrame({"text_0": [3, 4], "text_1": [0, 5]})
    assert split_columns(X)["text"].tolist() == [[3, 0], [4, 5]]


@pytest.mark.parametrize(
    ("X", "modality"),
    [
        (PICTURES, "image"),
        (PICTURES[..., 0], "image"),
        (["很好", "不好"], "text"),
        (pd.Series(["很好", None]), "text"),
        ([["很", "好"], ["不好"]], "text"),
        (["a.png", "b.JPG"], "image"),
        ([b"bytes"], "image"),
        ([PICTURES[0], None], "image"),
        (np.zeros((3, 2)), "numeric"),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, None]}), "numeric"),
        (pd.Series(["x.png"], name="text"), "text"),
        ([["很", "好"], ["不", "好"]], "text"),
        ([[], ["好"]], "text"),
        (np.array([["很好"], ["不好"]], object)[:, 0], "text"),
        (np.zeros((3, 4, 4), bool), "image"),
        (np.zeros((3, 4, 4), complex), "numeric"),
        (np.zeros((3, 4, 4, 3, 1)), "numeric"),
        (np.array([[1, None], [2, 3]], object), "numeric"),
        (np.array([["很好", "a", "b"]], object), "numeric"),
        (np.arange(3), "numeric"),
        (pd.Series([1.0, 2.0]), "numeric"),
        ([None, None], "numeric"),
        ([1, 2], "numeric"),
        (range(3), "numeric"),
        (csr_array(np.eye(2)), "numeric"),
        (pd.DataFrame({"a": [0.5, 2], "b": [True, False]}), "numeric"),
        (pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}), "numeric"),
    ],
)
def test_tells_modalities_apart(X, modality):
    assert list(split_columns(as_table(X))) == [modality]


def test_nested_lists_of_numbers_become_an_array():
    assert as_table([[1, 2], [3, 4]]).shape == (2, 2)
    assert as_table([["a", "b"], ["c"]]) == [["a", "b"], ["c"]]
    assert as_table([[1, 2], [3]]) == [[1, 2], [3]]


@pytest.mark.parametrize("X", [[], [[]], (), "很好", np.str_("很好"), np.float64(3), None])
def test_what_is_no_table_of_numbers_is_left_alone(X):
    assert as_table(X) is X


@pytest.mark.parametrize("method", ["__array__", "to_pandas"])
def test_tables_of_other_libraries_are_understood(method):
    frame = pd.DataFrame({"a": [1, 2]})
    convert = {"__array__": lambda *_, **__: frame.to_numpy(), "to_pandas": lambda _: frame}
    foreign = type("Foreign", (), {method: convert[method]})()
    assert np.asarray(as_table(foreign)).tolist() == [[1], [2]]


def test_a_frame_of_one_modality_has_one_column():
    assert list(split_columns(pd.DataFrame({"image": [b"1"]}))) == ["image"]
    assert list(split_columns(pd.DataFrame({"text": ["a"]}))) == ["text"]


def test_a_single_column_of_token_ids_is_a_run_of_length_one():
    ids = split_columns(pd.DataFrame({"cut__text_0": [3, 4]}))["text"]
    assert ids.tolist() == [[3], [4]]


@pytest.mark.parametrize("X", ["一句话", b"bytes", None, 3, {"image": []}])
def test_what_is_no_table_is_refused(X):
    with pytest.raises(ValueError, match=r"X must be a table.*got"):
        split_columns(X)


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (pd.DataFrame({"a": ["x"]}), {}, r"no column called 'image' or 'text'.*\['a'\]"),
        (pd.DataFrame({"text": ["x"], "id": [1]}), {}, r"neither image nor text: \['id'\]"),
        (pd.DataFrame({"text": ["x"]}), {"image_column": "p"}, r"image_column='p' is not a column"),
        (["x"], {"text_column": "t"}, r"text_column='t' names a column, so X must be a DataFrame"),
        (pd.DataFrame([[1, 2]], columns=["text", "text"]), {}, r"columns of the same name"),
        (pd.DataFrame({"a__text": ["x"], "b__text": ["x"]}), {}, r"more than one text column"),
        (pd.DataFrame({"text": ["x"], "text_0": [1]}), {}, r"more than one text column"),
        (pd.DataFrame({"image_0": [1], "image_1": [1]}), {}, r"more than one image column"),
        (pd.DataFrame(index=[0, 1]), {}, r"no column called 'image' or 'text'.*\[\]"),
        (pd.DataFrame({"a": [1], "b": ["x"]}), {}, r"not all of its columns are numbers"),
        (pd.DataFrame({"a": pd.Categorical([1, 2])}), {}, r"not all of its columns are numbers"),
        (PICTURES, {"image_column": "p"}, r"image_column='p' names a column"),
        (["很好", PICTURES[0]], {}, r"mixes images and texts"),
        (np.array([["很好", None]], object), {}, r"without column names"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_named(X, options, message):
    with pytest.raises(ValueError, match=message):
        split_columns(X, **options)


@pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
def test_texts_of_every_dtype_keep_their_cells_and_what_is_missing(dtype):
    pixels = np.zeros((2, 2, 3), np.uint8)
    texts = pd.Series(["一", None, "二", None], dtype=dtype)
    images = pd.Series([pixels, pixels, None, None], dtype=object)
    columns = split_columns(pd.DataFrame({"text": texts, "image": images}))
    assert list(columns) == ["image", "text"]
    assert columns["text"].dtype == columns["image"].dtype == object
    assert columns["text"][[0, 2]].tolist() == ["一", "二"]
    assert [is_missing(cell) for cell in columns["text"]] == [False, True, False, True]
    assert columns["image"][0] is pixels
    assert [is_missing(cell) for cell in columns["image"]] == [False, False, True, True]
