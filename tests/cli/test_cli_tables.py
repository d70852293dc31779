"""Tables in files."""

import json

import click
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl.cli._tables import check_new, format_of, read_table, write_table

ENDINGS = ("csv", "tsv", "parquet", "jsonl")


def frame():
    return pd.DataFrame(
        {
            "name": ["一", 'a, "b"\nc', None],
            "count": pd.array([1, None, 3], "Int64"),
            "share": [0.5, None, 2.0],
        }
    )


def plain(table):
    return [[None if pd.isna(cell) else cell for cell in row] for row in table.to_numpy(object)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_is_read_as_it_was_written(tmp_path, ending):
    path = tmp_path / f"table.{ending}"
    write_table(frame(), path)
    read = read_table(path)
    assert list(read.columns) == ["name", "count", "share"]
    assert plain(read) == plain(frame())
    assert isinstance(plain(read)[0][1], int), "a whole number stays one beside missing cells"


@pytest.mark.parametrize(("ending", "tags"), [("csv", "a+b"), ("jsonl", ["a", "b"])])
def test_tags_are_one_text_or_a_list(tmp_path, ending, tags):
    path = tmp_path / f"table.{ending}"
    cells = np.empty(2, object)
    cells[:] = [("a", "b"), ()]
    write_table(pd.DataFrame({"tags": cells, "n": [1, 2]}), path, separators={"tags": "+"})
    assert read_table(path)["tags"].tolist()[0] == tags


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1), min_size=1
    )
)
def test_texts_survive_json_lines(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("texts") / "table.jsonl"
    write_table(pd.DataFrame({"text": texts}), path)
    assert read_table(path)["text"].tolist() == texts


def test_words_for_no_number_are_missing_among_numbers_only(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("price,grade\n1.5,NA\nNA,A\n,B\n", encoding="utf-8")
    read = read_table(path)
    assert plain(read) == [[1.5, "NA"], [None, "A"], [None, "B"]]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("价格\n1\n", encoding="utf-8-sig")
    assert read_table(path).columns.tolist() == ["价格"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.xlsx", b"", r"ends in one of \.csv"),
        ("t.csv", b"", "cannot be read as a table"),
        ("t.csv", b"a,b\n", "has no rows"),
        ("t.csv", b"a,b\n1,2\n1,2,3\n", "line 3"),
        ("t.csv", b"a,a\n1,2\n", "several columns of the name 'a'"),
        ("t.csv", b"a\n\xff\n", "cannot be read as a table"),
        ("t.jsonl", b'{"a": 1}\n{"a"\n', "line 2 is no JSON"),
        ("t.jsonl", b"[1]\n", "line 1 must be an object"),
        ("t.jsonl", b"[" * 100_000, "line 1 is no JSON"),
        ("t.parquet", b"PAR0", "cannot be read as a table"),
    ],
)
def test_what_is_no_table_is_an_error_that_says_where(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(click.UsageError, match=message):
        read_table(path)


def test_parquet_asks_for_pyarrow(monkeypatch):
    monkeypatch.setattr("skmtl.cli._tables.find_spec", lambda _name: None)
    with pytest.raises(click.UsageError, match="pip install pyarrow"):
        format_of("table.parquet")


def test_a_file_that_is_there_is_kept(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(click.UsageError, match="--force"):
        check_new(path, force=False)
    check_new(path, force=True)
    with pytest.raises(click.UsageError, match="no folder"):
        check_new(tmp_path / "nowhere" / "table.csv", force=False)


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "table.jsonl"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(TypeError, match="not JSON serializable"):
        write_table(pd.DataFrame({"a": [1, object()]}), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_lines_of_json_are_plain(tmp_path):
    path = tmp_path / "table.jsonl"
    write_table(
        pd.DataFrame({"a": [np.float32(0.5), None], "b": pd.array([1, None], "Int64")}), path
    )
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == [{"a": 0.5, "b": 1}, {"a": None, "b": None}]
