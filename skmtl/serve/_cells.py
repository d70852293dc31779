"""Rows of a request as cells of a table: every cell is checked by the kind of its column."""

import base64
import binascii
import math
import re

from skmtl.exceptions import describe
from skmtl.preprocessing._image_files import open_image
from skmtl.preprocessing._pixels import check_size
from skmtl.serve._refused import RequestRefused, wrong_cell

_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]+;base64,")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLS = {"true": True, "false": False}


class CellReader:
    """Cells of JSON and forms, by the kinds of the columns.

    Parameters
    ----------
    kinds : dict of str to str
        Kind of every column by name.
    limits : Limits
        Of one request.
    """

    def __init__(self, kinds, limits):
        self.kinds = kinds
        self.limits = limits
        self._read = {
            "image": self._image,
            "text": self._text,
            "number": self._number,
            "category": self._category,
            "drop": lambda *_: None,
        }

    def of_json(self, body) -> list[dict]:
        """Return the rows of a parsed body, ``{"rows": [{column: value}]}``.

        Raises
        ------
        RequestRefused
            If something else stands there; the refusal names row and column.
        """
        if (
            not isinstance(body, dict)
            or set(body) != {"rows"}
            or not isinstance(body["rows"], list)
        ):
            message = 'the body must be {"rows": [{column: value, ...}, ...]} and nothing else.'
            raise RequestRefused(422, "wrong_shape", message)
        rows = body["rows"]
        if not 1 <= len(rows) <= self.limits.rows:
            message = f"a request has 1 to {self.limits.rows} rows; got {len(rows)}."
            raise RequestRefused(422 if not rows else 413, "number_of_rows", message)
        return [self._row(number, row) for number, row in enumerate(rows)]

    def _row(self, number, row) -> dict:
        if not isinstance(row, dict):
            message = f"row {number} must be an object of column and value; got {describe(row)}."
            raise RequestRefused(422, "wrong_shape", message, row=number)
        return {name: self._cell(name, cell, number) for name, cell in row.items()}

    def of_form(self, items) -> list[dict]:
        """Return the one row of a form: texts as they were typed, images as the bytes of files.

        Parameters
        ----------
        items : list of (str, str or bytes)
            Fields by the names of the columns; an empty one is a missing cell.
        """
        row = {}
        for name, value in items:
            if name in row:
                raise wrong_cell("column_twice", "a form names a column once.", 0, name)
            row[name] = self._typed(name, value)
        return [{name: self._cell(name, cell, 0) for name, cell in row.items()}]

    def _typed(self, name, value):
        """Return what a field of a form means as a cell."""
        kind = self.kinds.get(name)
        if isinstance(value, bytes):
            if kind not in ("image", None):
                raise wrong_cell("wrong_kind", f"a {kind}, no file, is expected.", 0, name)
            return value or None
        if kind == "image" and value:
            raise wrong_cell("wrong_kind", "an image must be a file of the form.", 0, name)
        if not value.strip():
            return None
        if kind == "number":
            if value.strip() in _BOOLS:
                return _BOOLS[value.strip()]
            if not _NUMBER.fullmatch(value.strip()):
                message = f"a number is expected; got {describe(value)}."
                raise wrong_cell("wrong_kind", message, 0, name)
            return float(value)
        return value

    def _cell(self, name, cell, row):
        kind = self.kinds.get(name)
        if kind is None:
            known = ", ".join(map(repr, self.kinds))
            raise wrong_cell(
                "unknown_column", f"unknown column; known are {known}.", row, name[:100]
            )
        return None if cell is None else self._read[kind](cell, row, name)

    def _image(self, cell, row, name):
        content = cell if isinstance(cell, bytes) else self._decoded(cell, row, name)
        if len(content) > self.limits.image_bytes:
            message = (
                f"an image has at most {self.limits.image_bytes:,} bytes; got {len(content):,}."
            )
            raise wrong_cell("image_too_large", message, row, name)
        where = f"{name} row {row}"
        try:
            with open_image(content, where) as image:
                width, height = image.size
        except ValueError as error:
            raise wrong_cell("bad_image", str(error), row, name) from None
        try:
            check_size(width, height, where, self.limits.pixels)
        except ValueError as error:
            raise wrong_cell("image_too_large", str(error), row, name) from None
        return content

    def _decoded(self, cell, row, name) -> bytes:
        message = "an image is the base64 text of its bytes; paths and addresses are not opened"
        if not isinstance(cell, str):
            raise wrong_cell("wrong_kind", f"{message}; got {describe(cell)}.", row, name)
        start = _DATA_URL.match(cell)
        text = cell[start.end() :] if start else cell
        if len(text) > 4 * (self.limits.image_bytes // 3 + 1):
            limit = f"an image has at most {self.limits.image_bytes:,} bytes."
            raise wrong_cell("image_too_large", limit, row, name)
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise wrong_cell("bad_image", f"{message}; this is no base64.", row, name) from None

    def _text(self, cell, row, name):
        if not isinstance(cell, str):
            raise wrong_cell("wrong_kind", f"a text is expected; got {describe(cell)}.", row, name)
        return self._characters(cell, row, name)

    def _characters(self, cell, row, name) -> str:
        if len(cell) > self.limits.text_characters:
            most = f"at most {self.limits.text_characters:,} characters; got {len(cell):,}."
            raise wrong_cell("text_too_long", most, row, name)
        if any("\ud800" <= character <= "\udfff" for character in cell):
            raise wrong_cell("wrong_kind", "half of a surrogate pair is no character.", row, name)
        return cell

    def _number(self, cell, row, name):
        if not isinstance(cell, int | float):
            raise wrong_cell(
                "wrong_kind", f"a number is expected; got {describe(cell)}.", row, name
            )
        try:
            is_finite = math.isfinite(cell)
        except OverflowError:  # an integer that no float can hold
            is_finite = False
        if not is_finite:
            message = "a number must fit into a float of 64 bits."
            raise wrong_cell("number_too_large", message, row, name)
        return cell

    def _category(self, cell, row, name):
        if isinstance(cell, str):
            return self._characters(cell, row, name)
        if isinstance(cell, int | float):
            return self._number(cell, row, name)
        message = f"a category is a text, a number or a bool; got {describe(cell)}."
        raise wrong_cell("wrong_kind", message, row, name)
