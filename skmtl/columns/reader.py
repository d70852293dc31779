"""The reader that turns tables into arrays, with what `fit` learned from the columns of X."""

import keras
import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_array

from skmtl.columns._number import as_floats
from skmtl.columns._options import ColumnOptions
from skmtl.columns._spec import BranchSpec
from skmtl.columns.image import ImageColumn
from skmtl.columns.layout import Layout, read_layout
from skmtl.columns.table import TablePart
from skmtl.columns.text import TextColumn
from skmtl.data import Modality, Table
from skmtl.data.cells import as_objects
from skmtl.data.tables import not_a_table, split_table

MANY_NUMBERS = 64  # with more, most weights of the network would belong to bins
MATRIX = "__numbers__"  # name of many numbers together, which no column of a user has

COLUMN_KINDS = {kind.kind: kind for kind in (ImageColumn, TextColumn)}


class TableReader:
    """The columns of X, their kinds, and what was learned from each.

    Parameters
    ----------
    layout : Layout
        Columns and branches.
    parts : dict of str to ColumnKind or TablePart
        Fitted, by name of the branch.
    """

    def __init__(self, layout: Layout, parts: dict):
        self.layout = layout
        self.parts = parts

    @classmethod
    def fit(cls, X, estimator, tasks) -> tuple["TableReader", Table]:
        """Learn from the rows of `fit`; return the reader and the arrays of X.

        Parameters
        ----------
        X : table, as `as_table` returns it
            Rows to learn from.
        estimator : MultiTaskBase
            Its parameters are read.
        tasks : sequence of str
            Names of the tasks.

        Raises
        ------
        TypeError, ValueError
            If a parameter, a column or a cell is wrong.
        """
        cells, n_samples = _cells_of(X)
        if n_samples == 0:
            raise ValueError(
                f"Found array with 0 sample(s) (shape={getattr(X, 'shape', (0,))}) while a minimum "
                "of 1 is required: X has no rows."
            )
        layout = read_layout(cells, estimator.columns, estimator.task_columns, tasks)
        parts, modalities = {}, {}
        for source in layout.sources:
            if source.kind == "table":
                part = TablePart()
                columns, kinds = _table_columns(cells, source, layout)
                part.fit(columns, kinds)
                modality = Modality.of_table(*part.transform(columns))
            else:
                options = ColumnOptions(estimator, source.names, source.kind, layout.names)
                part = COLUMN_KINDS[source.kind](source.name, options)
                modality = part.fit(_column_cells(cells, source))
            parts[source.branch], modalities[source.branch] = part, modality
        return cls(layout, parts), Table(n_samples, modalities)

    def read(self, X) -> Table:
        """Return the arrays of another table with the columns seen in `fit`."""
        cells, n_samples = _cells_of(X)
        wanted = {name for source in self.layout.sources for name in source.columns}
        missing = wanted - set(cells)
        if missing:
            raise ValueError(
                f"X must have the columns seen in fit; {sorted(map(str, missing))} are missing. A "
                "column that no row has is written as X.assign(name=None)."
            )
        modalities = {}
        for source in self.layout.sources:
            part = self.parts[source.branch]
            if source.kind == "table":
                columns, _ = _table_columns(cells, source, self.layout)
                modalities[source.branch] = Modality.of_table(*part.transform(columns))
            else:
                modalities[source.branch] = part.encode(_column_cells(cells, source))
        return Table(n_samples, modalities)


def _cells_of(X) -> tuple[dict, int]:
    """Return the cells of X by column, and the number of rows."""
    split = split_table(X)
    if split.numbers is None:
        return split.columns, split.n_samples
    numbers = check_array(
        _rows_of_numbers(split.numbers),
        dtype=np.float64,
        input_name="X",
        ensure_min_samples=0,
        ensure_all_finite="allow-nan",
    )
    if not len(numbers):
        check_array(numbers, input_name="X")
    if numbers.shape[1] > MANY_NUMBERS:
        return {"x": numbers}, len(numbers)
    # like a frame of the same numbers, so that both give the same predictions
    return {f"x{place}": column for place, column in enumerate(numbers.T)}, len(numbers)


def _rows_of_numbers(rows):
    """Return rows of numbers as an array; anything else is an error that says what X may be."""
    if isinstance(rows, np.ndarray) or issparse(rows):
        return rows  # scikit-learn's check says what is wrong with it
    try:
        numbers = np.asarray(rows, np.float64)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or numbers.ndim != 2:
        raise not_a_table(rows)
    return numbers


def _column_cells(cells, source) -> np.ndarray:
    """Return the cells of an image or text column, or a run of token ids as one array."""
    if source.columns != (source.name,):
        return np.column_stack(
            [np.asarray(cells[name]).astype(np.int64) for name in source.columns]
        )
    column = cells[source.name]
    is_array = isinstance(column, np.ndarray) and (column.ndim > 1 or column.dtype == object)
    return column if is_array else as_objects(column)


def table_kinds(source, layout) -> dict:
    """Return the kind of every column that a `TablePart` reads; many numbers are one matrix.

    Parameters
    ----------
    source : Source
        The source of numbers and categories.
    layout : Layout
        With the kinds of its columns.
    """
    kinds = {name: layout.kinds[name] for name in source.columns}
    if list(kinds.values()).count("number") <= MANY_NUMBERS:
        return kinds
    return {name: kind for name, kind in kinds.items() if kind != "number"} | {MATRIX: "number"}


def _table_columns(cells, source, layout) -> tuple[dict, dict]:
    """Return cells and kinds of numbers and categories."""
    kinds = table_kinds(source, layout)
    columns = {name: cells[name] for name in source.columns if name in kinds}
    if len(columns) < len(kinds):
        numbers = [name for name in source.columns if name not in kinds]
        columns[MATRIX] = np.column_stack([as_floats(name, cells[name]) for name in numbers])
    return columns, kinds


def branch_specs(reader: TableReader, estimator, *, straight) -> tuple[BranchSpec, ...]:
    """Return the specification of every branch.

    Parameters
    ----------
    reader : TableReader
        Fitted.
    estimator : MultiTaskBase
        Its parameters are checked.
    straight : bool
        Whether branches lead straight to the heads.
    """
    return tuple(
        reader.parts[name].branch(name, options, straight=straight)
        for name, options in branch_options(reader, estimator).items()
    )


def branch_options(reader: TableReader, estimator) -> dict[str, ColumnOptions]:
    """Return the parameters of an estimator for every branch, by its name."""
    names = reader.layout.names
    return {
        source.branch: ColumnOptions(estimator, source.names, source.kind, names)
        for source in reader.layout.sources
    }


def encoder_of(spec: BranchSpec) -> keras.Model:
    """Return backbone and pooling of a branch: a model from the values of a row to a vector."""
    encoder = COLUMN_KINDS[spec.kind].encoder(spec)
    encoder.trainable = not spec.frozen
    return encoder
