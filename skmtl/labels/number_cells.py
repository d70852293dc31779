"""Cells that are numbers, as floats; or what is wrong with them."""

from decimal import Decimal
from numbers import Real

import numpy as np

from skmtl.data.cells import kind_of_cell
from skmtl.exceptions import describe


def has_fractions(labels) -> bool:
    """Return whether all labels are numbers, and some have fractions.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)
        None of them missing; objects may be Python's exact numbers, such as those of a database.
    """
    if labels.dtype.kind == "O":
        if not all(map(_is_number, labels)):
            return False
        labels = np.array(list(map(_as_float, labels)))
    return labels.dtype.kind == "f" and bool((labels != np.round(labels)).any())


def finite_numbers(column) -> np.ndarray:
    """Return the labels of a column as float64, NaN where one is missing.

    Raises
    ------
    TypeError, ValueError
        If a label is no number, or infinite.
    """
    values, rows = column.values, np.flatnonzero(column.is_labelled)
    numbers = np.full(len(values), np.nan)
    if values.dtype.kind in "biuf":
        numbers[rows] = values[rows]
    else:
        for row in rows:
            if not _is_number(values[row]):
                raise TypeError(
                    f"y: task {column.name!r}, row {row}: a number is wanted; got "
                    f"{describe(values[row])}. {_advice(values[row])}"
                )
            numbers[row] = _as_float(values[row])
    is_bad = column.is_labelled & ~np.isfinite(numbers)
    if is_bad.any():
        raise ValueError(
            f"y: task {column.name!r}, row {int(np.argmax(is_bad))}: numbers must be finite; got "
            f"infinity, which is no label. Make it None, or clip it."
        )
    return numbers


def _is_number(label) -> bool:
    # a duration of NumPy is one of its integers
    return isinstance(label, Real | Decimal | np.bool_) and not isinstance(label, np.timedelta64)


def _as_float(number) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond all floats
        return float("inf")


def _advice(label) -> str:
    """Return what to do with a label that is no number."""
    if kind_of_cell(label) == "date":
        return "Make numbers of dates and durations, such as days since a date, or hours."
    if isinstance(label, str) and _reads_as_number(label):
        return "pandas.to_numeric makes numbers of such strings."
    return (
        "Classes and tags are learned by MultiTaskEstimator, or by MultiTaskClassifier where no "
        "task has numbers."
    )


def _reads_as_number(text) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
