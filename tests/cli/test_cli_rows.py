"""Cells of a table as an estimator takes them."""

import click
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_table import make_photo_table

from skmtl.cli._rows import (
    kinds_of,
    model_columns,
    prepared,
    ranges,
    report_images,
    report_labels,
    split_columns,
)


def test_images_are_found_beside_the_table_and_broken_ones_reported(tmp_path, capfd):
    frame = make_photo_table(tmp_path, 10)
    kinds = kinds_of(frame, {"id": "drop"})
    assert [kinds[name] for name in ("id", "photo", "price")] == ["drop", "image", "number"]
    X, problems = prepared(frame, kinds, tmp_path)
    assert X["photo"][0] == str(tmp_path / "photos/0.png")
    assert len(X) == len(frame)
    assert X.index[X["photo"].isna()].tolist() == [3, 4], "row 4 had no image"
    assert [(problem.column, problem.row) for problem in problems] == [("photo", 3)]
    assert frame["photo"][3] == "photos/3.png", "the table is as it was"
    report_images(problems)
    printed = capfd.readouterr().err
    assert "1 unreadable image" in printed
    assert "row 3:" in printed


def test_images_in_the_cells(tmp_path):
    make_photo_table(tmp_path, 4)
    content = (tmp_path / "photos/0.png").read_bytes()
    X = pd.DataFrame(
        {"photo": [{"bytes": content, "path": None}, {"bytes": b"x", "path": None}, None]}
    )
    X, problems = prepared(X, {"photo": "image"}, tmp_path)
    assert X["photo"].tolist() == [content, None, None]
    assert [problem.row for problem in problems] == [1]


def test_a_text_may_be_digits():
    X = pd.DataFrame({"code": pd.array([12, None], "Int64")})
    texts = prepared(X, {"code": "text"}, ".")[0]["code"]
    assert texts[0] == "12"
    assert pd.isna(texts[1])


def test_rows_without_a_label_are_named(capfd):
    report_labels(pd.DataFrame({"a": ["x", None, None], "b": [1, 2, 3]}))
    assert capfd.readouterr().err == "Note: task 'a': 2 rows without a label, rows 1-2.\n"


@given(st.sets(st.integers(0, 50), min_size=1))
def test_ranges_name_every_row_and_no_other(rows):
    words = ranges(sorted(rows)).split(" ", 1)[1]
    named = set()
    for part in words.split(", "):
        first, _, last = part.partition("-")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == rows


def test_many_ranges_are_cut():
    assert ranges(list(range(0, 100, 2)), 2) == "rows 0, 2, …"


def test_labels_are_columns_and_leave_others():
    frame = pd.DataFrame({"x": [1], "a": [2]})
    X, y = split_columns(frame, ["a"], "t.csv")
    assert (list(X), list(y)) == (["x"], ["a"])
    for labels, message in (
        (["b"], "names b; columns of t.csv: x, a"),
        (["a", "x"], "nothing is left"),
    ):
        with pytest.raises(click.UsageError, match=message):
            split_columns(frame, labels, "t.csv")


def test_a_model_gets_its_columns_in_order():
    class Model:
        columns_ = {"b": "number", "a": "number"}  # noqa: RUF012
        feature_names_in_ = np.array(["b", "a"], object)

    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3]})
    assert list(model_columns(frame, Model, "t.csv")) == ["b", "a"]
    with pytest.raises(click.UsageError, match=r"t\.csv lacks 'a'"):
        model_columns(frame.drop(columns="a"), Model, "t.csv")
