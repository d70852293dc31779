"""From a parameter's value (None, a name or an object) to an object."""

from collections.abc import Mapping
from typing import Any

from skmtl.exceptions import describe


def resolve(value: Any, registry: Mapping[str, type], *, parameter: str, base: type, options=None):
    """Return the object that a parameter names.

    Parameters
    ----------
    value : str or instance of `base`
        A key of `registry`, or an object that is returned as it is.
    registry : mapping of str to type
        The known names.
    parameter : str
        Name of the parameter, for the error text.
    base : type
        Class that an object must be an instance of.
    options : dict, optional
        Constructor options; with an object they are set on it (`set_params`).

    Returns
    -------
    object
        An instance of `base`.

    Raises
    ------
    ValueError
        If the name or an option is unknown; the message lists the known ones.
    TypeError
        If `value` is neither a name nor an instance of `base`.
    """
    options = options or {}
    if isinstance(value, str):
        if value not in registry:
            known = ", ".join(repr(name) for name in sorted(registry))
            raise ValueError(
                f"{parameter} must be one of {known}, or a {base.__name__}; got {value!r}."
            )
        return registry[value]().set_params(**options)
    if isinstance(value, base):
        return value.set_params(**options) if options else value
    raise TypeError(f"{parameter} must be a name or a {base.__name__}; got {describe(value)}.")
