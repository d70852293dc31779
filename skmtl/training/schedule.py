"""What "auto" means for the number of epochs and the learning rate."""

import math

from skmtl._runtime.checks import as_count
from skmtl.data.tables import count_rows

LEARNING_RATE = 0.003
EPOCHS = 20
MIN_EPOCHS = 8
FULL_ROWS = 5000  # with more rows, fewer epochs do
CONSTANT_SHARE = 0.7  # of the epochs, before the learning rate falls


def auto_epochs(n_rows) -> int:
    """Return the number of epochs for a table of so many rows.

    Examples
    --------
    >>> auto_epochs(1000), auto_epochs(20_000), auto_epochs(1_000_000)
    (20, 10, 8)
    """
    share = math.sqrt(FULL_ROWS / max(n_rows, FULL_ROWS))
    return max(MIN_EPOCHS, round(EPOCHS * share))


def as_epochs(epochs, X) -> int:
    """Return a number of epochs, for "auto" the one that suits the rows of `X`.

    Raises
    ------
    TypeError, ValueError
        If it is neither "auto" nor a positive int.
    """
    if isinstance(epochs, str) and epochs == "auto":
        return auto_epochs(count_rows(X) or 0)
    return as_count("epochs", epochs)


def auto_learning_rates(n_epochs) -> list[float]:
    """Return the learning rate of each epoch: constant at first, then falling evenly towards 0.

    Examples
    --------
    >>> [round(rate, 4) for rate in auto_learning_rates(5)]
    [0.003, 0.003, 0.003, 0.003, 0.002]
    """
    falling = 1 - CONSTANT_SHARE
    return [LEARNING_RATE * min(1.0, (1 - epoch / n_epochs) / falling) for epoch in range(n_epochs)]
