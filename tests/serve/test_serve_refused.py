"""Refusals."""

from skmtl.serve._refused import RequestRefused, wrong_cell


def test_a_refusal_says_where():
    error = wrong_cell("wrong_kind", "a number is expected.", 3, "price")
    assert error.status == 422
    assert error.body == {
        "error": {
            "code": "wrong_kind",
            "message": "row 3, column 'price': a number is expected.",
            "row": 3,
            "column": "price",
        }
    }
    assert RequestRefused(413, "rows", "too many.").body == {
        "error": {"code": "rows", "message": "too many."}
    }
