"""Options of a named backbone, checked against the function that builds it."""

import inspect


def check_options(build, options, *, parameter, name):
    """Return the options as a dict, or say which one `build` does not know.

    Parameters
    ----------
    build : callable
        Its keyword-only parameters are the options.
    options : dict or None
        Values by name.
    parameter : str
        The parameter whose double-underscore form carries the options.
    name : str
        Name of the backbone.

    Raises
    ------
    ValueError
        If an option is unknown; the text lists the known ones.
    """
    known = [
        option.name
        for option in inspect.signature(build).parameters.values()
        if option.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    options = dict(options or {})
    for option in options:
        if option not in known:
            allowed = ", ".join(f"{parameter}__{key}" for key in known) or "none"
            raise ValueError(
                f"{parameter}__{option} is not an option of the backbone {name!r}; its options: "
                f"{allowed}."
            )
    return options
