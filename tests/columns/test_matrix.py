"""Many numbers at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skmtl.columns._matrix import MatrixEncoder


@given(st.integers(0, 99), st.sampled_from([1e-6, 1e-3, 1.0, 1e6]), st.floats(-9, 9))
def test_the_unit_does_not_matter(seed, unit, offset):
    X = np.random.default_rng(seed).normal(size=(30, 3))
    one, other = (MatrixEncoder.fit("x", Z).encode(Z)[0] for Z in (X, (X + offset) * unit))
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_one_huge_number_does_not_flatten_the_others():
    X = np.random.default_rng(0).normal(size=(1000, 2))
    X[0, 0] = 1e9
    features, _ = MatrixEncoder.fit("x", X).encode(X)
    assert 0.8 < features[1:, 0].std() < 1.3
    assert np.abs(features).max() <= 10


def test_missing_numbers_are_zeros_with_an_indicator_where_fit_had_some():
    X = np.array([[1.0, np.nan], [3.0, 2.0], [5.0, 4.0]])
    encoder = MatrixEncoder.fit("x", X)
    features, missing = encoder.encode(X)
    assert encoder.features == ["x0", "x1", "x1 missing"]
    assert features[0].tolist()[1:] == [0.0, 1.0]
    assert not missing.any()
    later, missing = encoder.encode(np.full((1, 2), np.nan))
    assert later.tolist() == [[0.0, 0.0, 1.0]]
    assert missing.tolist() == [True]


def test_constant_and_empty_columns_are_zeros():
    X = np.array([[2.0, np.nan], [2.0, np.nan]])
    features, _ = MatrixEncoder.fit("x", X).encode(X)
    assert features.tolist() == [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
