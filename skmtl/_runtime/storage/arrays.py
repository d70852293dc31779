"""Arrays in NumPy's own format, read without pickle and without trust in their headers."""

import io
import math

import numpy as np

from skmtl.exceptions import ModelFileError

_KINDS = "biuf"
_MAX_DIMENSIONS = 32


def write_array(array, file):
    """Write an array of numbers or bools."""
    np.lib.format.write_array(file, np.ascontiguousarray(array).reshape(array.shape), (1, 0))


def has_numbers(array) -> bool:
    """Return whether an array can be a separate member."""
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
    if dtype.subdtype or not has_numbers(np.empty(0, dtype)):
        raise ModelFileError(f"its member {name!r} holds {dtype}, not plain numbers")
    is_shape = len(shape) <= _MAX_DIMENSIONS and all(type(n) is int and n >= 0 for n in shape)
    if (
        is_fortran
        or not is_shape
        or math.prod(shape) * dtype.itemsize != len(content) - file.tell()
    ):
        raise ModelFileError(
            f"its member {name!r} has {len(content) - file.tell()} bytes, which do not fit the "
            f"shape {shape} of {dtype}"
        )
    try:
        return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape).copy()
    except ValueError as error:  # no elements, and another length that overflows
        raise ModelFileError(f"its member {name!r} has the shape {shape}: {error}") from error
