import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skmtl.data import Modality, Table


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.data())
def test_taking_rows_is_what_indexing_a_dense_column_would_give(present, data):
    present = np.array(present)
    dense = np.where(present, np.arange(len(present)), -1)
    modality = Modality.of_rows(dense[present], present)
    rows = data.draw(st.lists(st.integers(0, len(present) - 1), max_size=40))
    taken = Table(len(present), {"text": modality}).take(np.array(rows, int))
    got = taken.modalities["text"]
    back = np.where(got.present, np.append(got.values, -1)[got.positions], -1)
    assert taken.n_samples == len(rows)
    assert back.tolist() == dense[rows].tolist() if rows else len(back) == 0
    assert len(got.values) == got.present.sum()


def test_a_complete_column_is_complete():
    assert Modality.of_rows(np.zeros((2, 3))).is_complete
    assert not Modality.of_rows(np.zeros((1, 3)), np.array([True, False])).is_complete


def test_values_in_order_are_those_of_all_rows():
    values = np.zeros((2, 3))
    assert Modality.of_rows(values).is_in_order
    assert not Modality.of_rows(values, np.array([True, False, True])).is_in_order
    assert not Modality(values, np.array([1, 0], np.int32)).is_in_order
    assert not Modality(values, np.array([0, 0, 1], np.int32)).is_in_order


def test_joined_tables_have_all_rows_and_padding_misses_everything():
    rng = np.random.default_rng(0)
    tables = []
    for n_rows in (1, 3, 2):
        present = rng.random(n_rows) < 0.6
        values = rng.normal(size=(present.sum(), 2))
        tables.append(Table(n_rows, {"x": Modality.of_rows(values, present)}))
    joined = Table.joined(tables)
    assert joined.n_samples == 6
    start = 0
    for table in tables:
        part = joined.take(np.arange(start, start + table.n_samples)).modalities["x"]
        np.testing.assert_array_equal(part.values, table.modalities["x"].values)
        np.testing.assert_array_equal(part.positions, table.modalities["x"].positions)
        start += table.n_samples
    padded = joined.padded(9)
    assert padded.n_samples == 9
    assert padded.modalities["x"].positions[6:].tolist() == [-1] * 3
    assert padded.modalities["x"].values is joined.modalities["x"].values
