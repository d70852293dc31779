import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl.data import Modality, Table, lazy
from skmtl.data.lazy import LazyRows, read_ahead


class Source:
    """Counts what is read of an array."""

    def __init__(self, array):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype
        self.read = []

    def __len__(self):
        return len(self.array)

    def __getitem__(self, rows):
        self.read.append(len(rows))
        return self.array[rows]


@given(st.lists(st.integers(0, 9), max_size=12), st.data())
def test_it_is_the_array_without_reading_it(rows, data):
    array = np.arange(60, dtype=np.int16).reshape(10, 3, 2)
    source = Source(array)
    some = LazyRows(source)[np.array(rows, int)]
    again = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5)) if rows else []
    some_more = some[np.array(again, int)]
    expected = array[rows][again] if rows else array[:0]
    for property_ in ("shape", "dtype", "ndim", "nbytes"):
        assert getattr(some_more, property_) == getattr(expected, property_)
    assert source.read == []
    np.testing.assert_array_equal(np.asarray(some_more), expected)


def test_blocks_are_of_bounded_bytes_and_a_multiple_of_rows(monkeypatch):
    monkeypatch.setattr(lazy, "CHUNK_BYTES", 50)
    rows = LazyRows(np.arange(40, dtype=np.int32).reshape(20, 2))
    assert [len(block) for block in rows.blocks()] == [6, 6, 6, 2]
    assert [len(block) for block in rows.blocks(4)] == [4] * 5
    assert [len(block) for block in rows.blocks(7)] == [7, 7, 6]  # one multiple at least
    assert np.concatenate([np.asarray(b) for b in rows.blocks()]).tolist() == rows.source.tolist()


def test_taking_rows_of_a_large_array_copies_nothing(monkeypatch):
    array = np.arange(40).reshape(20, 2)
    table = Table(20, {"table": Modality.of_rows(array)})
    monkeypatch.setattr(lazy, "RESIDENT_BYTES", array.nbytes)
    assert isinstance(table.take(np.array([3, 1])).modalities["table"].values, np.ndarray)
    monkeypatch.setattr(lazy, "RESIDENT_BYTES", array.nbytes - 1)
    taken = table.take(np.array([3, 1]))
    assert taken.is_lazy
    assert taken.modalities["table"].values.source is array
    assert taken.read().modalities["table"].values.tolist() == [[6, 7], [2, 3]]
    assert not taken.read().is_lazy
    assert taken.nbytes == taken.read().nbytes


def test_one_part_is_read_ahead_and_no_more():
    started = [threading.Event() for _ in range(4)]

    def read(part):
        started[part].set()
        return part

    reading = read_ahead(read, range(4))
    assert next(reading) == 0
    assert started[1].wait(10)
    assert not started[2].is_set()
    assert list(reading) == [1, 2, 3]


def test_an_error_comes_in_its_turn():
    def read(part):
        if part == 1:
            raise ValueError("part 1 is broken")
        return part

    reading = read_ahead(read, range(3))
    assert next(reading) == 0
    with pytest.raises(ValueError, match="part 1 is broken"):
        next(reading)


def test_nothing_to_read_is_nothing():
    assert list(read_ahead(abs, [])) == []
