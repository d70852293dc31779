"""Checks of parameters, which name the parameter, what is allowed and what was received."""

from numbers import Integral, Real


def check_choice(name: str, value, allowed: tuple) -> None:
    """Raise a ValueError unless `value` is one of `allowed`."""
    if not any(value is choice or value == choice for choice in allowed):
        known = ", ".join(repr(choice) for choice in allowed)
        raise ValueError(f"{name} must be one of {known}; got {value!r}.")


def check_int(name: str, value, smallest: int) -> None:
    """Raise unless `value` is an int of at least `smallest`."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(
            f"{name} must be an int >= {smallest}; got {type(value).__name__}: {value!r}."
        )
    if value < smallest:
        raise ValueError(f"{name} must be an int >= {smallest}; got {value!r}.")


def as_count(parameter, value, lowest=1) -> int:
    """Return an integer parameter, or say what it must be."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < lowest:
        raise ValueError(f"{parameter} must be an int >= {lowest}; got {value!r}.")
    return int(value)


def as_share(parameter, value) -> float:
    """Return a parameter in [0, 1), or say what it must be."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < 1:
        raise ValueError(f"{parameter} must be a number in [0, 1); got {value!r}.")
    return float(value)


def as_units(parameter, value) -> tuple[int, ...]:
    """Return layer widths as a tuple, or say what they must be."""
    if value is None:
        return ()
    widths = (value,) if isinstance(value, Integral) else value
    if isinstance(widths, str) or not hasattr(widths, "__iter__"):
        raise ValueError(f"{parameter} must be an int or a sequence of ints; got {value!r}.")
    return tuple(as_count(parameter, width) for width in widths)
