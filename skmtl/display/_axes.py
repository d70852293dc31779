"""Axes to draw on, and colours of tasks."""

import numpy as np

# Okabe & Ito (2008), distinct with any colour vision, and two more
COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#000000", "#999933", "#882255", "#8C6D31",
)  # fmt: skip
GREY = "#9a9a9a"


def colour(number):
    """Return the colour of the n-th task or candidate."""
    return COLOURS[number % len(COLOURS)]


def make_axes(ax, n_rows, n_columns, *, size, **options):
    """Return the axes to draw on.

    Parameters
    ----------
    ax : None, Axes or array-like of Axes
        The caller's axes, ``n_rows * n_columns`` of them; None makes a new figure.
    n_rows, n_columns : int
        Panels.
    size : tuple of float
        Width and height of one panel of a new figure, in inches.
    **options : dict
        For `matplotlib.pyplot.subplots`.

    Returns
    -------
    ndarray of Axes, shape (n_rows * n_columns,)
        Row by row.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the number of axes is not that of the panels.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("Figures need matplotlib; pip install matplotlib.") from error
    if ax is None:
        # not "constrained": with images its first pass cuts labels off
        _, axes = plt.subplots(
            n_rows,
            n_columns,
            figsize=(size[0] * n_columns, size[1] * n_rows),
            layout="compressed",
            squeeze=False,
            **options,
        )
        return axes.ravel()
    axes = np.array(ax, dtype=object).ravel()
    if len(axes) != n_rows * n_columns:
        raise ValueError(f"ax must hold {n_rows * n_columns} axes, one per panel; got {len(axes)}.")
    return axes
