"""The kind of a column, inferred by a short list of rules on dtypes and cells.

The rules look at every cell that is not missing, so the kind does not depend on the order of the
rows, nor on the library that the frame came from.
"""

import numpy as np
import pandas as pd

from skmtl.data.cells import as_objects, kind_of_cell, missing_mask
from skmtl.exceptions import describe

KINDS = ("image", "text", "number", "category")
CHOICES = (*KINDS, "drop")
REPEATS = 5  # fewest rows of a category, on average
LONGEST = 40  # most characters of a category, on average


def infer_kind(name, cells) -> str:
    """Return the kind of a column.

    Parameters
    ----------
    name : object
        Name of the column; "image" or "text" is its own kind, also after the prefix of a
        `ColumnTransformer`.
    cells : Series or ndarray of shape (n_samples, ...)
        Its cells.

    Returns
    -------
    {"image", "text", "number", "category"}

    Raises
    ------
    TypeError, ValueError
        If no rule applies; the message says how to prepare the column.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl.columns.inference import infer_kind
    >>> infer_kind("price", pd.Series([1.5, None])), infer_kind("photo", pd.Series(["a.png"]))
    ('number', 'image')
    >>> infer_kind("brand", pd.Series(["red", "blue"] * 5))
    'category'
    >>> infer_kind("title", pd.Series(["一个标题"]))
    'text'
    """
    if base_name(name) in ("image", "text"):
        return base_name(name)
    dtype = getattr(cells, "dtype", None)
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if np.ndim(cells) > 2:
        return "image"
    if pd.api.types.is_any_real_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype):
        return "number"
    cells = as_objects(cells)
    rows = np.flatnonzero(~missing_mask(cells))
    present = cells[rows]
    if not len(present):
        raise ValueError(
            f"X: column {name!r} has no cell that is not missing, so its kind cannot be inferred; "
            f"say it or drop it: columns={{{name!r}: 'drop'}}."
        )
    kinds = {kind_of_cell(cell) for cell in present}
    if kinds == {"image", "text"} and all(isinstance(cell, str) for cell in present):
        kinds = {"text"}  # some texts end like names of image files
    if kinds == {"image"}:
        return "image"
    if kinds == {"number"}:
        return "number"
    if kinds <= {"text", "tokens"} or kinds == {"ids"}:
        return "category" if kinds == {"text"} and _is_category(present) else "text"
    raise TypeError(_advice(name, rows, present, kinds))


def _is_category(texts) -> bool:
    """Return whether strings are few, short and often repeated."""
    n_values = len(set(texts))
    n_characters = sum(map(len, texts))
    return n_values * REPEATS <= len(texts) and n_characters <= LONGEST * len(texts)


def _advice(name, rows, cells, kinds) -> str:
    if kinds == {"date"}:
        return (
            f"X: column {name!r} holds dates; turn them into numbers first, such as "
            f"X[{name!r}].dt.year or days since a date, or drop it: columns={{{name!r}: 'drop'}}."
        )
    examples = {}
    for row, cell in zip(rows.tolist(), cells, strict=True):
        examples.setdefault(kind_of_cell(cell), (row, cell))
    seen = "; ".join(f"row {row} {describe(cell)}" for row, cell in list(examples.values())[:2])
    reason = "mixes kinds of cells" if len(kinds) > 1 else "holds cells of an unknown kind"
    return (
        f"X: column {name!r} {reason} ({seen}); say what it is with "
        f"columns={{{name!r}: one of {', '.join(map(repr, CHOICES))}}}, or convert its cells."
    )


def base_name(name) -> str:
    """Return the name of a column without the prefix of a `ColumnTransformer`."""
    return str(name).rpartition("__")[2]
