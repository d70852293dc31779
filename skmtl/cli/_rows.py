"""The cells of a table as an estimator takes them, and which rows have something wrong."""

from typing import NamedTuple

import click
import pandas as pd

from skmtl._runtime.threads import in_threads, thread_share
from skmtl.cli._printed import note
from skmtl.columns.layout import read_layout
from skmtl.data import as_table
from skmtl.data.cells import is_missing
from skmtl.data.tables import split_table
from skmtl.preprocessing import load_image
from skmtl.preprocessing._image_files import unwrap

_N_REASONS = 3  # that are quoted; the rows are all listed
_N_RANGES = 20  # of rows without a label, of which there may be many


class Problem(NamedTuple):
    """What is wrong with one cell, which then counts as missing."""

    column: str
    row: int
    reason: str


def kinds_of(X, columns) -> dict:
    """Return the kind of every column of X, given or inferred."""
    return read_layout(split_table(as_table(X)).columns, columns).kinds


def prepared(X, kinds, folder) -> tuple[pd.DataFrame, list[Problem]]:
    """Return X with image files found and texts as texts, and the images that cannot be read.

    Parameters
    ----------
    X : DataFrame
        Cells as they are in the file.
    kinds : dict of str to str
        Kinds of the columns.
    folder : path
        That names of image files start from.
    """
    X, problems = X.copy(), []
    for name in X.columns:
        if kinds.get(name) == "image":
            X[name], found = _images(X[name], str(name), folder)
            problems += found
        elif kinds.get(name) == "text" and pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype("string")  # a text may be nothing but digits
    return X, problems


def _images(cells, name, folder):
    cells = [unwrap(None if is_missing(cell) else cell, folder) for cell in cells]

    def problem(row):
        try:
            load_image(cells[row], row=row, column=name)
        except (ValueError, TypeError) as error:
            return Problem(name, row, str(error))

    found = [one for one in in_threads(problem, range(len(cells)), thread_share()) if one]
    for one in found:
        cells[one.row] = None
    return pd.Series(cells, dtype=object), found


def report_images(problems):
    """Print which images cannot be read: all rows, and the first reasons."""
    for name in dict.fromkeys(problem.column for problem in problems):
        found = [problem for problem in problems if problem.column == name]
        rows = ranges([problem.row for problem in found])
        reasons = " ".join(problem.reason for problem in found[:_N_REASONS])
        note("Warning", f"column {name!r}: {_count(len(found), 'unreadable image')} counted as "
             f"missing, {rows}: {reasons}")  # fmt: skip


def report_labels(y):
    """Print which rows lack labels."""
    for name in y.columns:
        rows = y.index[y[name].isna()].tolist()
        if rows:
            n_rows = _count(len(rows), "row")
            note("Note", f"task {name!r}: {n_rows} without a label, {ranges(rows, _N_RANGES)}.")


def split_columns(frame, labels, table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return X and the label columns.

    Raises
    ------
    click.UsageError
        If the table lacks a label column, or has no other.
    """
    lacking = [name for name in labels if name not in frame]
    if lacking or not labels:
        raise click.UsageError(
            f"--labels names {', '.join(lacking) or 'nothing'}; columns of {table}: "
            f"{', '.join(frame.columns)}."
        )
    X = frame.drop(columns=labels)
    if not len(X.columns):
        raise click.UsageError(
            f"--labels names all columns of {table}; nothing is left to learn from."
        )
    return X, frame[labels]


def model_columns(frame, model, table) -> pd.DataFrame:
    """Return the columns that a model reads, in its order.

    Raises
    ------
    click.UsageError
        If the table lacks one.
    """
    wanted = list(getattr(model, "feature_names_in_", model.columns_))
    lacking = [name for name in wanted if name not in frame]
    if lacking:
        raise click.UsageError(
            f"{table} lacks {', '.join(map(repr, lacking))}, which the model reads; its columns "
            f"are {', '.join(frame.columns)}. Where no row has them, add empty columns."
        )
    return frame[wanted]


def ranges(rows, most=None) -> str:
    """Return row numbers in words, those beyond the first `most` ranges as an ellipsis.

    Examples
    --------
    >>> ranges([3]), ranges([1, 2, 3, 7])
    ('row 3', 'rows 1-3, 7')
    """
    parts, start = [], rows[0]
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        if following != row + 1:
            parts.append(f"{start}" if start == row else f"{start}-{row}")
            start = following
    shown = parts if most is None or len(parts) <= most else [*parts[:most], "…"]
    return f"row{'s' * (len(rows) > 1)} {', '.join(shown)}"


def _count(n, noun) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"
