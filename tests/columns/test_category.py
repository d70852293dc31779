import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl.columns._category import CategoryEncoder

categories = st.lists(st.sampled_from(["a", "b", "c", "dd", "", None, 1, 2.5, np.nan]), min_size=1)


def objects(cells):
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def fit(cells, max_categories=10, min_rows=1):
    cells = cells if hasattr(cells, "dtype") else objects(cells)
    return CategoryEncoder.fit("brand", cells, max_categories=max_categories, min_rows=min_rows)


def hot(encoder, cells):
    """Return the name of the feature that is on, row by row."""
    features, _ = encoder.encode(objects(cells))
    assert set(np.unique(features)) <= {0, 1}
    assert (features.sum(axis=1) <= 1).all()
    names = [name.removeprefix("brand") for name in encoder.features]
    return [names[row.argmax()] if row.any() else None for row in features]


def test_known_missing_and_unseen_categories():
    encoder = fit(["b", "a", None, "b"])
    assert encoder.features == ["brand=a", "brand=b", "brand missing"]
    assert hot(encoder, ["a", None, "new", float("nan")]) == ["=a", " missing", None, " missing"]


def test_unseen_categories_count_as_rare_where_fit_had_rare_ones():
    encoder = fit(["a", "a", "b", "c"], min_rows=2)
    assert encoder.features == ["brand=a", "brand rare"]
    assert hot(encoder, ["a", "b", "new", None]) == ["=a", " rare", " rare", None]


def test_the_most_frequent_categories_are_kept_and_ties_do_not_depend_on_the_rows():
    cells = ["z"] * 3 + ["y"] * 2 + ["x"] * 2 + ["w"]
    assert fit(cells, max_categories=2).categories == ["x", "z"]
    assert fit(cells[::-1], max_categories=2).categories == ["x", "z"]


def test_the_width_is_bounded():
    assert len(fit([str(i) for i in range(500)], max_categories=7).features) == 8


def test_a_column_without_a_cell_has_its_indicator_alone():
    encoder = fit([None, None])
    assert encoder.features == ["brand missing"]
    assert hot(encoder, [None, "a"]) == [" missing", None]


def test_cells_that_read_alike_are_one_category():
    assert fit([1, 2, 1]).categories == ["1", "2"]
    assert hot(fit([1, 2, 1]), [1.0, "1", np.int8(2), np.nan]) == ["=1", "=1", "=2", None]
    assert fit([2, "2", 2.0, 0.5]).categories == ["0.5", "2"]


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series(["a", "b", None], dtype="category"),
        pd.Series(["a", "b", None], dtype="str"),
        pd.Series(["a", "b", None], dtype="string[pyarrow]"),
        pd.Series(["a", "b", pd.NA], dtype=object),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_columns_of_every_dtype_are_the_same(cells):
    encoder = fit(cells)
    assert encoder.features == ["brand=a", "brand=b", "brand missing"]
    features, missing = encoder.encode(cells)
    np.testing.assert_array_equal(features, np.eye(3))
    np.testing.assert_array_equal(missing, [False, False, True])


def test_bools_and_intervals_are_categories():
    assert fit(pd.Series([True, False])).categories == ["False", "True"]
    assert fit(pd.Series(pd.cut([1, 5], [0, 3, 6]))).categories == ["(0, 3]", "(3, 6]"]


@pytest.mark.parametrize("cell", [["a"], b"a", ("a",), pd.Timestamp("2020-01-01"), 1j])
def test_what_is_no_category_is_an_error(cell):
    with pytest.raises(TypeError, match=r"column 'brand', row 2, must be a string.*astype\(str\)"):
        fit(["a", None, cell])
    with pytest.raises(TypeError, match=r"column 'brand', row 1, must be a string"):
        fit(["a"]).encode(objects(["a", cell]))


@pytest.mark.parametrize("cells", [[True, None, 1], [0, None, False], [2.0, np.nan, np.True_]])
def test_bools_beside_numbers_are_an_error(cells):
    with pytest.raises(TypeError, match=r"column 'brand', row 2, mixes bools with numbers"):
        fit(cells)


@given(categories, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(cells, random):
    order = random.sample(range(len(cells)), len(cells))
    encoder = fit(cells, max_categories=3, min_rows=2)
    other = fit([cells[row] for row in order], max_categories=3, min_rows=2)
    assert vars(encoder) == vars(other)
    np.testing.assert_array_equal(
        other.encode(objects([cells[row] for row in order]))[0],
        encoder.encode(objects(cells))[0][order],
    )


@given(categories, categories)
def test_any_cells_can_be_encoded(cells, others):
    encoder = fit(cells, max_categories=3, min_rows=2)
    features, missing = encoder.encode(objects(others))
    assert features.shape == (len(others), len(encoder.features))
    np.testing.assert_array_equal(missing, pd.isna(objects(others)))
    assert (fit(cells, min_rows=2).encode(objects(cells))[0].sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("levels", "codes"),
    [
        (["c", "never", "a", "b"], [0, 2, 3, -1, 0]),
        ([3, 1.5, 2], [1, -1, 0, 0, 2]),
        ([True, False], [0, 1, 1, -1, 0]),
    ],
)
def test_a_categorical_of_pandas_is_read_as_its_cells(levels, codes):
    cells = pd.Series(pd.Categorical.from_codes(codes, levels))
    plain = cells.astype(object)
    encoder, other = fit(cells), fit(plain)
    assert encoder.features == other.features
    for column in (cells, plain):
        for found, expected in zip(encoder.encode(column), other.encode(plain), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_a_bad_level_of_a_categorical_is_named_with_its_row():
    cells = pd.Series(pd.Categorical.from_codes([1, 0], [("a", 1), "b"]))
    with pytest.raises(TypeError, match=r"category column 'brand', row 1, must be a string"):
        fit(cells)
