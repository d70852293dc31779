"""What early stopping watches: a score, a loss, or a scorer of the user."""

import re
from numbers import Real

from skmtl.exceptions import describe
from skmtl.fitting.fitted import FittedNetwork
from skmtl.network.weights import NetworkWeights
from skmtl.training.history import score_keys

SCORE = "val_score"  # name in the history of what a scorer returns


def stopping_key(estimator, tasks) -> str | None:
    """Return the name in the history of what early stopping watches, None for the mean score.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameter `stopping_score` is checked.
    tasks : Tasks
        Names and kinds.

    Raises
    ------
    TypeError, ValueError
        If the parameter is neither None, a task, a name in the history, nor a callable.
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
    """Return a text that is the same for the same `stopping_score`, also in another process."""
    if value is None or isinstance(value, str):
        return value
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))  # without addresses


class EpochScorer:
    """Calls a scorer with a network that is being trained.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its `stopping_score` is the scorer.
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
        """Return the score of a program's network as it is now.

        Raises
        ------
        TypeError
            If the scorer does not return a number.
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
        """Return the estimator as if the fit ended now; it can be used until the next step."""
        known = self.fitted
        weights = NetworkWeights(known.spec, program.values(), known.weights.encoders)
        copy = object.__new__(type(self.estimator))
        vars(copy).update(vars(self.estimator))
        copy._keep(FittedNetwork(known.reader, known.tasks, weights, {}))
        return copy
