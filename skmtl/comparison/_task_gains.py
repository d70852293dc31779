"""Which tasks gain by sharing a network, on the user's own rows."""

from collections.abc import Callable, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import indexable
from sklearn.utils.parallel import Parallel, delayed

from skmtl._runtime.checks import as_count, as_number, check_choice
from skmtl._runtime.types import Labels, Rows, Weights
from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels
from skmtl.metrics._scorers import TaskScorer
from skmtl.metrics._task_view import find_attribute

from ._gains import ALL, TaskGains
from ._plan import splits
from ._progress import progress_printer
from ._run import run_once
from ._single_task import OneModelPerTask, for_tasks

_AGGREGATOR = "gradient_aggregator"
_COSINE = "_gradient_cosine"


def task_gains(
    estimator: Any,
    X: Rows,
    y: Labels,
    *,
    cv: Any = 5,
    n_repeats: int = 1,
    metric: str | Callable[..., float] = "default",
    pairs: str | Sequence[tuple[str, str]] = "predicted",
    groups: Weights = None,
    missing_label: Any = None,
    random_state: int = 0,
    confidence: float = 0.95,
    n_jobs: int | None = None,
    verbose: int = 1,
) -> TaskGains:
    r"""Measure what each task gains by sharing a network with the others.

    On every split, the estimator is fitted on all tasks together and on every task alone; the gain
    of a task is its score together minus its score alone. What it gains beside a single other task
    is measured, too, or else predicted from the gradients of the fit on all tasks:

    .. math:: \hat g_{i \to j} = \frac{g_j}{T - 1}
              + \beta \Big(c_{ij} - \frac{1}{T - 1} \sum_{k \ne j} c_{kj}\Big)

    where :math:`g_j` is the gain of task :math:`j` beside the :math:`T - 1` others and
    :math:`c_{ij}` the mean cosine between the gradients of two tasks by the shared variables.

    Parameters
    ----------
    estimator : estimator
        Any classifier or regressor of several tasks, also in a Pipeline; it is cloned.
    X : table of n_samples rows
        What the estimator takes.
    y : DataFrame or array-like of shape (n_samples, n_tasks)
        Labels of two tasks or more; a missing one leaves its row out of its task.
    cv : int, splitter or list of (train, test), default=5
        As in `compare_techniques`.
    n_repeats : int, default=1
        How many times to split, each time with another seed for the folds and for every
        `random_state` inside the estimator.
    metric : str or scorer, default="default"
        As in `skmtl.metrics.make_task_scorer`; "default" is the accuracy of classes, the
        micro-averaged F1 of tags and R² of numbers.
    pairs : {"predicted", "measured"} or sequence of (str, str), default="predicted"
        "measured" fits every pair of tasks on every split, a sequence those pairs.
    groups : array-like of shape (n_samples,), optional
        For the splitter.
    missing_label : str, number or bool, optional
        A label that means *missing*, besides None, NaN and NA.
    random_state : int, default=0
        Seed of the first repetition; the next ones count on from there.
    confidence : float, default=0.95
        Coverage of the intervals.
    n_jobs : int, default=None
        Number of fits at a time, as joblib understands it. Scores do not depend on it.
    verbose : int, default=1
        0 prints nothing; 1 prints a line per fit, with the time left.

    Returns
    -------
    TaskGains
        Gains by task and by pair, with intervals, and a recommendation.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or `y` has a single task.

    Notes
    -----
    With `pairs="predicted"` this takes ``n_tasks + 1`` fits a split. The cosines come from an
    estimator with a parameter `gradient_aggregator`; where that is None, it is "sum" for the fit on
    all tasks, which trains as before. Where branches are frozen and heads stand on features, tasks
    share no variables, and there is nothing to predict from. With a `feature_cache`, backbones
    pass each row once for all fits.

    References
    ----------
    Fifty et al. 2021, "Efficiently identifying task groupings for multi-task learning",
    arXiv:2109.04617.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import task_gains
    >>> X, kind = load_iris(return_X_y=True, as_frame=True)
    >>> y = kind.to_frame("kind").assign(wide=X["sepal width (cm)"] > 3)
    >>> found = task_gains(DecisionTreeClassifier(random_state=0), X, y, verbose=0)
    >>> found.gains[["alone", "together"]].round(2).to_numpy().tolist()
    [[0.95, 0.95], [1.0, 1.0]]
    """
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise TypeError(f"estimator must be an estimator; got {estimator!r}.")
    for name, value, least in (("n_repeats", n_repeats, 1), ("random_state", random_state, 0)):
        as_count(name, value, least)
    as_number("confidence", confidence, low=0, high=1, closed="neither")
    X, y, groups = indexable(as_pandas(X), as_pandas(y), groups)
    labels = read_labels(y, missing_label=missing_label)
    tasks = labels.names
    if len(tasks) < 2:
        raise ValueError(f"y must have two tasks or more to gain by each other; got {tasks}.")
    # labels of one kind keep their dtype: scikit-learn's estimators refuse objects
    frame = pd.DataFrame(
        {c.name: c.values if c.is_labelled.all() else c.with_none() for c in labels.columns}
    )
    settings = {ALL: tasks} | {f"{task} alone": [task] for task in tasks}
    settings |= {" and ".join(pair): list(pair) for pair in _pairs(pairs, tasks)}
    models = {
        name: for_tasks(estimator, some, tasks) if len(some) > 1 else OneModelPerTask(estimator)
        for name, some in settings.items()
    }
    models[ALL] = _with_cosines(models[ALL])
    scorers = {task: TaskScorer(task, metric) for task in tasks}
    todo = [
        (name, repeat, fold, random_state + repeat, np.asarray(train), np.asarray(test))
        for repeat in range(n_repeats)
        for fold, (train, test) in enumerate(splits(cv, X, frame, groups, random_state + repeat))
        for name in settings
    ]
    report = progress_printer(len(todo), 0, verbose)
    calls = (
        delayed(_fit)(place, models[one[0]], X, frame, settings[one[0]], scorers, *one[3:])
        for place, one in enumerate(todo)
    )
    outcomes = [{}] * len(todo)
    for place, outcome in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(calls):
        outcomes[place] = outcome
        report(todo[place][0], _in_words(outcome))
    rows, cosines = [], []
    for (name, repeat, fold, seed, train, test), outcome in zip(todo, outcomes, strict=True):
        costs = {"fit_seconds": outcome["fit_seconds"], "n_parameters": outcome["n_parameters"]}
        sizes = {"n_train": len(train), "n_test": len(test)}
        where = {"setting": name, "repeat": repeat, "fold": fold, "seed": seed}
        rows += [
            {**where, "task": task, "score": outcome["scores"][task], **costs, **sizes}
            for task in settings[name]
        ]
        cosines += [outcome["cosines"]] if outcome["cosines"] else []
    runs = pd.DataFrame(rows).astype({"score": float, "n_parameters": float})
    return TaskGains(runs, cosines=_mean_cosines(cosines, tasks), confidence=confidence)


def _pairs(pairs, tasks):
    """Return the pairs to fit."""
    if isinstance(pairs, str):
        check_choice("pairs", pairs, ("predicted", "measured"))
        return [] if pairs == "predicted" else list(combinations(tasks, 2))
    for pair in pairs:
        if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(tasks):
            raise ValueError(f"pairs must hold pairs of the tasks {tasks}; got {pair!r}.")
    return [tuple(pair) for pair in pairs]


def _with_cosines(estimator):
    """Return an estimator that records the cosines between task gradients, if it can."""
    params = estimator.get_params(deep=True)
    names = [n for n in params if n.rpartition("__")[2] == _AGGREGATOR and params[n] is None]
    return estimator.set_params(**dict.fromkeys(names, "sum"))


def _fit(place, estimator, X, y, tasks, scorers, seed, train, test):
    """Return the place of a fit, and what came of it."""
    rows = y[tasks].notna().any(axis=1).to_numpy()[train]
    scorers = {task: scorers[task] for task in tasks}
    return place, run_once(
        estimator, X, y[tasks], train[rows], test, seed=seed, scorers=scorers, look=_cosines
    )


def _cosines(model):
    """Return the mean of each cosine over the epochs."""
    history = find_attribute(model, "history_") or {}
    return {
        "cosines": {
            tuple(name.removesuffix(_COSINE).split("|")): float(np.nanmean(values))
            for name, values in history.items()
            if name.endswith(_COSINE)
        }
    }


def _mean_cosines(found, tasks):
    """Return a frame of tasks by tasks, or None."""
    if not found:
        return None
    frame = pd.DataFrame(np.eye(len(tasks)), tasks, tasks)
    for first, second in permutations(tasks, 2):
        values = [one.get((first, second), one.get((second, first))) for one in found]
        frame.loc[first, second] = float(np.mean(values))
    return frame


def _in_words(outcome):
    scores = ", ".join(
        f"{task} {'—' if score is None else format(score, '.3f')}"
        for task, score in outcome["scores"].items()
    )
    return f"{scores} | {outcome['fit_seconds']:.1f} s"
