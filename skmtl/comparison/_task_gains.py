"""Which tasks gain by sharing a network, on the user's own rows."""

from collections.abc import Callable, Sequence
from itertools import combinations
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
from skmtl.metrics._task_view import find_missing_label

from ._affinity import falls_of
from ._gains import ALL, TaskGains
from ._plan import check_estimator, splits
from ._progress import progress_printer, scores_and_seconds
from ._run import run_once
from ._single_task import OneModelPerTask, for_tasks


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
    is measured, too, or else predicted: its gain :math:`g_j` beside all others is shared out among
    them in proportion to how far the training loss of each falls in the fit on all tasks, since a
    task that learns a lot takes the most of what is shared:

    .. math:: \hat g_{i \to j} = g_j \frac{L_i^{first} - L_i^{last}}
              {\sum_{k \ne j} (L_k^{first} - L_k^{last})}

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
    With `pairs="predicted"` this takes ``n_tasks + 1`` fits a split. Pairs are predicted for
    estimators that have a `history_` with "<task>_loss"; how well, the page on evidence says. With
    a `feature_cache`, backbones that are frozen pass each row once for all fits.

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
    check_estimator("estimator", estimator)
    for name, value, least in (("n_repeats", n_repeats, 1), ("random_state", random_state, 0)):
        as_count(name, value, least)
    as_number("confidence", confidence, low=0, high=1, closed="neither")
    X, y, groups = indexable(as_pandas(X), as_pandas(y), groups)
    if missing_label is None:
        missing_label = find_missing_label(estimator)
    labels = read_labels(y, missing_label=missing_label)
    tasks = labels.names
    if len(tasks) < 2:
        raise ValueError(f"y must have two tasks or more to gain by each other; got {tasks}.")
    # labels of one kind keep their dtype: scikit-learn's estimators refuse objects
    frame = pd.DataFrame(
        {
            c.name: c.values if c.is_labelled.all() and c.categories is None else c.to_series()
            for c in labels.columns
        }
    )
    settings = {ALL: tasks} | {f"{task} alone": [task] for task in tasks}
    settings |= {" and ".join(pair): list(pair) for pair in _pairs(pairs, tasks)}
    models = {}
    for name, some in settings.items():
        model = for_tasks(estimator, some, tasks)
        models[name] = model if len(some) > 1 else OneModelPerTask(model)
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
        report(todo[place][0], scores_and_seconds(outcome))
    rows, falls = [], []
    for (name, repeat, fold, seed, train, test), outcome in zip(todo, outcomes, strict=True):
        costs = {"fit_seconds": outcome["fit_seconds"], "n_parameters": outcome["n_parameters"]}
        sizes = {"n_train": len(train), "n_test": len(test)}
        where = {"setting": name, "repeat": repeat, "fold": fold, "seed": seed}
        rows += [
            {**where, "task": task, "score": outcome["scores"][task], **costs, **sizes}
            for task in settings[name]
        ]
        falls += [outcome["falls"]] if name == ALL else []
    runs = pd.DataFrame(rows).astype({"score": float, "n_parameters": float})
    means = pd.DataFrame(falls, columns=tasks, dtype=float).mean()
    known = None if means.isna().any() else means
    return TaskGains(runs, falls=known, confidence=confidence)


def _pairs(pairs, tasks):
    """Return the pairs to fit."""
    if isinstance(pairs, str):
        check_choice("pairs", pairs, ("predicted", "measured"))
        return [] if pairs == "predicted" else list(combinations(tasks, 2))
    for pair in pairs:
        if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(tasks):
            raise ValueError(f"pairs must hold pairs of the tasks {tasks}; got {pair!r}.")
    return [tuple(pair) for pair in pairs]


def _fit(place, estimator, X, y, tasks, scorers, seed, train, test):
    """Return the place of a fit, and what came of it."""
    rows = y[tasks].notna().any(axis=1).to_numpy()[train]
    scorers = {task: scorers[task] for task in tasks}
    return place, run_once(
        estimator, X, y[tasks], train[rows], test, seed=seed, scorers=scorers, look=falls_of
    )
