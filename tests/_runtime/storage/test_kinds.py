"""Kinds written as annotations."""

from typing import Annotated, Any, Literal, NotRequired

import numpy as np
import pytest

from skmtl._runtime.storage.kinds import is_of_kind, mismatch

KINDS = [
    (Any, [None, 1, "x"], []),
    (None, [None], [0, False]),
    (int, [1, np.int8(3)], [True, 1.0, "1", None]),
    (float, [1, 2.5, np.float32(1)], [False, "1"]),
    (int | None, [1, None], ["x"]),
    (Literal["a", 1], ["a", 1], ["b", True, 1.0, ["a"]]),
    (Literal["a"] | None, ["a", None], ["", "b"]),
    (list[int], [[], [1, 2]], [(1,), [1, "2"], [True]]),
    (dict[str, float], [{}, {"a": 1}], [{1: 1.0}, {"a": "b"}, []]),
    (tuple[int, str], [(1, "a")], [(1,), (1, "a", "b"), [1, "a"]]),
    (tuple[int, ...], [(), (1, 2)], [("a",), [1]]),
    (frozenset[str], [frozenset("ab")], [{"a"}, frozenset([1])]),
    (NotRequired[int], [1], [None, "x"]),
    (
        Annotated[np.ndarray, "f", "n"],
        [np.ones(2)],
        [np.ones(2, int), np.ones((2, 2)), [1.0], None],
    ),
    (Annotated[np.ndarray, "iu", "n", "k"] | None, [None, np.ones((2, 3), int)], [np.ones(2, int)]),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), KINDS)
def test_values_of_a_kind(kind, right, wrong):
    assert [is_of_kind(value, kind) for value in right] == [True] * len(right)
    assert [is_of_kind(value, kind) for value in wrong] == [False] * len(wrong)


def test_every_field_must_be_there():
    kinds = {"a": int, "b": int | None, "c": NotRequired[str]}
    assert mismatch({"a": 1, "b": None}, kinds) is None
    assert mismatch({"a": 1, "b": None, "c": "x"}, kinds) is None
    assert mismatch({"a": 1}, kinds) == "b is missing"
    assert mismatch({"b": 1}, kinds) == "a is missing"
    assert mismatch({"a": 1, "b": 1, "d": 1}, kinds) == "unknown field 'd'"
    assert mismatch({"a": "x", "b": 1}, kinds) == "a must be int; got str"
    assert "c must be" in mismatch({"a": 1, "b": 1, "c": None}, kinds)


def test_lengths_of_one_name_are_equal():
    vector = Annotated[np.ndarray, "f", "n"]
    kinds = {"n": NotRequired[int], "a": vector, "b": NotRequired[vector | None]}
    assert mismatch({"n": 3, "a": np.ones(3), "b": np.ones(3)}, kinds) is None
    assert mismatch({"a": np.ones(4), "b": None}, kinds) is None
    assert mismatch({"n": 3, "a": np.ones(2)}, kinds) == "a has the length 2 where n is 3"
    wrong = {"a": np.ones(2), "b": np.ones(3)}
    assert mismatch(wrong, kinds) == "b has the length 3 where n is 2"
    table = {"a": Annotated[np.ndarray, "f", "n", "k"], "b": Annotated[np.ndarray, "f", "k"]}
    assert mismatch({"a": np.ones((2, 3)), "b": np.ones(3)}, table) is None
    assert "where k is 3" in mismatch({"a": np.ones((2, 3)), "b": np.ones(2)}, table)
