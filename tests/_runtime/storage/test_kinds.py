"""Kinds written as annotations."""

from typing import Any, Literal, NotRequired

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
