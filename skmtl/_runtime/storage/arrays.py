"""Arrays in NumPy's own format, read without pickle and without trust in their headers."""

import io
import math

import numpy as np

from skmtl.exceptions import ModelFileError

_KINDS = "biuf"


def write_array(array, file):
    """Write an array of numbers or bools."""
    np.lib.format.write_array(file, np.ascontiguousarray(array).reshape(array.shape), (1, 0))


def has_numbers(array) -> bool:
    """Return whether an array can be a member of its own."""
    return array.dtype.kind in _KINDS and array.dtype.isnative and array.dtype.names is None


def read_array(content, name) -> np.ndarray:
    """Return the array of a member.

    Parameters
    ----------
    content : bytes
        The member's content.
    name : str
        For the error text.

    Raises
    ------
    ModelFileError
        If it is no array of numbers, or its header does not fit its length.
    """
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"version {version}")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except Exception as error:  # NumPy parses a literal: what that raises is not documented
        raise ModelFileError(f"its member {name!r} is no array: {error}") from error
    if dtype.hasobject or dtype.kind not in _KINDS or dtype.names or dtype.subdtype:
        raise ModelFileError(f"its member {name!r} holds {dtype}, not plain numbers")
    is_shape = all(type(n) is int and n >= 0 for n in shape)
    if (
        is_fortran
        or not is_shape
        or math.prod(shape) * dtype.itemsize != len(content) - file.tell()
    ):
        raise ModelFileError(
            f"its member {name!r} has {len(content) - file.tell()} bytes, which do not fit the "
            f"shape {shape} of {dtype}"
        )
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape).copy()
