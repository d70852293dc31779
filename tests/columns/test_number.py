from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from skmtl.columns._number import NumberEncoder

numbers = npst.arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.integers(-100, 100).map(float) | st.just(np.nan),
)


def encode(cells, others=None, n_bins=4):
    encoder = NumberEncoder.fit("price", cells, n_bins=n_bins)
    return encoder.encode(cells if others is None else others)[0]


def test_score_is_standardised_and_keeps_the_order():
    cells = np.random.default_rng(0).lognormal(sigma=4, size=5000)
    score = encode(cells)[:, 0]
    np.testing.assert_allclose([score.mean(), score.std()], [0, 1], atol=1e-4)
    assert (np.diff(score[np.argsort(cells)]) >= 0).all()


def test_bins_grow_one_after_another_from_zero_to_their_full_value():
    bins = encode(np.arange(101.0), np.array([0.0, 12.5, 50.0, 100.0, 1e9]))[:, 1:]
    full = bins[-1, 0]
    assert full > 0
    shares = [[0, 0, 0, 0], [0.5, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]
    np.testing.assert_allclose(bins / full, shares, atol=1e-5)


def test_heavy_tails_leave_the_other_rows_as_they_are():
    cells = np.random.default_rng(0).normal(size=1000)
    wild = np.where(np.arange(1000) == cells.argmax(), 1e12, cells)
    np.testing.assert_array_equal(
        encode(wild)[cells != cells.max()], encode(cells)[cells != cells.max()]
    )


@pytest.mark.parametrize("extreme", [1.7e308, -1.7e308])
def test_the_largest_numbers_are_taken(extreme):
    features = encode(np.array([extreme, 0.0, 1.0, -extreme]))
    assert np.isfinite(features).all()
    assert len(np.unique(features[:, 0])) == 4


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([1, 0, None, 1], dtype="boolean"),
        pd.Series([1, 0, None, 1], dtype="Int64"),
        pd.Series([1, 0, None, 1], dtype="Float32"),
        pd.Series([1, 0, None, 1], dtype="int64[pyarrow]"),
        pd.Series([1, 0, None, 1], dtype="category"),
        pd.Series([1, 0, pd.NA, 1], dtype=object),
        np.array([True, False, None, True], dtype=object),
        np.array([Decimal(1), np.int8(0), float("nan"), np.float16(1)], dtype=object),
        np.array([1, 0, np.nan, 1], dtype=np.float32),
    ],
    ids=lambda cells: f"{type(cells).__name__}-{cells.dtype}",
)
def test_numbers_bools_and_missing_cells_of_every_dtype_are_the_same(cells):
    np.testing.assert_array_equal(encode(cells), encode(np.array([1.0, 0.0, np.nan, 1.0])))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_dtypes_without_missing_cells(dtype):
    cells = np.array([0, 1, 1], dtype=dtype)
    np.testing.assert_array_equal(encode(cells), encode(cells.astype(float)))


def test_missing_cells_have_an_indicator_only_if_fit_had_some():
    some, none = np.array([1.0, np.nan, 3.0]), np.array([1.0, 2.0, 3.0])
    assert NumberEncoder.fit("price", some, n_bins=1).features == ["price", "price missing"]
    np.testing.assert_array_equal(encode(some, n_bins=1)[:, 1], [0, 1, 0])
    assert encode(none, some, n_bins=1).shape == (3, 1)


def test_a_missing_cell_has_the_features_of_the_median():
    cells = np.arange(101.0)
    np.testing.assert_array_equal(
        encode(cells, np.array([np.nan])), encode(cells, np.array([50.0]))
    )


@pytest.mark.parametrize("value", [0.0, -3.5, np.nan])
def test_a_constant_or_empty_column_is_a_feature_of_zeros(value):
    features = encode(np.full(5, value), np.array([1.0, value, np.nan]))
    np.testing.assert_array_equal(features[:, 0], 0)
    assert features.shape[1] == 1 + np.isnan(value)


def test_two_numbers_need_no_bins():
    encoder = NumberEncoder.fit("price", np.array([1.0, 2.0, 2.0]), n_bins=16)
    assert encoder.features == ["price"]


def test_infinity_is_an_error():
    cells = np.array([1.0, np.nan, -np.inf])
    with pytest.raises(ValueError, match=r"column 'price', row 2, must be finite.*got -inf"):
        encode(cells)
    with pytest.raises(ValueError, match=r"column 'price', row 2, must be finite"):
        encode(np.ones(3), cells)
    with pytest.raises(ValueError, match=r"row 1, must be finite.*too large"):
        encode(np.array([1, 10**400], dtype=object))


@pytest.mark.parametrize("cell", ["12", b"1", [1], 1j, pd.Timestamp("2020-01-01")])
def test_what_is_no_number_is_an_error(cell):
    cells = np.empty(3, dtype=object)
    cells[:] = [None, 1.5, cell]
    with pytest.raises(TypeError, match=r"column 'price', row 2, must be a number.*to_numeric"):
        encode(cells)


@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(cells, random):
    order = np.array(random.sample(range(len(cells)), len(cells)))
    np.testing.assert_array_equal(encode(cells[order]), encode(cells)[order])


@given(numbers, st.floats(1e-6, 1e6), st.integers(-1000, 1000))
def test_the_unit_does_not_matter(cells, scale, shift):
    changed = cells * scale + shift * scale
    assume(len(np.unique(changed)) == len(np.unique(cells)))
    np.testing.assert_allclose(encode(changed), encode(cells), atol=1e-6)


@given(numbers, npst.arrays(np.float64, 5, elements=st.floats(allow_infinity=False)))
def test_features_are_finite_and_of_unit_size(cells, others):
    features = encode(cells, others, n_bins=16)
    assert features.dtype == np.float32
    assert (np.abs(features) < 15).all()


@given(numbers)
def test_a_row_is_encoded_alone_as_among_others(cells):
    encoder = NumberEncoder.fit("price", cells, n_bins=4)
    alone = np.concatenate([encoder.encode(cells[row : row + 1])[0] for row in range(len(cells))])
    np.testing.assert_array_equal(alone, encoder.encode(cells)[0])
