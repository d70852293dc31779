"""Tables to arrays, and what is learned of the columns."""

import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl.columns import TableReader, branch_specs
from skmtl.data import as_table

ROWS = 12
RNG = np.random.default_rng(0)


def frame():
    images = np.empty(ROWS, object)
    images[:] = list(RNG.integers(0, 255, (ROWS, 4, 5, 3), np.uint8))
    return pd.DataFrame(
        {
            "photo": images,
            "title": [f"好 的 {row}" for row in range(ROWS)],
            "price": RNG.normal(size=ROWS),
            "brand": ["红", "蓝", "绿"] * 4,
        }
    )


def read(X, **parameters):
    estimator = MultiTaskClassifier(columns={"brand": "category"}, **parameters)
    return TableReader.fit(as_table(X), estimator, ("a",))


def test_every_branch_has_values_and_positions():
    X = frame()
    X.loc[[1, 3], "photo"] = None
    X.loc[2, "title"] = None
    X.loc[4, ["price", "brand"]] = None
    reader, table = read(X)
    assert list(table.modalities) == ["photo", "title", "table"]
    shapes = {name: modality.values.shape for name, modality in table.modalities.items()}
    assert shapes["photo"] == (ROWS - 2, 4, 5, 3)
    assert shapes["title"][0] == shapes["table"][0] == ROWS - 1
    missing = {n: np.flatnonzero(m.positions < 0).tolist() for n, m in table.modalities.items()}
    assert missing == {"photo": [1, 3], "title": [2], "table": [4]}
    assert table.modalities["table"].values.dtype == np.float32
    assert reader.layout.kinds["brand"] == "category"


@pytest.mark.parametrize("n_rows", [1, ROWS])
def test_other_rows_are_read_as_those_of_fit(n_rows):
    X = frame()
    reader, table = read(X)
    again = reader.read(as_table(X.iloc[:n_rows]))
    for name, modality in again.modalities.items():
        expected = table.modalities[name].take(np.arange(n_rows))
        np.testing.assert_array_equal(modality.values, expected.values)
        np.testing.assert_array_equal(modality.positions, expected.positions)


def test_frames_of_other_libraries_are_read_alike():
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    X = frame().drop(columns="photo")
    X.loc[3, "price"] = None
    expected = read(X)[1]
    columns = {name: [None if pd.isna(c) else c for c in X[name]] for name in X}
    for other in (polars.DataFrame(columns), pyarrow.table(columns)):
        for name, modality in read(other)[1].modalities.items():
            np.testing.assert_array_equal(modality.values, expected.modalities[name].values)


def test_a_whole_column_may_be_missing_in_other_rows_but_must_be_there():
    reader, _ = read(frame())
    table = reader.read(as_table(frame().assign(photo=None, price=None)))
    assert not table.modalities["photo"].present.any()
    assert table.modalities["photo"].values.shape == (0, 4, 5, 3)
    assert table.modalities["table"].present.all()
    with pytest.raises(ValueError, match=r"\['photo'\] are missing.*assign"):
        reader.read(as_table(frame().drop(columns="photo")))


def test_options_hold_for_a_column_before_its_kind():
    X = frame().assign(subtitle=[f"好 {row}" for row in range(ROWS)])
    X["subtitle"] = X["subtitle"].astype(object)
    estimator = MultiTaskClassifier(
        columns={"brand": "category"},
        branch_units={"text": 7, "subtitle": None, "table": 3},
        branch_dropout={"photo": 0.25},
        pooling={"text": "max", "image": "avg"},
    )
    reader, _ = TableReader.fit(X, estimator, ("a",))
    specs = {spec.modality: spec for spec in branch_specs(reader, estimator, straight=True)}
    units = {name: spec.units for name, spec in specs.items()}
    assert units == {"photo": None, "title": 7, "subtitle": None, "table": 3}
    assert {n: s.dropout for n, s in specs.items()} == {
        "photo": 0.25, "title": 0.5, "subtitle": 0.5, "table": 0.5,
    }  # fmt: skip
    assert {s.pooling for s in specs.values()} == {"avg", "max", None}
    bad = estimator.set_params(branch_units={"colour": 3})
    with pytest.raises(ValueError, match=r"branch_units names \['colour'\].*known: \['image'"):
        branch_specs(reader, bad, straight=True)


def test_an_array_of_numbers_is_read_as_a_frame_of_them():
    X = RNG.normal(size=(ROWS, 3))
    X[2, 1] = np.nan
    values = [
        TableReader.fit(Z, MultiTaskClassifier(), ("a",))[1].modalities["table"].values
        for Z in (X, pd.DataFrame(X))
    ]
    np.testing.assert_array_equal(*values)


def test_many_numbers_alone_are_standardised_and_may_be_missing():
    X = RNG.normal(5, 100, size=(ROWS, 70))
    X[2, 1] = np.nan
    _, table = TableReader.fit(X, MultiTaskClassifier(), ("a",))
    values = table.modalities["table"].values
    assert values.shape == (ROWS, 71)
    np.testing.assert_allclose(values[:, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(values[:, 0].std(), 1, atol=1e-5)
    assert values[2, 70] == 1
    assert values[:, 70].sum() == 1


def test_very_many_numbers_have_one_feature_each():
    X = pd.DataFrame(RNG.normal(size=(ROWS, 70)).astype(np.float32)).add_prefix("n")
    reader, table = TableReader.fit(X, MultiTaskClassifier(), ("a",))
    assert table.modalities["table"].values.shape == (ROWS, 70)
    again = reader.read(X.iloc[:3])
    expected = table.modalities["table"].values[:3]
    np.testing.assert_allclose(again.modalities["table"].values, expected, rtol=1e-5)


@pytest.mark.parametrize("X", [[{1}] * 3, [None] * 3, [1, 2, 3], [[1, 2], [3]]], ids=repr)
def test_a_list_that_is_no_table_is_named(X):
    with pytest.raises(ValueError, match=r"X must be a table: .* 2-D array of numbers; got list"):
        read(X)
