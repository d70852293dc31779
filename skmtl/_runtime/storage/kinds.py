"""Whether a value is of a kind, where the kind is written as a type annotation."""

from numbers import Integral, Real
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin


def is_of_kind(value, kind) -> bool:
    """Return whether a value, and everything within it, is of a kind.

    Parameters
    ----------
    value : object
        What to look at.
    kind : type or annotation
        ``Any``, None, a class, a union ``a | b``, ``Literal["a", "b"]``, ``list[a]``, ``set[a]``,
        ``dict[a, b]``, ``tuple[a, b]``, ``tuple[a, ...]`` or ``NotRequired[a]``. A bool is neither
        an int nor a float; an int is a float, and NumPy's numbers count as numbers.
        ``Annotated[np.ndarray, "f", "rows", "columns"]`` is an array of floats with two axes: the
        first text lists the kinds of dtype, the others name the lengths; see `mismatch`.

    Examples
    --------
    >>> from skmtl._runtime.storage.kinds import is_of_kind
    >>> is_of_kind((3, 4), tuple[int, ...]), is_of_kind((3, True), tuple[int, ...])
    (True, False)
    """
    if kind is Any:
        return True
    if kind is None or kind is type(None):
        return value is None
    origin, parts = get_origin(kind), get_args(kind)
    if origin is NotRequired:
        return is_of_kind(value, parts[0])
    if origin in (UnionType, Union):  # the second is that of a Literal
        return any(is_of_kind(value, part) for part in parts)
    if origin is Annotated:
        dtypes, *lengths = kind.__metadata__
        is_array = isinstance(value, parts[0]) and value.dtype.kind in dtypes
        return is_array and value.ndim == len(lengths)
    if origin is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if origin is None:
        if kind in (int, float):
            number = Integral if kind is int else Real
            return isinstance(value, number) and not isinstance(value, bool)
        return isinstance(value, kind)
    if type(value) is not origin:
        return False
    if origin is dict:
        return all(is_of_kind(k, parts[0]) and is_of_kind(v, parts[1]) for k, v in value.items())
    if origin is tuple and parts[1:] != (Ellipsis,):
        return len(value) == len(parts) and all(map(is_of_kind, value, parts))
    return all(is_of_kind(one, parts[0]) for one in value)


def mismatch(values, kinds) -> str | None:
    """Return what is wrong with named values, None if nothing is.

    Parameters
    ----------
    values : dict of str to object
        The values.
    kinds : dict of str to kind
        What must be there; ``NotRequired[a]`` may be. Lengths of arrays that have one name must be
        equal, and equal to the whole number of that name, if there is one.
    """
    for name, value in values.items():
        if name not in kinds:
            return f"unknown field {name!r}"
        if not is_of_kind(value, kinds[name]):
            kind = kinds[name]
            kind = get_args(kind)[0] if get_origin(kind) is NotRequired else kind
            wanted = kind.__name__ if isinstance(kind, type) else str(kind)
            return f"{name} must be {wanted}; got {type(value).__name__}"
    for name, kind in kinds.items():
        if name not in values and get_origin(kind) is not NotRequired:
            return f"{name} is missing"
    return _length_mismatch(values, kinds)


def _length_mismatch(values, kinds) -> str | None:
    known = {name: value for name, value in values.items() if is_of_kind(value, int)}
    for name, value in values.items():
        kind = next((part for part in _arrays_of(kinds[name]) if is_of_kind(value, part)), None)
        if kind is None:
            continue
        for length, n in zip(kind.__metadata__[1:], value.shape, strict=True):
            if known.setdefault(length, n) != n:
                return f"{name} has the length {n} where {length} is {known[length]}"
    return None


def _arrays_of(kind) -> list:
    """Return the annotated arrays among which a kind chooses."""
    if get_origin(kind) is Annotated:
        return [kind]
    if get_origin(kind) in (NotRequired, UnionType, Union):
        return [array for part in get_args(kind) for array in _arrays_of(part)]
    return []
