"""Classes, tags and numbers in one network.

Usage: ``python examples/benchmarks/labels.py [mixture numbers weightings] [--seeds 3] [--rows 0]
[--results FILE]``.
``mixture`` trains one network on all seven labels of the Hanzi, next to a classifier on the five
classes alone; ``numbers`` compares with scikit-learn's MLPRegressor on diabetes and a made table;
``weightings`` compares loss weightings on the Hanzi with all labels. ``--rows`` takes that many
characters, 0 all of them. What the file of results already holds is not computed again.
"""

import argparse
import os
import time
from functools import partial

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _hanzi import CLASSES
from _markdown import header, row
from _results import Results
from numbers_beside import Plain
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.model_selection import GroupShuffleSplit, KFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmtl import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor
from skmtl.comparison import corrected_interval
from skmtl.datasets import load_hanzi
from skmtl.metrics import task_scores

KINDS = {"strokes": "number"}  # whole numbers of many values must be said
WEIGHTINGS = {
    "equal weights": None,
    "squared errors as they are": Plain(),
    "uncertainty": "uncertainty",
    "IMTL-L": "imtl_l",
    "DWA": "dwa",
    "FAMO": "famo",
    "RLW": "rlw",
    "UW-SO": "uw_so",
    "fixed: strokes x 10": {"strokes": 10.0},
}


def hanzi(n_rows, seed):
    """Return training and test parts of the Hanzi; variants of a character stay together."""
    X, y, groups = load_hanzi(return_groups=True)
    if n_rows:
        chosen = np.random.default_rng(0).permutation(len(X))[:n_rows]
        X, y, groups = X.iloc[chosen], y.iloc[chosen], groups.iloc[chosen]
        counts = y["radical"].map(y["radical"].value_counts())
        y = y.assign(radical=y["radical"].where(counts >= 5, None))
    folds = GroupShuffleSplit(1, test_size=0.2, random_state=seed)
    train, test = next(folds.split(X, groups=groups))
    return X.iloc[train], y.iloc[train], X.iloc[test], y.iloc[test]


def judged(make, tasks, n_rows, seed):
    """Return the score of every task on the test part, and the seconds of fit."""
    X, y, X_test, y_test = hanzi(n_rows, seed)
    names = list(tasks or y)
    started = time.perf_counter()
    model = make(seed).fit(X, y[names])
    seconds = time.perf_counter() - started
    # a class that stands in the test part only is a wrong prediction
    scores = task_scores(y_test[names], model.predict_frame(X_test), metric="default")
    return {task: float(scores[task]) for task in names}, seconds


def mean_and_interval(values):
    """Return the mean and half the width of its 95 % interval, of Student's t, as text."""
    if len(values) < 2:
        return f"{np.mean(values):.3f}"
    return f"{np.mean(values):.3f} ± {np.ptp(corrected_interval(values, test_share=0)) / 2:.3f}"


def table(models, options):
    """Print a row per technique: the mean of every task over the seeds."""
    results = Results(options.results)
    names = [*CLASSES, "strokes", "charsets"]
    header("technique", *names, "mean", "seconds")
    for name, (make, tasks) in models.items():
        runs = [
            results.get(
                *(name, options.rows, seed),
                compute=partial(judged, make, tasks, options.rows, seed),
            )
            for seed in range(options.seeds)
        ]
        found = {task: [scores[task] for scores, _ in runs] for task in tasks or names}
        cells = [mean_and_interval(found[task]) if task in found else "" for task in names]
        means = [np.mean(list(scores.values())) for scores, _ in runs]
        seconds = np.mean([seconds for _, seconds in runs])
        row(name, *cells, mean_and_interval(means), f"{seconds:.0f}")


def mixture(options):
    """One network for all seven labels, and a classifier for the five classes alone."""
    table(
        {
            "equal weights": (
                lambda seed: MultiTaskEstimator(tasks=KINDS, sharing="hard", random_state=seed),
                None,
            ),
            "the five classes": (
                lambda seed: MultiTaskClassifier(sharing="hard", random_state=seed),
                CLASSES,
            ),
        },
        options,
    )


def weightings(options):
    """Loss weightings where losses differ in kind."""

    def model(weights):
        settings = {"tasks": KINDS, "loss_weights": weights, "sharing": "hard"}
        return lambda seed: MultiTaskEstimator(**settings, random_state=seed)

    table({name: (model(weights), None) for name, weights in WEIGHTINGS.items()}, options)


def numbers(options):
    """Root mean squared error in five folds, next to MLPRegressor."""
    tables = {
        "diabetes": load_diabetes(return_X_y=True),
        "friedman1": make_friedman1(2000, noise=1.0, random_state=0),
    }
    header("table", "MultiTaskRegressor", "MLPRegressor", "ratio")
    for name, (X, y) in tables.items():
        errors = {"ours": [], "theirs": []}
        for seed in range(options.seeds):
            models = {
                "ours": MultiTaskRegressor(random_state=seed),
                "theirs": make_pipeline(
                    StandardScaler(), MLPRegressor(max_iter=500, random_state=seed)
                ),
            }
            for train, test in KFold(5, shuffle=True, random_state=seed).split(X):
                for key, model in models.items():
                    guess = model.fit(X[train], y[train]).predict(X[test])
                    errors[key].append(np.sqrt(np.mean((guess - y[test]) ** 2)))
        ours, theirs = np.mean(errors["ours"]), np.mean(errors["theirs"])
        row(name, f"{ours:.3f}", f"{theirs:.3f}", f"{ours / theirs:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parts = {"mixture": mixture, "numbers": numbers, "weightings": weightings}
    parser.add_argument("parts", nargs="*", choices=[*parts, []], default=list(parts))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--results", default="labels.jsonl")
    chosen = parser.parse_args()
    for part in chosen.parts:
        print(f"\n{part}\n", flush=True)
        parts[part](chosen)
