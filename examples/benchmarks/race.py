"""The race behind docs/others.md: one table with gaps, and what several libraries make of it.

    python examples/benchmarks/race.py CONTESTANT [--rows 3000] [--seeds 3] [--results FILE]
    python examples/benchmarks/race.py report

The Hanzi table: seven columns, seven labels of three kinds. A fifth of all cells is removed, also
from the rows to test, and three tenths of the labels of the rows to train, beside those that are
missing anyway. Every contestant gets the same rows. Where a library cannot learn all labels in one
model, it gets a model per label.

- ``skmtl``: `MultiTaskEstimator` and nothing else said.
- ``keras``: a network of such branches written by hand in Keras.
- ``linear``: scikit-learn on pixels, TF-IDF, numbers and categories, a model per label; its
  regularization chosen by leave-one-out.
- ``trees``: scikit-learn's boosted trees on the numbers and categories alone, a model per label.
- ``skmtl-frozen``: the estimator on frozen EfficientNet-Lite0 and E5 (``--models FOLDER``).
- ``linear-frozen``: the linear models on the same features.
- ``ludwig``: one model for all labels, with the defaults of Ludwig; it drops rows that lack one.
- ``ludwig-each``: a model of Ludwig per label.

The last two need an environment with Ludwig 0.17 or later, and Python 3.12 or later. Scores are
accuracy, R² of numbers and micro-F1 of tags; seconds are those of all processor threads.
"""

import argparse
import inspect
import os
import time
import warnings
from functools import partial

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _contestants import CONTESTANTS, PARTS
from _hanzi import CLASSES, split_hanzi
from _markdown import header, in_points, row
from _results import Results

from skmtl.metrics import task_scores


def rows_with_gaps(seed, n_rows):
    """Return X and y of the rows to train, and of those to test; the seed draws rows and gaps."""
    X, y, train, test = split_hanzi()
    images = X["image"]
    rng = np.random.default_rng(seed)
    for name in X:
        X[name] = X[name].mask(rng.random(len(X)) < 0.2)
    # a row of nothing says nothing: it keeps its image
    nothing = X.isna().all(axis=1)
    X["image"] = X["image"].mask(nothing, images)
    for name in y:
        is_lost = rng.random(len(y)) < 0.3
        is_lost[test] = False
        y[name] = y[name].mask(is_lost)
    train = rng.permutation(train)[:n_rows]
    train = train[y.notna().any(axis=1).to_numpy()[train]]
    return [(X.iloc[part], y.iloc[part]) for part in (train, test)]


def judged(contestant, seed, options):
    """Return scores of all labels, seconds of fit and of predict, and parameters."""
    (X, y), (X_test, y_test) = rows_with_gaps(seed, options.rows)
    started = time.process_time()
    predict, n_parameters = CONTESTANTS[contestant](X, y, seed, options)
    fitted = time.process_time()
    found = predict(X_test)
    predicted = time.process_time()
    for name in CLASSES:
        found[name] = found[name].astype(object)
    scores = task_scores(y_test, found, metric="default")
    return {
        "scores": {name: float(scores[name]) for name in y},
        "fit": fitted - started,
        "predict": predicted - fitted,
        "n_parameters": int(n_parameters),
    }


def lines_of_code(name):
    """Return the number of lines of a contestant and of what it calls, without docstrings."""
    bodies = [inspect.getsource(part).split('"""', 2)[-1] for part in PARTS[name]]
    return sum(bool(text.strip()) for body in bodies for text in body.splitlines())


def report(results, options):
    """Print the tables: scores and costs, and differences from skmtl, paired by seed."""
    runs = {
        name: {
            seed: run
            for seed in range(options.seeds)
            if (run := results.found.get((name, options.rows, seed)))
        }
        for name in CONTESTANTS
    }
    runs, ours = {name: some for name, some in runs.items() if some}, runs["skmtl"]
    labels = list(ours[0]["scores"])
    header("", "seeds", *labels, "mean", "parameters", "fit, s", "predict, s", "lines")
    for name, some in runs.items():
        scores = np.array([[run["scores"][label] for label in labels] for run in some.values()])
        fit, predict, n_parameters = (
            np.mean([run[cost] for run in some.values()])
            for cost in ("fit", "predict", "n_parameters")
        )
        means = map(float, [*scores.mean(axis=0), scores.mean()])
        size = f"{n_parameters / 1e6:.2f} M" if n_parameters else ""
        costs = size, f"{fit:.0f}", f"{predict:.1f}", lines_of_code(name)
        row(name, len(some), *means, *costs)
    print()
    header("minus skmtl, points", *labels, "mean")
    for name, some in runs.items():
        gaps = [
            [100 * (run["scores"][label] - ours[seed]["scores"][label]) for label in labels]
            for seed, run in some.items()
        ]
        if name != "skmtl":
            row(name, *(in_points(of) for of in np.transpose(gaps)), in_points(np.mean(gaps, 1)))


def main():
    """Run a contestant, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("contestant", choices=[*CONTESTANTS, "report"])
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--models", default="../shared/models")
    parser.add_argument("--results", default="examples/benchmarks/results/race.jsonl")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    results = Results(options.results)
    if options.contestant == "report":
        return report(results, options)
    for seed in range(options.seeds):
        compute = partial(judged, options.contestant, seed, options)
        run = results.get(options.contestant, options.rows, seed, compute=compute)
        print(options.contestant, seed, run, flush=True)


if __name__ == "__main__":
    main()
