"""Checks of parameters, with scikit-learn's manners.

A wrong type is a TypeError, a wrong value a ValueError; both name the parameter, what is allowed
and what was received. NumPy's numbers are numbers; a bool is none.
"""

from collections.abc import Iterable
from numbers import Integral, Real

import numpy as np

from skmtl.exceptions import describe


def check_choice(parameter: str, value, allowed: tuple) -> None:
    """Raise a ValueError unless `value` is one of `allowed`."""
    if not any(value is choice or value == choice for choice in allowed):
        known = ", ".join(repr(choice) for choice in allowed)
        raise ValueError(f"{parameter} must be one of {known}; got {value!r}.")


def is_auto(value) -> bool:
    """Return whether a parameter is "auto"; an array compares to a text entry by entry."""
    return isinstance(value, str) and value == "auto"


def as_count(parameter: str, value, lowest: int = 1, *, also: str = "") -> int:
    """Return an integer of at least `lowest`; `also` begins the list of what is allowed."""
    allowed = f"{also}an int >= {lowest}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{parameter} must be {allowed}; got {describe(value)}.")
    if value < lowest:
        raise ValueError(f"{parameter} must be {allowed}; got {value!r}.")
    return int(value)


def as_number(
    parameter: str, value, *, low: float = -np.inf, high: float = np.inf, closed: str = "both"
) -> float:
    """Return a finite number of an interval.

    Parameters
    ----------
    parameter : str
        Name of the parameter.
    value : object
        Its value.
    low, high : float
        Ends of the interval.
    closed : {"both", "left", "right", "neither"}, default="both"
        Which ends belong to the interval.

    Examples
    --------
    >>> as_number("branch_dropout", 1.5, low=0, high=1, closed="left")
    Traceback (most recent call last):
    ValueError: branch_dropout must be a number in [0, 1); got 1.5.
    """
    has_low, has_high = closed in ("both", "left"), closed in ("both", "right")
    if low == -np.inf and high == np.inf:
        allowed = "a finite number"
    elif high == np.inf:
        allowed = f"a finite number {'>=' if has_low else '>'} {low}"
    else:
        allowed = f"a number in {'[' if has_low else '('}{low}, {high}{']' if has_high else ')'}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{parameter} must be {allowed}; got {describe(value)}.")
    is_inside = low < value < high or (has_low and value == low) or (has_high and value == high)
    if not is_inside or not np.isfinite(value):
        raise ValueError(f"{parameter} must be {allowed}; got {value!r}.")
    return float(value)


def as_seed(random_state) -> int:
    """Return an int as seed, without using the global random state of NumPy or Python."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0] % 2**31)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    is_int = isinstance(random_state, Integral) and not isinstance(random_state, bool)
    if is_int and 0 <= random_state < 2**32:
        return int(random_state)
    raise ValueError(
        "random_state must be None, an int in [0, 2**32) or a numpy RandomState; "
        f"got {random_state!r}."
    )


def as_share(parameter: str, value) -> float:
    """Return a number in [0, 1): what a dropout may be."""
    return as_number(parameter, value, low=0, high=1, closed="left")


def as_units(parameter: str, value) -> tuple[int, ...]:
    """Return layer widths, given as None, an int or a sequence of ints, as a tuple."""
    if value is None:
        return ()
    if isinstance(value, Integral):
        return (as_count(parameter, value),)
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise TypeError(f"{parameter} must be an int or a sequence of ints; got {describe(value)}.")
    refuse_iterator(parameter, value)
    return tuple(as_count(parameter, width) for width in value)


def refuse_iterator(parameter: str, value) -> None:
    """Raise a TypeError for a value that is empty once it was read.

    An estimator reads its parameters again in the next `fit`, and in every clone.
    """
    if isinstance(value, Iterable) and iter(value) is value:
        raise TypeError(
            f"{parameter} must be something that can be read more than once; got a "
            f"{type(value).__name__}. Make a list of it: list(...)."
        )
