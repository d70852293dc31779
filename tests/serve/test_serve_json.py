"""Strict JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl.serve._json import parse_json
from skmtl.serve._refused import RequestRefused

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_json_is_read(value):
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=30))
def test_bytes_are_json_or_refused(body):
    try:
        parse_json(body)
    except RequestRefused as error:
        assert error.status == 400  # noqa: PT017 - nothing else may be raised


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"NaN", "NaN is no JSON; a missing number is null"),
        (b'{"a": 1, "a": 1}', "has the name 'a' twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff", "can't decode"),
        (b"", "Expecting value"),
    ],
)
def test_what_is_no_json_is_refused(body, message):
    with pytest.raises(RequestRefused, match=message):
        parse_json(body)
