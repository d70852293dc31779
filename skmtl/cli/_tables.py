"""Tables in files: CSV, TSV, Parquet and JSON lines, by the end of the name."""

import json
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import click
import pandas as pd

from skmtl._runtime.storage.archive import new_file

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".jsonl": "json",
    ".ndjson": "json",
}
# a column of numbers may say so where there is none; a text "NA" is a text
_MISSING_NUMBERS = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-")


def format_of(path) -> str:
    """Return the format of a table, by the end of its file's name."""
    ending = Path(path).suffix.lower()
    if ending not in _ENDINGS:
        raise click.UsageError(f"{path}: the name of a table ends in one of {', '.join(_ENDINGS)}.")
    if _ENDINGS[ending] == "parquet" and find_spec("pyarrow") is None:
        raise click.UsageError(f"{path}: Parquet needs pyarrow: pip install pyarrow.")
    return _ENDINGS[ending]


def read_table(path) -> pd.DataFrame:
    """Return the rows of a file, whole numbers as such also where some are missing.

    Raises
    ------
    click.UsageError
        If the file is no table; the text says in which line.
    """
    kind = format_of(path)
    try:
        if kind == "parquet":
            frame = pd.read_parquet(path, dtype_backend="numpy_nullable").reset_index(drop=True)
        elif kind == "json":
            frame = _read_json_lines(path)
        else:
            frame = _read_text(path, "," if kind == "csv" else "\t")
    except (ValueError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())
        raise click.UsageError(f"{path} cannot be read as a table: {reason}") from error
    if not len(frame) or not len(frame.columns):
        raise click.UsageError(f"{path} has no rows.")
    twice = frame.columns[frame.columns.duplicated()].tolist()
    if twice:
        raise click.UsageError(f"{path} has several columns of the name {twice[0]!r}.")
    return frame.rename(columns=str)


def _read_text(path, separator) -> pd.DataFrame:
    names = pd.read_csv(path, sep=separator, header=None, nrows=1, dtype=str, encoding="utf-8-sig")
    frame = pd.read_csv(
        path, sep=separator, keep_default_na=False, na_values=[""], encoding="utf-8-sig",
        dtype_backend="numpy_nullable", skip_blank_lines=False, index_col=False,
    )  # fmt: skip
    header = names.iloc[0].tolist()
    if len(set(header)) < len(header):  # pandas would give the second one another name
        frame.columns = header
        return frame
    for name in frame.columns[[pd.api.types.is_string_dtype(dtype) for dtype in frame.dtypes]]:
        frame[name] = _as_numbers(frame[name])
    return frame


def _as_numbers(texts) -> pd.Series:
    """Return a column as numbers if it holds some, and else only words for "no number"."""
    is_missing = texts.isna() | texts.isin(_MISSING_NUMBERS)
    if not is_missing.any() or is_missing.all():
        return texts
    numbers = pd.to_numeric(texts.mask(is_missing), errors="coerce")
    return numbers if (numbers.notna() | is_missing).all() else texts


def _read_json_lines(path) -> pd.DataFrame:
    records = []
    with open(path, encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {number} is no JSON: {error}") from None
            if not isinstance(record, dict):
                raise ValueError(f"line {number} must be an object of column and value")
            records.append(record)
    names = dict.fromkeys(name for record in records for name in record)
    cells = {name: [record.get(name) for record in records] for name in names}
    return pd.DataFrame({name: _typed(column) for name, column in cells.items()})


def _typed(cells) -> pd.Series:
    """Return cells of one kind as a typed column, whole numbers as such also with missing ones."""
    kinds = {type(cell) for cell in cells if cell is not None}
    for known, dtype in (({int}, "Int64"), ({bool}, "boolean"), ({int, float}, "float64")):
        if kinds and kinds <= known:
            with suppress(OverflowError):  # a whole number beyond 64 bits
                return pd.Series(cells, dtype=dtype)
    return pd.Series(cells, dtype=object)


def check_new(path, force):
    """Raise unless a result may be written to a path."""
    if Path(path).exists() and not force:
        raise click.UsageError(f"{path} is there already; --force replaces it.")
    if not Path(path).absolute().parent.is_dir():
        raise click.UsageError(f"{path}: there is no folder {str(Path(path).parent)!r}.")


def write_table(frame, path, *, separators=None):
    """Write a frame; the file is there when it is complete, and not before.

    Parameters
    ----------
    frame : DataFrame
        Cells may be tuples of tags, which CSV and TSV have as one text.
    path : path
        Its end says the format.
    separators : dict of column to str, optional
        What stands between tags in a text; "|" in other columns.
    """
    kind = format_of(path)
    with new_file(path) as file:
        if kind == "parquet":
            frame.apply(_changed, change=_as_list).to_parquet(file, index=False)
        elif kind == "json":
            for record in frame.apply(_changed, change=_as_list).astype(object).to_dict("records"):
                line = json.dumps({n: _plain(v) for n, v in record.items()}, ensure_ascii=False)
                file.write(line.encode() + b"\n")
        else:
            known = separators or {}
            texts = frame.apply(
                lambda column: _changed(
                    column, partial(_as_text, separator=known.get(column.name, "|"))
                )
            )
            texts.to_csv(file, index=False, sep="," if kind == "csv" else "\t", lineterminator="\n")


def _changed(column, change):
    """Return a column with changed cells; only one of objects holds tuples."""
    return column.map(change) if column.dtype == object else column


def _as_list(cell):
    return list(cell) if isinstance(cell, tuple) else cell


def _as_text(cell, separator):
    return separator.join(map(str, cell)) if isinstance(cell, tuple) else cell


def _plain(cell):
    """Return a cell as JSON has it: None where it is missing."""
    if isinstance(cell, list):
        return [_plain(one) for one in cell]
    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return None
    return cell.item() if hasattr(cell, "item") else cell
