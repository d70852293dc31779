"""Plain values to JSON and back: closed set of kinds, nothing that is looked up by name.

What JSON has is written as it is; everything else is an object with the key ``"$"`` that says its
kind.
"""

import base64
import json
import math
from pathlib import Path, PurePath

import numpy as np

from skmtl._runtime.storage.arrays import has_numbers
from skmtl.exceptions import ModelFileError, describe

_SCALARS = {"bool", "float16", "float32", "float64", "str_"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class ValueWriter:
    """Turns values into JSON, and keeps arrays of numbers beside it.

    Parameters
    ----------
    write_object : callable
        From (value, where, writer) to JSON, for values that are not plain.
    """

    def __init__(self, write_object):
        self.arrays = []
        self._write_object = write_object

    def write(self, value, where):
        """Return the JSON of a value.

        Parameters
        ----------
        value : object
            To be written.
        where : str
            Path to the value, for the error text.

        Raises
        ------
        TypeError
            If the value is neither plain nor a known object.
        """
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"$": "float", "value": str(value)}
        if kind in (list, tuple, set, frozenset):
            members = list(value)
            if kind in (set, frozenset):
                members.sort(key=repr)  # the same model is the same bytes
            parts = [self.write(part, f"{where}[{i}]") for i, part in enumerate(members)]
            return parts if kind is list else {"$": kind.__name__, "values": parts}
        if kind is dict:
            return self._write_dict(value, where)
        if kind is bytes:
            return {"$": "bytes", "value": base64.b64encode(value).decode()}
        if isinstance(value, PurePath):
            return {"$": "path", "value": str(value)}
        if isinstance(value, np.generic) and value.dtype.name.rstrip("0123456789") == "str":
            return {"$": "scalar", "dtype": "str_", "value": str(value)}
        if isinstance(value, np.generic) and value.dtype.name in _SCALARS:
            return {"$": "scalar", "dtype": value.dtype.name, "value": self.write(value.item(), "")}
        if kind is np.ndarray:
            return self._write_array(value, where)
        return self._write_object(value, where, self)

    def array(self, array) -> dict:
        """Keep an array of numbers and return its JSON."""
        array = np.asarray(array)
        if array.dtype.name == "bfloat16":  # which NumPy's format does not know
            return {**self.array(array.view(np.uint16)), "as": "bfloat16"}
        self.arrays.append(array)
        return {"$": "array", "number": len(self.arrays) - 1}

    def _write_dict(self, value, where):
        parts = {k: self.write(v, f"{where}[{k!r}]") for k, v in value.items()}
        if all(type(key) is str for key in parts):
            return {"$": "dict", "of": parts}
        keys = [self.write(key, f"a key of {where}") for key in parts]
        return {"$": "items", "keys": keys, "values": list(parts.values())}

    def _write_array(self, value, where):
        if has_numbers(value) or value.dtype.name == "bfloat16":
            return self.array(value)
        if value.dtype.kind not in "UO":
            raise TypeError(f"{where} is an array of {value.dtype}, which cannot be saved.")
        cells = [self.write(cell, f"{where}[{i}]") for i, cell in enumerate(value.ravel().tolist())]
        dtype = value.dtype.newbyteorder("=").str if value.dtype.kind == "U" else "O"
        return {"$": "cells", "dtype": dtype, "shape": list(value.shape), "values": cells}


class ValueReader:
    """Turns JSON back into values.

    Parameters
    ----------
    arrays : list of ndarray
        The arrays kept beside the JSON.
    read_object : callable
        From (JSON object, reader) to a value, for kinds that are not plain.
    """

    def __init__(self, arrays, read_object):
        self._arrays = arrays
        self._read_object = read_object
        self.unused = set(range(len(arrays)))

    def read(self, node):
        """Return the value of a piece of JSON."""
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is list:
            return [self.read(part) for part in node]
        kind = node.get("$")
        method = (
            getattr(self, f"_read_{kind}") if isinstance(kind, str) and kind in _KINDS else None
        )
        if method is None:
            return self._read_object(node, self)
        try:
            return method(node)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelFileError(f"a value of the kind {kind!r} is malformed: {error!r}") from error

    def _read_float(self, node):
        return _FLOATS[node["value"]]

    def _read_tuple(self, node):
        return tuple(self.read(_listed(node, "values")))

    def _read_set(self, node):
        return set(self.read(_listed(node, "values")))

    def _read_frozenset(self, node):
        return frozenset(self.read(_listed(node, "values")))

    def _read_dict(self, node):
        return {key: self.read(value) for key, value in node["of"].items()}

    def _read_items(self, node):
        keys, values = self.read(_listed(node, "keys")), self.read(_listed(node, "values"))
        return dict(zip(keys, values, strict=True))

    def _read_bytes(self, node):
        return base64.b64decode(node["value"], validate=True)

    def _read_path(self, node):
        return Path(node["value"])

    def _read_scalar(self, node):
        if node["dtype"] not in _SCALARS:
            raise ModelFileError(f"it has a scalar of the kind {node['dtype']!r}")
        return getattr(np, node["dtype"])(self.read(node["value"]))

    def _read_array(self, node):
        number = node["number"]
        if type(number) is not int or not 0 <= number < len(self._arrays):
            raise ModelFileError(f"it names the array {number!r} of {len(self._arrays)}")
        self.unused.discard(number)
        array = self._arrays[number]
        if "as" not in node:
            return array
        if node["as"] != "bfloat16" or array.dtype != np.uint16:
            raise ModelFileError(f"it has {array.dtype} as {node['as']!r}")
        import ml_dtypes

        return array.view(ml_dtypes.bfloat16)

    def _read_cells(self, node):
        dtype, shape, cells = node["dtype"], node["shape"], self.read(_listed(node, "values"))
        width = dtype.removeprefix("<U").removeprefix(">U")
        is_text = dtype[:2] in ("<U", ">U") and width.isdigit() and len(width) < 7
        lengths = [len(cell) for cell in cells if isinstance(cell, str)]
        if dtype != "O" and (not is_text or len(lengths) < len(cells)):
            raise ModelFileError(f"it has cells of the kind {dtype!r}")
        if is_text and int(width) > max([*lengths, 1]) + 1000:
            raise ModelFileError(f"it has cells of {width} letters for texts of {max(lengths)}")
        if not all(type(n) is int and n >= 0 for n in shape) or math.prod(shape) != len(cells):
            raise ModelFileError(f"it has {len(cells)} cells of the shape {shape!r}")
        array = np.empty(len(cells), dtype)
        array[:] = cells
        return array.reshape(shape)


_KINDS = {
    name.removeprefix("_read_")
    for name in vars(ValueReader)
    if name.startswith("_read_") and name != "_read_object"
}


def dump_json(node) -> bytes:
    """Return JSON as bytes; NaN has no place in it."""
    return json.dumps(node, allow_nan=False, separators=(",", ":")).encode("ascii")


def parse_json(content):
    """Return parsed JSON.

    Raises
    ------
    ModelFileError
        If it is no JSON, nested beyond measure, has NaN or infinity, or the same key twice.
    """
    try:
        return json.loads(
            content.decode("ascii"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"its JSON is not as it must be: {error}") from error


def no_such_object(value, where, _writer):
    """Refuse a value that is not plain."""
    raise TypeError(f"{where} is {describe(value)}, which cannot be saved.")


def _listed(node, key) -> list:
    if type(node[key]) is not list:
        raise TypeError(f"{key} must be a list")
    return node[key]


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large")
    return number


def _object(pairs):
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("an object has the same key twice")
    return result
