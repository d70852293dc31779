"""Cells that are numbers."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from skmtl.data.labels import read_labels
from skmtl.labels.number_cells import finite_numbers, has_fractions


def column(labels):
    return read_labels(labels).columns[0]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.Series([Decimal("1.5"), None]), True),
        (pd.Series([Fraction(1, 3), 2]), True),
        (pd.Series([Decimal("1e100"), Decimal(2)]), False),
        (pd.Series([10**400, 1]), False),
        (np.array([1, 2], "m8[s]"), False),
        (pd.Series([Decimal("1.5"), "a"]), False),
        (pd.Series([None, None], dtype=object), False),
    ],
)
def test_exact_numbers_may_have_fractions(labels, expected):
    assert has_fractions(column(labels).labels) is expected


def test_exact_numbers_nullable_ones_and_bools_are_read():
    for labels in (
        pd.Series([Decimal("1.5"), None, Fraction(1, 4)]),
        pd.Series(pd.array([1.5, None, 0.25], dtype="Float64")),
        pd.Series(pd.Categorical([1.5, None, 0.25])),
    ):
        np.testing.assert_array_equal(finite_numbers(column(labels)), [1.5, np.nan, 0.25])
    assert finite_numbers(column([True, None, False]))[[0, 2]].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([1.5, "2.5"], TypeError, r"row 1: .* got str '2.5'. pandas.to_numeric makes numbers"),
        ([1.5, "a"], TypeError, "row 1: .* got str 'a'. Classes and tags are learned by"),
        ([datetime.date(2026, 1, 1)], TypeError, "row 0: .* Make numbers of dates and durations"),
        (np.array([1, 2], "m8[s]"), TypeError, "row 0: .* Make numbers of dates and durations"),
        ([1, 10**400], ValueError, "row 1: numbers must be finite"),
        ([1.0, -np.inf], ValueError, "row 1: numbers must be finite"),
    ],
)
def test_what_is_no_number_is_named_with_what_to_do(labels, error, message):
    with pytest.raises(error, match=f"task 'y', {message}"):
        finite_numbers(column(labels))
