"""Frames of other libraries keep their names, and integers stay integers."""

import pandas as pd
import polars
import pyarrow
import pytest

from skmtl.data.frames import as_pandas

CELLS = {"b": [2, None, 1], "a": ["x", None, "y"], "c": [True, None, False], "d": [0.5, None, 2]}


@pytest.mark.parametrize(
    "make",
    [polars.DataFrame, pyarrow.table, pyarrow.RecordBatch.from_pydict],
    ids=["polars", "table", "batch"],
)
def test_frames_keep_names_and_the_kinds_of_their_cells(make):
    frame = as_pandas(make(CELLS))
    assert list(frame.columns) == list(CELLS)
    for name, cells in CELLS.items():
        found = frame[name].tolist()
        assert [None if pd.isna(cell) else cell for cell in found] == cells
        assert {type(cell) for cell in found if not pd.isna(cell)} == {type(cells[0])}


def test_integers_without_a_missing_value_keep_their_dtype():
    for table in (polars.DataFrame({"a": [1, 2]}), pyarrow.table({"a": [1, 2]})):
        assert as_pandas(table)["a"].dtype == "int64"


@pytest.mark.parametrize(
    ("column", "name"),
    [
        (polars.Series("kind", [2**63, None], dtype=polars.UInt64), "kind"),
        (pyarrow.array([2**63, None], pyarrow.uint64()), None),
        (pyarrow.chunked_array([[2**63], [None]], pyarrow.uint64()), None),
    ],
)
def test_columns_keep_integers_too(column, name):
    series = as_pandas(column)
    assert series.name == name
    assert series[0] == 2**63
    assert series[1] is pd.NA


def test_everything_else_is_left_alone():
    for thing in (pd.DataFrame({"a": [1]}), pd.Series([1]), [1, 2], None, "text"):
        assert as_pandas(thing) is thing
