"""Checks of parameters, which name the parameter, what is allowed and what was received."""

from numbers import Integral


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
