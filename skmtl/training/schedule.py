"""What "auto" means for the number of epochs and the learning rate."""

import math
from dataclasses import dataclass

import keras

from skmtl._runtime.checks import as_count, is_auto
from skmtl.data.tables import count_rows

LEARNING_RATE = 0.003
EPOCHS = 20
MIN_EPOCHS = 8
FULL_ROWS = 5000  # with more rows, fewer epochs do
CONSTANT_SHARE = 0.7  # of the epochs, before the learning rate falls
WARMUP_SHARE = 0.1  # of the epochs, before the learning rate of "warmup_cosine" falls
_RATE_SETTERS = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)


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
    if is_auto(epochs):
        return auto_epochs(count_rows(X) or 0)
    return as_count("epochs", epochs, also='"auto" or ')


@dataclass(frozen=True)
class AutoSchedule:
    """The schedule "auto": constant at first, then falling evenly towards 0, epoch by epoch.

    Parameters
    ----------
    n_epochs : int
        Number of epochs of the fit.

    Examples
    --------
    >>> [round(AutoSchedule(5).of_epoch(epoch), 4) for epoch in range(5)]
    [0.003, 0.003, 0.003, 0.003, 0.002]
    """

    n_epochs: int
    key = "auto"  # more epochs may continue from a checkpoint: the first ones are the same

    def of_epoch(self, epoch) -> float:
        """Return the learning rate at the beginning of an epoch."""
        falling = 1 - CONSTANT_SHARE
        return LEARNING_RATE * min(1.0, (1 - epoch / self.n_epochs) / falling)

    def of_steps(self, epoch, n_steps) -> None:
        """Return None: the learning rate is the same in all steps of an epoch."""


@dataclass(frozen=True)
class WarmupCosine:
    """The schedule "warmup_cosine": a line from 0 up, then half a cosine wave to 0, step by step.

    The middle of a step counts, so that no step has a learning rate of 0.

    Parameters
    ----------
    n_epochs : int
        Number of epochs of the fit.

    Examples
    --------
    >>> [round(rate, 5) for rate in WarmupCosine(1).of_steps(0, 10)]
    [0.0015, 0.00298, 0.0028, 0.00246, 0.00201, 0.0015, 0.00099, 0.00054, 0.0002, 2e-05]
    """

    n_epochs: int

    @property
    def key(self) -> str:
        """Equal for equal learning rates."""
        return repr(self)

    def of_epoch(self, epoch) -> float:
        """Return the learning rate at the beginning of an epoch."""
        return self._after(epoch / self.n_epochs)

    def of_steps(self, epoch, n_steps) -> list[float]:
        """Return the learning rate of each step of an epoch."""
        middles = [(epoch + (step + 0.5) / n_steps) / self.n_epochs for step in range(n_steps)]
        return [self._after(done) for done in middles]

    def _after(self, done) -> float:
        """Return the learning rate where a share of the training is done."""
        if done < WARMUP_SHARE:
            return LEARNING_RATE * done / WARMUP_SHARE
        falling = (done - WARMUP_SHARE) / (1 - WARMUP_SHARE)
        return LEARNING_RATE * (1 + math.cos(math.pi * falling)) / 2


SCHEDULES = {"auto": AutoSchedule, "warmup_cosine": WarmupCosine}


def learning_rate_schedule(
    learning_rate, n_epochs, *, stops_early=False, continues=False, callbacks=()
):
    """Return the schedule of a fit, None if the learning rate is left to the optimizer.

    Parameters
    ----------
    learning_rate : object
        The estimator's parameter.
    n_epochs : int
        Number of epochs of the fit.
    stops_early : bool, default=False
        Whether early stopping may end the fit before; "auto" is constant then.
    continues : bool, default=False
        Whether it is `partial_fit`; "auto" is constant then.
    callbacks : sequence of keras.callbacks.Callback
        Of the fit.

    Raises
    ------
    ValueError
        If the schedule needs to know the end of the training, and there is none, or a callback
        would set the learning rate as well.

    Examples
    --------
    >>> learning_rate_schedule("warmup_cosine", 20)
    WarmupCosine(n_epochs=20)
    """
    if not isinstance(learning_rate, str):
        return None
    if learning_rate == "auto":
        made = None if stops_early or continues else AutoSchedule(n_epochs)
    elif continues:
        raise ValueError(
            "learning_rate must be a number, a schedule of Keras, None or 'auto' for partial_fit, "
            f"which does not know how many steps follow; got {learning_rate!r}."
        )
    else:
        made = SCHEDULES[learning_rate](n_epochs)
    rivals = [type(one).__name__ for one in callbacks if isinstance(one, _RATE_SETTERS)]
    if made and rivals:
        raise ValueError(
            f"callbacks: {rivals[0]} sets the learning rate, and so does learning_rate="
            f"{learning_rate!r}; pass a number for it, such as {LEARNING_RATE}."
        )
    return made
