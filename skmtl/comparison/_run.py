"""One technique, fitted, timed and scored on one split."""

import time

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from skmtl.metrics._task_view import Responses

from ._memory import MemoryRise

_QUICK_SECONDS = 1.0  # a quicker prediction is repeated: the first one may trace or warm up


def run_once(estimator, X, y, train, test, *, seed, scorers, look=None):
    """Fit a seeded clone, predict, and score every task.

    Parameters
    ----------
    estimator : estimator
        The technique; it is cloned.
    X, y : tables of n_samples rows
        Cells and labels.
    train, test : ndarray of int
        Rows of the two parts.
    seed : int
        For every `random_state` of the clone.
    scorers : dict of str to TaskScorer
        By task.
    look : callable, optional
        Returns a dict of what else to keep of the fitted model.

    Returns
    -------
    dict
        ``scores`` by task (None without a labelled test row), and the costs: ``fit_seconds``,
        ``predict_ms_per_row``, ``memory_mib``, ``n_parameters`` (None where unknown).
    """
    X_train, X_test = _safe_indexing(X, train), _safe_indexing(X, test)
    y_train, y_test = _safe_indexing(y, train), _safe_indexing(y, test)
    model = seeded_clone(estimator, seed)
    with MemoryRise() as memory:
        fit_seconds = _timed(lambda: model.fit(X_train, y_train))
        responses = Responses(model, X_test)
        predict_seconds = _timed(lambda: responses.ask("predict"))
    if predict_seconds < _QUICK_SECONDS:
        predict_seconds = min(predict_seconds, _timed(lambda: model.predict(X_test)))
    scores = {t: scorer.score_responses(responses, y_test) for t, scorer in scorers.items()}
    return {
        "scores": {task: _or_none(score) for task, score in scores.items()},
        "fit_seconds": fit_seconds,
        "predict_ms_per_row": 1000 * predict_seconds / len(test),
        "memory_mib": _or_none(memory.rise_mib),
        "n_parameters": count_parameters(model),
        **({} if look is None else look(model)),
    }


def seeded_clone(estimator, seed):
    """Return a clone whose every `random_state`, nested ones included, is `seed`."""
    model = clone(estimator)
    names = [
        name
        for name in model.get_params(deep=True)
        if name == "random_state" or name.endswith("__random_state")
    ]
    return model.set_params(**dict.fromkeys(names, seed))


def count_parameters(model):
    """Return the number of fitted parameters of a model, or None where it is unknown.

    Parameters
    ----------
    model : estimator
        Fitted. Counted are `n_parameters_`, or else the coefficients of linear models and
        scikit-learn's networks, also inside a Pipeline, a search, or one model per task.

    Returns
    -------
    int or None
        Of a Pipeline only the last step counts.
    """
    if hasattr(model, "n_parameters_"):
        return int(model.n_parameters_)
    if isinstance(model, Pipeline):
        return count_parameters(model.steps[-1][1])
    if hasattr(model, "best_estimator_"):
        return count_parameters(model.best_estimator_)
    if isinstance(getattr(model, "estimators_", None), list):
        counts = [count_parameters(part) for part in model.estimators_]
        return None if None in counts else sum(counts)
    for weights, biases in (("coef_", "intercept_"), ("coefs_", "intercepts_")):
        if hasattr(model, weights):
            arrays = [getattr(model, weights), getattr(model, biases, 0)]
            parts = [part for a in arrays for part in (a if isinstance(a, list) else [a])]
            return int(sum(np.size(part) for part in parts))
    return None


def _timed(call):
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _or_none(number):
    return None if np.isnan(number) else float(number)
