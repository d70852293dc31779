"""Reading a column of texts, whatever container it comes in."""

from collections.abc import Mapping, Set
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from skmtl.data.cells import is_missing
from skmtl.exceptions import describe


class TextColumn(NamedTuple):
    """The cells of one column; `name` is None where the container has no column names."""

    cells: list
    is_table: bool  # (n_samples, 1) rather than (n_samples,)
    name: str | None


def read_text_column(X: Any) -> TextColumn:
    """Return the cells of `X`, unchecked.

    Raises
    ------
    ValueError
        If `X` is a bare string, or has more than one column.
    TypeError
        If `X` is no sequence, Series, array or one-column table.
    """
    if isinstance(X, str):
        raise ValueError(f"X must be a sequence of texts; got the bare string {X[:40]!r}.")
    if isinstance(X, list | tuple):
        return TextColumn(list(X), False, None)
    is_container = hasattr(X, "__len__") and (hasattr(X, "__array__") or hasattr(X, "to_numpy"))
    if not is_container or isinstance(X, Mapping | Set | bytes):
        raise TypeError(
            "X must be a list, tuple, Series or 1-D array of texts, or a table of one text "
            f"column; got {type(X).__name__}."
        )
    name = None
    if hasattr(X, "columns") and len(X.columns) == 1 and isinstance(X.columns[0], str):
        name = X.columns[0]
    array = X.to_numpy() if hasattr(X, "to_numpy") else np.asarray(X)
    if array.ndim == 1:
        return TextColumn(array.tolist(), False, None)
    if array.ndim == 2 and array.shape[1] == 1:
        return TextColumn(array[:, 0].tolist(), True, name)
    raise ValueError(
        f"X must be 1-D or a table of one text column; got an array of shape {array.shape}."
    )


def check_texts(cells: list, missing: str, *, tokens: bool = False) -> list:
    """Return the cells as str, an empty text for a missing one; lists of str stay lists.

    Parameters
    ----------
    cells : list
        Texts; None, NaN and NA are missing.
    missing : {"raise", "empty"}
        Whether a missing text is an error.
    tokens : bool
        Whether a cell may be a list, tuple or array of tokens instead.

    Raises
    ------
    ValueError
        If a text is missing and that is an error.
    TypeError
        If a cell is no text; the row is named.
    """
    if set(map(type, cells)) <= {str}:
        return cells
    return [
        cell if type(cell) is str else _checked_cell(row, cell, missing, tokens)
        for row, cell in enumerate(cells)
    ]


def _checked_cell(row: int, cell, missing: str, tokens: bool):
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, list | tuple | np.ndarray):
        if tokens:
            return _checked_tokens(row, cell)
    elif is_missing(cell):
        if missing == "empty":
            return ""
        raise ValueError(f"Text row {row} is missing ({cell!r}); allow it with missing='empty'.")
    allowed = "a str or a list of str" if tokens else "a str"
    raise TypeError(f"Text row {row} must be {allowed}; got {describe(cell)}.")


def _checked_tokens(row: int, cell) -> list[str]:
    if isinstance(cell, np.ndarray):
        cell = cell.tolist() if cell.ndim == 1 else [cell]
    for token in cell:
        if not isinstance(token, str):
            hint = ""
            if isinstance(token, Integral):
                hint = " Token ids are taken by a network as they are: leave this transformer out."
            raise TypeError(
                f"Text row {row} must be a str or a list of str; it holds {describe(token)}.{hint}"
            )
    return list(cell)
