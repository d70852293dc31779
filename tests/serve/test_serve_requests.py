"""Hostile requests are refused with 4xx, and say where."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Client, as_base64, png

JSON = {"Content-Type": "application/json"}
LARGE = as_base64(png(size=(6000, 6000), mode="1"))  # few bytes, many pixels


def body(text, **headers):
    return {
        "content": text if isinstance(text, bytes) else text.encode(),
        "headers": JSON | headers,
    }


def rows(*some):
    return body(json.dumps({"rows": list(some)}))


# what is sent, the status, the code, and where: row and column
HOSTILE = {
    "no JSON": (body("{"), 400, "malformed_json", None),
    "not UTF-8": (body(b'{"rows": [{"title": "\xff"}]}'), 400, "malformed_json", None),
    "NaN": (body('{"rows": [{"price": NaN}]}'), 400, "malformed_json", None),
    "infinity": (body('{"rows": [{"price": -Infinity}]}'), 400, "malformed_json", None),
    "too deep": (body("[" * 200_000 + "]" * 200_000), 400, "malformed_json", None),
    "a name twice": (body('{"rows": [{"price": 1, "price": 2}]}'), 400, "malformed_json", None),
    "a number of 10,000 digits": (
        body('{"rows": [{"price": ' + "9" * 10_000 + "}]}"), 400, "malformed_json", None,
    ),
    "a number beyond floats": (body('{"rows": [{"price": 1e999}]}'), 422, "number_too_large", (0, "price")),
    "an integer beyond floats": (
        body('{"rows": [{}, {"price": ' + "9" * 400 + "}]}"), 422, "number_too_large", (1, "price"),
    ),
    "unknown column": (rows({}, {"prise": 1}), 422, "unknown_column", (1, "prise")),
    "a column of the labels": (rows({"cost": "low"}), 422, "unknown_column", (0, "cost")),
    "a text for a number": (rows({"price": "1"}), 422, "wrong_kind", (0, "price")),
    "a number for a text": (rows({"title": 1}), 422, "wrong_kind", (0, "title")),
    "a list for a category": (rows({"brand": ["a"]}), 422, "wrong_kind", (0, "brand")),
    "an object for an image": (rows({"photo": {"path": "a.png"}}), 422, "wrong_kind", (0, "photo")),
    "a path for an image": (rows({"photo": "/etc/passwd"}), 422, "bad_image", (0, "photo")),
    "an address for an image": (rows({"photo": "http://127.0.0.1/a.png"}), 422, "bad_image", (0, "photo")),
    "bytes that are no image": (rows({"photo": as_base64(b"text")}), 422, "bad_image", (0, "photo")),
    "half an image": (rows({}, {"photo": as_base64(png()[:-40])}), 422, "bad_image", (1, "photo")),
    "an image of another size": (rows({"photo": as_base64(png(size=(8, 8)))}), 422, "bad_image", (0, "photo")),
    "an image of 36 million pixels": (rows({"photo": LARGE}), 422, "image_too_large", (0, "photo")),
    "an image of 11 MB": (rows({"photo": "A" * 15_000_000}), 422, "image_too_large", (0, "photo")),
    "a long text": (rows({"title": "a" * 20_001}), 422, "text_too_long", (0, "title")),
    "half a character": (body('{"rows": [{"title": "\\ud800"}]}'), 422, "wrong_kind", (0, "title")),
    "no rows": (rows(), 422, "number_of_rows", None),
    "257 rows": (rows(*[{}] * 257), 413, "number_of_rows", None),
    "a row that is a list": (rows([1]), 422, "wrong_shape", (0, None)),
    "no object": (body("[]"), 422, "wrong_shape", None),
    "another name": (body('{"rows": [{}], "path": "/etc/passwd"}'), 422, "wrong_shape", None),
    "33 MiB": (body(b" " * (33 * 2**20)), 413, "body_too_long", None),
    "a wrong length": (body("{}", **{"Content-Length": "x"}), 413, "body_too_long", None),
    "a length of 5,000 digits": (
        body("{}", **{"Content-Length": "9" * 5000}), 413, "body_too_long", None,
    ),
    "no type": ({"content": b"{}"}, 415, "content_type", None),
    "plain text": (body("{}", **{"Content-Type": "text/plain"}), 415, "content_type", None),
    "another charset": (
        body("{}", **{"Content-Type": "application/json; charset=utf-16"}), 415, "content_type", None,
    ),
    "compressed": (body("{}", **{"Content-Encoding": "gzip"}), 415, "content_type", None),
    "a form without a boundary": (
        body("a", **{"Content-Type": "multipart/form-data"}), 400, "malformed_form", None,
    ),
    "a form that is none": (
        body("a", **{"Content-Type": "multipart/form-data; boundary=x"}), 400, "malformed_form", None,
    ),
    "a part without a name": (
        body('--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n',
             **{"Content-Type": "multipart/form-data; boundary=x"}), 400, "malformed_form", None,
    ),
    "a form with a path": ({"files": {"photo": (None, "/etc/passwd")}}, 422, "wrong_kind", (0, "photo")),
    "a form with a file for a text": ({"files": {"title": ("a", b"a")}}, 422, "wrong_kind", (0, "title")),
    "a form with an unknown column": ({"files": {"nope": (None, "1")}}, 422, "unknown_column", (0, "nope")),
    "a form with nan": ({"files": {"price": (None, "nan")}}, 422, "wrong_kind", (0, "price")),
    "a form with a huge number": ({"files": {"price": (None, "1e999")}}, 422, "number_too_large", (0, "price")),
    "a form with a column twice": (
        {"files": [("price", (None, "1")), ("price", (None, "2"))]}, 422, "column_twice", (0, "price"),
    ),
    "a form with many fields": (
        {"files": [("price", (None, "1"))] * 50}, 400, "malformed_form", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_request_is_refused(cold_app, name):
    sent, status, code, where = HOSTILE[name]
    answer = Client(cold_app).predict(**sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), error
    assert (error.get("row"), error.get("column")) == (where or (None, None))
    assert "Traceback" not in answer.text
    assert len(answer.text) < 1000
    if where and where[1]:
        assert f"row {where[0]}, column {where[1]!r}" in error["message"]


def test_at_least_twelve_kinds():
    assert len(HOSTILE) >= 12


@pytest.mark.parametrize(
    ("query", "code"),
    [("?explain=all", "unknown_explanation"), ("?path=/etc/passwd", "unknown_parameter")],
)
def test_the_address_is_checked(cold_app, query, code):
    answer = Client(cold_app).predict([{}], query)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code


CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
NAMES = st.sampled_from(["photo", "title", "price", "noise", "brand", "other"])


@pytest.mark.slow  # rows that are right are computed
@settings(max_examples=50)
@given(st.lists(st.dictionaries(NAMES, CELLS, max_size=3), max_size=3))
def test_no_rows_make_the_server_fail(served_app, some):
    answer = Client(served_app).predict(**rows(*some))
    assert answer.status_code in (200, 413, 422), answer.text
    if answer.status_code == 200:
        assert len(answer.json()["predictions"]) == len(some)
