"""Which runs a comparison consists of."""

import copy
from numbers import Integral
from typing import NamedTuple

import joblib
import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator

from skmtl.model_selection import MultiTaskStratifiedKFold

from ._results_file import table_key, text_key


class PlannedRun(NamedTuple):
    """One technique on one split.

    Parameters
    ----------
    key : str
        Hash of all that determines the run.
    technique : str
        Its name.
    repeat, fold, seed : int
        Number of the repetition, of the split within it, and the repetition's seed.
    train, test : ndarray of int
        Rows.
    """

    key: str
    technique: str
    repeat: int
    fold: int
    seed: int
    train: np.ndarray
    test: np.ndarray


def plan_runs(techniques, X, y, *, cv, n_repeats, groups, random_state, metric):
    """Return the runs in order: all techniques on one split before the next split.

    Parameters
    ----------
    techniques, X, y, cv, n_repeats, groups, random_state, metric
        As in `compare_techniques`.

    Returns
    -------
    list of PlannedRun
        One per technique, repetition and split.
    """
    data, specifications = table_key(X, y), {n: describe(e) for n, e in techniques.items()}
    runs = []
    for repeat in range(n_repeats):
        seed = random_state + repeat
        for fold, (train, test) in enumerate(splits(cv, X, y, groups, seed)):
            train, test = np.asarray(train), np.asarray(test)
            where = joblib.hash([data, train.tolist(), test.tolist(), seed, text_key(metric)])
            for name, specification in specifications.items():
                key = joblib.hash([name, specification, where])
                runs.append(PlannedRun(key, name, repeat, fold, seed, train, test))
    return runs


def check_estimator(parameter, estimator):
    """Raise a TypeError unless it is an estimator, not its class."""
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise TypeError(f"{parameter} must be an estimator; got {estimator!r}.")


def describe(estimator):
    """Return a text of an estimator's class and all its parameters, nested ones included."""
    params = sorted(estimator.get_params(deep=True).items())
    options = ", ".join(f"{name}={text_key(value)}" for name, value in params)
    return f"{type(estimator).__qualname__}({options})"


def splits(cv, X, y, groups, seed):
    """Return pairs of training and test rows; an int and splitters that shuffle take the seed."""
    if isinstance(cv, Integral):
        cv = MultiTaskStratifiedKFold(cv, shuffle=True, random_state=seed)
    elif hasattr(cv, "split"):
        cv = copy.copy(cv)
        if hasattr(cv, "random_state") and getattr(cv, "shuffle", True):
            cv.random_state = seed
    else:
        return cv
    return cv.split(X, y, groups)


def as_written(thing, most=2000):
    """Return a technique or splitter as Python would write it, with the parameters that differ."""
    if isinstance(thing, list | tuple):
        return f"{len(thing)} pairs of rows"
    with config_context(print_changed_only=True):
        text = thing.__repr__(N_CHAR_MAX=most) if isinstance(thing, BaseEstimator) else repr(thing)
    return text if len(text) <= most else text[: most - 1] + "…"
