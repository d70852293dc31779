"""The rules that say which kind a column is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skmtl import MultiTaskClassifier
from skmtl.columns.inference import base_name, infer_kind
from skmtl.data import as_table
from skmtl.data.tables import split_table

GREY = np.zeros((4, 4), np.uint8)
RGB = np.zeros((4, 4, 3), np.uint8)


def cells(*values):
    column = np.empty(len(values), object)
    column[:] = values
    return column


CASES = {
    "floats": (pd.Series([1.5, None]), "number"),
    "integers": (pd.Series([1, 2]), "number"),
    "nullable integers": (pd.Series([1, None], dtype="Int64"), "number"),
    "booleans": (pd.Series([True, False]), "number"),
    "nullable booleans": (pd.Series([True, None], dtype="boolean"), "number"),
    "numbers among objects": (cells(1, 2.5, None, np.float32(3), Decimal("1.5")), "number"),
    "booleans among objects": (cells(True, None, np.bool_(False)), "number"),
    "categories": (pd.Series(["a", "b"], dtype="category"), "category"),
    "numbers as categories": (pd.Series([1, 2], dtype="category"), "category"),
    "few repeated strings": (pd.Series(["red", "blue"] * 5 + [None]), "category"),
    "strings that are not repeated": (pd.Series(["red", "blue", "green"] * 4), "text"),
    "long strings that are repeated": (pd.Series(["很" * 41] * 10), "text"),
    "arrow strings": (pd.Series(["红", "蓝"] * 5, dtype="string[pyarrow]"), "category"),
    "texts": (pd.Series(["一个标题", "另一个", None]), "text"),
    "lists of words": (cells(["一", "个"], [], None), "text"),
    "arrays of words": (cells(np.array(["一", "个"], object), np.array(["x"])), "text"),
    "token ids": (cells(np.array([1, 2]), np.array([3])), "text"),
    "names of image files": (pd.Series(["a.png", "b/c.JPG", None]), "image"),
    "texts and a name of an image file": (pd.Series(["see a.png", "a.png", "other"]), "text"),
    "paths": (cells(Path("a"), Path("b")), "image"),
    "bytes": (cells(b"1", bytearray(b"2"), None), "image"),
    "pixels": (cells(GREY, RGB), "image"),
    "Pillow images": (cells(Image.new("L", (2, 2)), None), "image"),
    "images of every sort": (cells(b"1", "a.png", RGB, Path("x")), "image"),
    "Parquet of Hugging Face": (cells({"bytes": b"1", "path": None}, None), "image"),
    "a stack of pixels": (np.zeros((3, 4, 4, 3), np.uint8), "image"),
}


@pytest.mark.parametrize(("column", "kind"), CASES.values(), ids=CASES)
def test_kind_of_a_column(column, kind):
    assert infer_kind("c", column) == kind


@pytest.mark.parametrize("name", ["image", "text"])
def test_columns_called_image_and_text_are_that(name):
    for whole in (name, f"scale__{name}"):
        assert infer_kind(whole, pd.Series(["a", "b"] * 10)) == name


WRONG = {
    "dates": (pd.Series(pd.date_range("2026", periods=3)), "column 'c' holds dates.*dt.year"),
    "dates of Python": (cells(date(2026, 1, 1)), "holds dates"),
    "time spans": (pd.Series(pd.to_timedelta([1, 2], "D")), "holds dates"),
    "periods": (pd.Series(pd.period_range("2026", periods=2)), "holds dates"),
    "nested objects": (cells({"a": 1}), r"unknown kind \(row 0 dict"),
    "sets": (cells({1, 2}), "unknown kind"),
    "numbers and texts": (cells(1, "a"), r"mixes kinds of cells \(row 0 int 1; row 1 str 'a'\)"),
    "images and texts": (cells(RGB, "a"), "mixes kinds"),
    "nothing": (cells(None, np.nan), "has no cell that is not missing.*'drop'"),
    "complex numbers": (pd.Series([1j]), "unknown kind"),
}


@pytest.mark.parametrize(("column", "message"), WRONG.values(), ids=WRONG)
def test_what_the_rules_do_not_say_is_an_error_that_says_what_to_do(column, message):
    with pytest.raises((TypeError, ValueError), match=message):
        infer_kind("c", column)


def test_the_error_names_rows_of_the_table():
    with pytest.raises(TypeError, match=r"\(row 1 int 1; row 3 str 'a'\)"):
        infer_kind("c", cells(None, 1, None, "a"))


def test_base_name_has_no_prefix_of_a_column_transformer():
    assert base_name("scale__photo") == "photo"
    assert base_name("photo") == "photo"


VALUES = {
    "number": st.one_of(st.floats(allow_nan=False, width=32), st.integers(-9, 9)),
    "word": st.sampled_from(["红", "蓝", "绿"]),
    "title": st.text("abc 好的", min_size=1, max_size=8),
    "path": st.sampled_from(["a.png", "b.jpg"]),
    "flag": st.booleans(),
}


@st.composite
def tables(draw):
    """Draw a frame of some columns, with missing cells."""
    n_rows = draw(st.integers(1, 30))
    columns = {}
    for place, kind in enumerate(
        draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4))
    ):
        values = draw(st.lists(VALUES[kind], min_size=n_rows, max_size=n_rows))
        if kind == "number" and not all(isinstance(v, int) for v in values):
            values = [float(v) for v in values]
        gaps = draw(st.lists(st.booleans(), min_size=n_rows, max_size=n_rows))
        cells = [None if gap else v for v, gap in zip(values, gaps, strict=True)]
        columns[f"c{place}"] = values if all(c is None for c in cells) else cells
    return columns, draw(st.permutations(range(n_rows)))


def kinds_of(X):
    return {name: infer_kind(name, c) for name, c in split_table(as_table(X)).columns.items()}


@pytest.mark.slow
@settings(max_examples=500)
@given(tables())
def test_kinds_depend_neither_on_the_order_of_rows_nor_on_the_library(drawn):
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    columns, order = drawn
    frame = pd.DataFrame(columns)
    kinds = kinds_of(frame)
    assert kinds_of(frame.iloc[list(order)]) == kinds
    assert kinds_of(pd.concat([frame] * 3)[: 64 + len(frame)].iloc[: len(frame)]) == kinds
    assert kinds_of(polars.DataFrame(columns)) == kinds
    assert kinds_of(pyarrow.table(columns)) == kinds


@pytest.mark.parametrize("n_rows", [60, 70])
def test_categories_are_categories_however_few_the_rows(n_rows):
    X = pd.DataFrame({"a": pd.Categorical(np.arange(n_rows) % 5), "b": np.arange(n_rows) / 7})
    model = MultiTaskClassifier(random_state=0).initialize(X, np.arange(n_rows) % 2)
    assert model.columns_ == {"a": "category", "b": "number"}
