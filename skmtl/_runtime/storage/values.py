"""Plain values to JSON and back: a closed set of kinds, nothing that is looked up by name.

What JSON has is written as it is; everything else is an object with the key ``"$"`` that says its
kind.
"""

import base64
import math
from collections import UserList
from pathlib import Path, PurePath

import numpy as np

from skmtl._runtime.storage.arrays import has_numbers
from skmtl.exceptions import ModelFileError, describe, shortened

_SCALARS = {"bool", "float16", "float32", "float64", "str_"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_TYPES = {kind.__name__: kind for kind in (bool, int, float)} | {
    name: getattr(np, name) for name in sorted(_SCALARS) if name not in ("bool", "str_")
}
_FREE_BYTES = 2**22  # that the fixed-width texts of a file may take, whatever its length
_BYTES_PER_BYTE = 16  # and for every byte of JSON


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
        if isinstance(value, UserList):  # scikit-learn 1.6 has the remaining columns in one
            value = value.data
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
        if isinstance(value, type) and _TYPES.get(value.__name__) is value:
            return {"$": "type", "name": value.__name__}
        if isinstance(value, np.dtype) and (value.kind == "O" or value.name in _SCALARS):
            return {"$": "dtype", "name": value.name}
        return self._write_object(value, where, self)

    def array(self, array) -> dict:
        """Keep an array of numbers and return its JSON."""
        array = np.asarray(array)
        if array.dtype.name == "bfloat16":  # which NumPy's format does not know
            return {**self.array(array.view(np.uint16)), "as": "bfloat16"}
        if array.ndim == 2 and array.strides[0] < array.strides[1]:
            # kept, since the last bit of a matrix product depends on it
            return {**self.array(array.T), "order": "F"}
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
        The arrays kept beside the JSON; each may be named once, so that what is made of a file is
        no larger than the file.
    n_bytes : int
        Length of the JSON.
    read_object : callable
        From (JSON object, reader) to a value, for kinds that are not plain.
    allow_paths : bool, default=True
        Whether a value may be a path.
    """

    def __init__(self, arrays, n_bytes, read_object, *, allow_paths=True):
        self._arrays = arrays
        self._read_object = read_object
        self._bytes_left = _FREE_BYTES + _BYTES_PER_BYTE * n_bytes
        self.allow_paths = allow_paths
        self.unused = set(range(len(arrays)))

    def read(self, node):
        """Return the value of a piece of JSON."""
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is list:
            return [self.read(part) for part in node]
        kind = node.get("$")
        method = _KINDS.get(kind) if isinstance(kind, str) else None
        return self._read_object(node, self) if method is None else method(self, node)

    def _read_float(self, node):
        return _FLOATS[node["value"]]

    def _read_tuple(self, node):
        return tuple(self.read(_listed(node, "values")))

    def _read_set(self, node):
        return set(_spread(self.read(_listed(node, "values"))))

    def _read_frozenset(self, node):
        return frozenset(_spread(self.read(_listed(node, "values"))))

    def _read_dict(self, node):
        return {key: self.read(value) for key, value in node["of"].items()}

    def _read_items(self, node):
        keys, values = self.read(_listed(node, "keys")), self.read(_listed(node, "values"))
        return dict(zip(_spread(keys), values, strict=True))

    def _read_bytes(self, node):
        return base64.b64decode(node["value"], validate=True)

    def _read_path(self, node):
        if not self.allow_paths:
            raise ModelFileError(
                f"it names a place to read from, {shortened(node['value'])}; if you trust the "
                "file, load(path, allow_paths=True) allows that"
            )
        return Path(node["value"])

    def _read_scalar(self, node):
        dtype, value = node["dtype"], self.read(node["value"])
        if not isinstance(dtype, str) or dtype not in _SCALARS:
            raise ModelFileError(f"it has a scalar of the kind {shortened(dtype)}")
        if type(value) not in (bool, int, float, str):
            raise ModelFileError(f"it has a scalar that is {describe(value)}")
        return getattr(np, dtype)(value)

    def _read_type(self, node):
        return _TYPES[node["name"]]

    def _read_dtype(self, node):
        name = node["name"]
        if name != "object" and name not in _SCALARS:
            raise ModelFileError(f"it names the dtype {shortened(name)}")
        return np.dtype(name)

    def _read_array(self, node):
        number = node["number"]
        if type(number) is not int or not 0 <= number < len(self._arrays):
            raise ModelFileError(f"it names the array {shortened(number)} of {len(self._arrays)}")
        if number not in self.unused:
            raise ModelFileError(f"it names the array {number} twice")
        self.unused.discard(number)
        array = self._arrays[number]
        if node.get("order") == "F":
            array = array.T
        if "as" not in node:
            return array
        if node["as"] != "bfloat16" or array.dtype != np.uint16:
            raise ModelFileError(f"it has {array.dtype} as {shortened(node['as'])}")
        import ml_dtypes

        return array.view(ml_dtypes.bfloat16)

    def _read_cells(self, node):
        dtype, shape, cells = node["dtype"], node["shape"], self.read(_listed(node, "values"))
        width = dtype.removeprefix("<U").removeprefix(">U")
        is_text = dtype[:2] in ("<U", ">U") and width.isdigit() and len(width) < 10
        if dtype != "O" and not (is_text and all(isinstance(cell, str) for cell in cells)):
            raise ModelFileError(f"it has cells of the kind {shortened(dtype)}")
        if not all(type(n) is int and n >= 0 for n in shape) or math.prod(shape) != len(cells):
            raise ModelFileError(f"it has {len(cells)} cells of the shape {shortened(shape)}")
        if is_text:
            self._bytes_left -= np.dtype(dtype).itemsize * len(cells)
            if self._bytes_left < 0:
                raise ModelFileError(
                    f"it has {len(cells)} cells of {width} letters, more than its length allows"
                )
        array = np.empty(len(cells), dtype)
        for place, cell in enumerate(cells):  # at once, lists of one length would become a table
            array[place] = cell
        return array.reshape(shape)


_KINDS = {
    kind: getattr(ValueReader, f"_read_{kind}")
    for kind in (
        "float",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "items",
        "bytes",
        "path",
        "scalar",
        "type",
        "dtype",
        "array",
        "cells",
    )
}


def no_such_object(value, where, _writer):
    """Refuse a value that is not plain."""
    raise TypeError(f"{where} is {describe(value)}, which cannot be saved.")


def _listed(node, key) -> list:
    if type(node[key]) is not list:
        raise TypeError(f"{key} must be a list")
    return node[key]


def _spread(keys) -> list:
    """Return keys of a set or dict, refused where they would collide: time grows as the square."""
    if len({hash(key) for key in keys}) < len(keys) / 2:
        raise ModelFileError(f"it has a set or dict whose {len(keys)} keys are alike")
    return keys
