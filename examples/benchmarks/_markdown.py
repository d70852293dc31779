"""Tables in Markdown, a row as soon as it is known."""

import numpy as np

from skmtl.comparison import corrected_interval


def line(cells):
    """Return a row of a Markdown table; fractions have three digits."""
    texts = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells)
    return "| " + " | ".join(texts) + " |"


def row(*cells):
    """Print a row of a Markdown table."""
    print(line(cells), flush=True)


def header(*cells):
    """Print the head of a Markdown table."""
    row(*cells)
    row(*["---"] * len(cells))


def in_points(gaps, test_share=0.0):
    """Return the mean of paired differences, in points, and half of its 95 % interval as text."""
    mean = f"{np.mean(gaps):+.1f}"
    if len(gaps) < 2:
        return mean
    return f"{mean} ± {np.ptp(corrected_interval(gaps, test_share)) / 2:.1f}"
