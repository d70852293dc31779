import dataclasses

import numpy as np
import pandas as pd
import pytest

from skmtl.columns.table import TablePart

KINDS = {"price": "number", "brand": "category", "used": "number"}


@pytest.fixture
def columns():
    return {
        "price": np.array([1.0, np.nan, 3.0, 4.0]),
        "brand": np.array(["a", None, "b", "a"], dtype=object),
        "used": pd.Series([True, None, False, True], dtype="boolean"),
    }


def test_columns_become_one_matrix_in_their_order(columns):
    part = TablePart(n_bins=1, min_rows=1).fit(columns, KINDS)
    matrix, _ = part.transform(columns)
    assert part.features == [
        *("price", "price missing", "brand=a", "brand=b", "brand missing", "used", "used missing"),
    ]
    assert matrix.shape == (4, part.n_features)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix[1, [1, 4, 6]], 1)
    backwards = {name: columns[name] for name in reversed(columns)} | {"other": None}
    np.testing.assert_array_equal(part.transform(backwards)[0], matrix)


def test_a_row_without_any_cell_is_not_present(columns):
    part = TablePart().fit(columns, KINDS)
    np.testing.assert_array_equal(part.transform(columns)[1], [True, False, True, True])
    one_cell = columns | {"price": np.array([1.0, 2.0, 3.0, 4.0])}
    assert part.transform(one_cell)[1].all()


def test_columns_without_a_cell_at_predict(columns):
    part = TablePart().fit(columns, KINDS)
    empty = {name: np.array([None, None], dtype=object) for name in columns}
    matrix, present = part.transform(empty)
    assert np.isfinite(matrix).all()
    assert not present.any()


def test_no_rows(columns):
    part = TablePart().fit(columns, KINDS)
    matrix, present = part.transform({name: cells[:0] for name, cells in columns.items()})
    assert matrix.shape == (0, part.n_features)
    assert present.shape == (0,)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["price"], "1 number -> 18 features"),
        (["brand"], "1 category -> 3 features"),
        (["price", "brand", "used"], "2 numbers, 1 category -> 23 features"),
    ],
)
def test_describe(names, words):
    columns = {
        "price": np.array([np.nan, *np.arange(100.0)]),
        "brand": np.array([None, *["a", "b"] * 50], dtype=object),
        "used": np.array([np.nan, *[0.0, 1.0] * 50]),
    }
    part = TablePart().fit({name: columns[name] for name in names}, KINDS)
    assert part.describe() == words


def test_what_is_learned_is_plain_and_enough(columns):
    part = TablePart(min_rows=1).fit(columns, KINDS)
    copy = TablePart()
    copy.encoders_ = [type(encoder)(**vars(encoder)) for encoder in part.encoders_]
    for encoder in part.encoders_:
        assert dataclasses.is_dataclass(encoder)
        for value in vars(encoder).values():
            assert type(value) in (str, bool, float, list, np.ndarray)
            assert not isinstance(value, list) or all(type(item) is str for item in value)
            assert not isinstance(value, np.ndarray) or value.dtype == np.float64
    np.testing.assert_array_equal(copy.transform(columns)[0], part.transform(columns)[0])


@pytest.mark.parametrize("parameter", ["n_bins", "max_categories", "min_rows"])
def test_parameters_are_counts(columns, parameter):
    with pytest.raises(ValueError, match=f"{parameter} must be an int >= 1; got 0"):
        TablePart(**{parameter: 0}).fit(columns, KINDS)


def test_input_is_not_changed(columns):
    before = {name: cells.copy() for name, cells in columns.items()}
    TablePart().fit(columns, KINDS).transform(columns)
    for name, cells in before.items():
        pd.testing.assert_series_equal(pd.Series(cells), pd.Series(columns[name]))
