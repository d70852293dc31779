"""Compare techniques on the same splits with the same seeds."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from sklearn.utils import indexable
from sklearn.utils.parallel import Parallel, delayed

from skmtl._runtime.checks import as_count, as_number
from skmtl._runtime.types import Labels, PathLike, Rows, Weights
from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels
from skmtl.exceptions import ComparisonInterrupted
from skmtl.metrics._label_kinds import check_metric, kind_of_labels
from skmtl.metrics._scorers import TaskScorer

from ._comparison import Comparison
from ._plan import as_written, check_estimator, plan_runs
from ._progress import progress_printer, scores_and_seconds
from ._results_file import COSTS, ResultsFile, text_key
from ._run import run_once


def compare_techniques(
    techniques: Mapping[str, Any],
    X: Rows,
    y: Labels,
    *,
    cv: Any = 5,
    n_repeats: int = 1,
    metric: str | Callable[..., float] = "accuracy",
    baseline: str | None = None,
    groups: Weights = None,
    missing_label: Any = None,
    random_state: int = 0,
    confidence: float = 0.95,
    results_path: PathLike | None = None,
    raise_errors: bool = False,
    n_jobs: int | None = None,
    verbose: int = 1,
) -> Comparison:
    """Fit and score techniques on the same splits with the same seeds.

    Parameters
    ----------
    techniques : mapping of str to estimator
        What to compare: any scikit-learn classifiers that take `X` and `y`. One that knows a
        single task, or no missing labels, goes through `single_task_baselines`.
    X : table of n_samples rows
        A DataFrame, array or list; frames of polars and pyarrow become pandas frames.
    y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels; a missing one leaves its row out of its task.
    cv : int, splitter or list of (train, test), default=5
        An int is the number of folds of a shuffled `MultiTaskStratifiedKFold`. A splitter that
        shuffles gets the seed of the repetition.
    n_repeats : int, default=1
        How many times to split, each time with another seed for the folds and for every
        `random_state` inside the techniques.
    metric : str or scorer, default="accuracy"
        As in `skmtl.metrics.make_task_scorer`.
    baseline : str, optional
        The technique that gains and tests refer to; by default the first.
    groups : array-like of shape (n_samples,), optional
        For the splitter.
    missing_label : str, number or bool, optional
        A label that means *missing*, besides None, NaN and NA; the techniques see None instead.
    random_state : int, default=0
        Seed of the first repetition; the next ones count on from there.
    confidence : float, default=0.95
        Coverage of the intervals.
    results_path : str or path, optional
        A file that every finished run is appended to. A run that the file holds, of the same
        technique with the same parameters, data, split, seed and metric, is not repeated, so that
        an interrupted comparison continues. Failed runs are tried again. Of `X`, the number of
        rows and the cells of a hundred of them are compared. Several processes may use one file.
    raise_errors : bool, default=False
        Whether an error of a technique ends the comparison. If not, the error is kept in the
        results and the other runs go on.
    n_jobs : int, default=None
        Number of runs at a time, each in a separate process, as joblib understands it: None is 1
        unless in a `joblib.parallel_config`, -1 is one per core. Scores do not depend on it.
    verbose : int, default=1
        0 prints nothing; 1 prints a line per run, with the time left.

    Returns
    -------
    Comparison
        Every run, a summary, and tests against the baseline.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or a line of the results file is not a run.
    OSError
        If the results file cannot be written.
    ComparisonInterrupted
        On Ctrl-C; a KeyboardInterrupt that holds the comparison of the finished runs.

    Notes
    -----
    Times and memory are those of the process that a run is in, and of its load: compare costs of
    runs one at a time. Runs go through the splits, all techniques on one split before the next.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import compare_techniques
    >>> X, kind = load_iris(return_X_y=True, as_frame=True)
    >>> y = kind.to_frame("kind").assign(wide=X["sepal width (cm)"] > 3)
    >>> comparison = compare_techniques(
    ...     {"majority": DummyClassifier(), "tree": DecisionTreeClassifier()}, X, y, verbose=0
    ... )
    >>> comparison.summary[["kind", "wide"]].round(2).to_numpy().tolist()
    [[0.33, 0.55], [0.95, 1.0]]
    """
    baseline = _check(techniques, baseline, n_repeats, random_state, confidence)
    X, y, groups = indexable(as_pandas(X), as_pandas(y), groups)
    labels = read_labels(y, missing_label=missing_label)
    if missing_label is not None:
        y = labels.to_pandas()
    tasks = labels.names
    if "mean" in tasks:
        raise ValueError("A task must not be called 'mean': that is the mean over the tasks.")
    scorers = {task: TaskScorer(task, metric) for task in tasks}
    for column in labels.columns:
        # whole numbers and strings may be labels of other kinds than they look like
        if isinstance(metric, str) and (kind := kind_of_labels(column.labels)) != "class":
            check_metric(metric, kind, column.name, column.labels)
    plan = plan_runs(
        techniques,
        X,
        y,
        cv=cv,
        n_repeats=n_repeats,
        groups=groups,
        random_state=random_state,
        metric=metric,
    )
    results = ResultsFile(results_path)
    settings = {name: as_written(technique) for name, technique in techniques.items()} | {
        "(splits)": f"cv={as_written(cv)}, n_repeats={n_repeats}, random_state={random_state}",
        "(rows and tasks)": f"{len(y):,} rows; {', '.join(tasks)}",
    }

    def conclude():
        results.flush()
        outcomes = [outcome for run in plan if (outcome := results.find(run.key)) is not None]
        return _conclude(outcomes, tasks, baseline, metric, confidence, settings)

    todo = [run for run in plan if (results.find(run.key) or {"error": ""})["error"] is not None]
    report = progress_printer(len(plan), len(plan) - len(todo), verbose)
    calls = (
        delayed(_try)(place, techniques[run.technique], X, y, run, scorers, raise_errors)
        for place, run in enumerate(todo)
    )
    try:
        for place, outcome in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(calls):
            run = todo[place]
            results.append(run.key, outcome)
            report(run.technique, _in_words(outcome))
    except KeyboardInterrupt as interrupt:
        raise ComparisonInterrupted(conclude()) from interrupt
    return conclude()


def _check(techniques, baseline, n_repeats, random_state, confidence):
    """Check the arguments and return the name of the baseline."""
    if not isinstance(techniques, Mapping) or not techniques:
        raise TypeError(
            f"techniques must map at least one name to an estimator; got {techniques!r}."
        )
    for name, technique in techniques.items():
        check_estimator(f"techniques[{name!r}]", technique)
    if baseline is not None and baseline not in techniques:
        raise ValueError(f"baseline must be one of {list(techniques)}; got {baseline!r}.")
    as_count("n_repeats", n_repeats)
    as_count("random_state", random_state, 0)
    as_number("confidence", confidence, low=0, high=1, closed="neither")
    return next(iter(techniques)) if baseline is None else baseline


def _try(place, technique, X, y, run, scorers, raise_errors):
    """Return the place of a run, and its outcome or its error, as JSON can hold it."""
    outcome = {
        "technique": run.technique,
        "repeat": run.repeat,
        "fold": run.fold,
        "seed": int(run.seed),
        "n_train": len(run.train),
        "n_test": len(run.test),
        "error": None,
    }
    try:
        return place, outcome | run_once(
            technique, X, y, run.train, run.test, seed=run.seed, scorers=scorers
        )
    except Exception as error:
        if raise_errors:
            raise
        text = f"{type(error).__name__}: {error}"
        # names of files may hold lone surrogates, which no terminal prints
        return place, outcome | {"error": text.encode("utf-8", "backslashreplace").decode()}


def _in_words(outcome):
    if outcome["error"] is not None:
        return f"failed: {outcome['error']}"
    return scores_and_seconds(outcome)


def _conclude(outcomes, tasks, baseline, metric, confidence, settings):
    if not outcomes:
        return None
    rows = []
    for outcome in outcomes:
        scores = outcome.get("scores", {})
        shared = {name: value for name, value in outcome.items() if name != "scores"}
        shared |= {cost: outcome.get(cost) for cost in COSTS}
        rows += [shared | {"task": task, "score": scores.get(task)} for task in tasks]
    runs = pd.DataFrame(rows)
    numbers = ["score", *COSTS]
    runs[numbers] = runs[numbers].astype(float)
    runs["error"] = runs["error"].astype(object).where(runs["error"].notna(), None)
    first = ["technique", "repeat", "fold", "seed", "task", "score"]
    runs = runs[[*first, *COSTS, "n_train", "n_test", "error"]]
    return Comparison(
        runs,
        baseline=baseline,
        metric=text_key(metric),
        confidence=confidence,
        settings=settings,
    )
