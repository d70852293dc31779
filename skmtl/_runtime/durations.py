"""Durations for people."""


def format_seconds(seconds) -> str:
    """Return a duration in its two largest units.

    Parameters
    ----------
    seconds : float
        The duration.

    Examples
    --------
    >>> format_seconds(3.2), format_seconds(75), format_seconds(3720)
    ('3 s', '1 min 15 s', '1 h 02 min')
    """
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
