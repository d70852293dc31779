"""Frames of other libraries as pandas frames."""

import pandas as pd


def as_pandas(table):
    """Return polars and pyarrow tables as pandas ones, and everything else as it is.

    Names are kept. Integers with missing values stay integers (pandas' nullable ones), where the
    libraries' own ``to_pandas`` makes floats of them.

    Parameters
    ----------
    table : object
        A DataFrame, Series, Table, Array or any other object.

    Returns
    -------
    DataFrame, Series, or `table` itself
        pandas objects where `table` has a ``to_pandas`` method.

    Examples
    --------
    >>> import pyarrow
    >>> from skmtl.data.frames import as_pandas
    >>> as_pandas(pyarrow.table({"kind": [2, None, 1]}))["kind"].tolist()
    [2, <NA>, 1]
    """
    if isinstance(table, pd.DataFrame | pd.Series) or not hasattr(table, "to_pandas"):
        return table
    converted = table.to_pandas()
    if isinstance(converted, pd.Series):
        kind = _integer_kind(converted, table)
        if kind is None:
            return converted
        return pd.Series(_cells(table), converted.index, dtype=kind, name=converted.name)
    for position in range(converted.shape[1]):
        column = converted.iloc[:, position]
        if column.dtype.kind == "f":
            source = table[:, position] if hasattr(table, "get_column") else table[position]
            if (kind := _integer_kind(column, source)) is not None:
                converted.isetitem(position, pd.array(_cells(source), dtype=kind))
    return converted


def _integer_kind(converted, source) -> str | None:
    """Return the nullable dtype of integers that became floats, None if they did not."""
    # polars says Int64, pyarrow int64
    name = str(getattr(source, "dtype", None) or getattr(source, "type", "")).lower()
    if converted.dtype.kind != "f" or not name.startswith(("int", "uint")):
        return None
    return "UInt64" if name.startswith("u") else "Int64"


def _cells(source) -> list:
    return source.to_list() if hasattr(source, "to_list") else source.to_pylist()
