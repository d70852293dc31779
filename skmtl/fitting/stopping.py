"""What early stopping goes by: a score, a loss, or a scorer of the user."""

import re
from dataclasses import replace
from numbers import Real

from skmtl.exceptions import describe
from skmtl.fitting.fitted import FittedNetwork
from skmtl.training.history import score_keys

SCORE = "val_score"  # what a scorer says of an epoch, in the history


def stopping_key(estimator, tasks) -> str | None:
    """Return the number of an epoch that early stopping goes by, None for the mean score.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameter `stopping_score` is checked.
    tasks : Tasks
        Names and kinds.

    Raises
    ------
    TypeError, ValueError
        If the parameter is neither None, a task, a number of validation rows, nor a callable.
    """
    value = estimator.stopping_score
    if value is None:
        return None
    if callable(value):
        return SCORE
    scores = score_keys(tasks.names, tasks.heads, "val_")
    by_task = dict(zip(tasks.names, scores, strict=True))
    keys = ["val_loss", *(f"val_{name}_loss" for name in tasks.names), *scores]
    if not isinstance(value, str):
        raise TypeError(
            f"stopping_score must be None, a string or a scorer; got {describe(value)}."
        )
    if value not in by_task and value not in keys:
        raise ValueError(
            f"stopping_score must be None, one of the tasks {list(tasks.names)}, one of {keys}, or "
            f"a scorer (estimator, X, y) -> float; got {value!r}."
        )
    return by_task.get(value, value)


def stopping_text(value) -> str | None:
    """Return a text that is equal for equal values of `stopping_score`, also in another process."""
    if value is None or isinstance(value, str):
        return value
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))  # without addresses


class EpochScorer:
    """Ask a scorer what it says of a network that is being trained.

    Parameters
    ----------
    estimator : MultiTaskBase
        With the scorer as `stopping_score`.
    fitted : FittedNetwork
        Columns, tasks and frozen backbones; its trained weights are not used.
    rows : RawRows
        The validation rows.
    """

    def __init__(self, estimator, fitted, rows):
        self.estimator = estimator
        self.fitted = fitted
        self.rows = rows

    def __call__(self, program) -> float:
        """Return the score of the network of a program as it is now.

        Raises
        ------
        TypeError
            If the scorer returns no number.
        """
        scorer = self.estimator.stopping_score
        options = {}
        if self.rows.sample_weight is not None:
            options["sample_weight"] = self.rows.sample_weight
        score = scorer(self._fitted_estimator(program), self.rows.X, self.rows.y, **options)
        if not isinstance(score, Real):
            raise TypeError(
                f"stopping_score must return a number, higher is better; got {describe(score)}."
            )
        return float(score)

    def _fitted_estimator(self, program):
        """Return the estimator as if the fit ended now; it is valid until the next step."""
        known = self.fitted
        network = replace(program.network, encoders=known.network.encoders)
        copy = object.__new__(type(self.estimator))
        vars(copy).update(vars(self.estimator))
        copy._keep(FittedNetwork(known.reader, known.tasks, known.spec, network, {}))
        return copy
