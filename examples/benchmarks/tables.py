"""Tables of any columns: encodings of numbers, and the Hanzi table against linear models and trees.

``python examples/benchmarks/tables.py COMMAND [--seeds N] [--results FILE]``

- ``numbers``: encodings of numbers in one dense network, on made and real tables
  (``--rows``: size of the made ones; ``--tables``: names, separated by commas).
- ``rivals``: that network against `MLPClassifier` and `HistGradientBoostingClassifier` (the same
  options).
- ``anchors``: one linear model or boosted trees per label of the Hanzi table.
- ``skmtl``: the default `MultiTaskClassifier` on the Hanzi table, three seeds.
- ``ablation``: the same without one column, three seeds, and with one column alone.
- ``cost``: seconds of an epoch by column, and of `predict` for one row.

What the file of results already holds is not computed again.
"""

import argparse
import os
import time
import warnings
from functools import partial

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import _number_encodings as encodings
import _number_tables as tables
import numpy as np
import pandas as pd
from _hanzi import CATEGORIES, CLASSES, NUMBERS, split_hanzi
from _markdown import header, in_points, row
from _results import Results
from scipy.sparse import csr_matrix, hstack
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import f1_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmtl import MultiTaskClassifier


def judge(results, key, name, options, score):
    """Return the mean accuracy over folds, seeds and labels of a table."""
    numbers, categories, labels, folds = tables.table(name, options.rows)
    scores = [
        results.get(
            *key,
            *(name, options.rows, fold, seed),
            compute=partial(score, numbers, categories, labels, *folds[fold], seed),
        )
        for fold in range(len(folds))
        for seed in range(options.seeds)
    ]
    return float(np.mean(scores))


def dense(encoding, dropout=0.5):
    """Return the function that scores an encoding in the dense network."""

    def score(numbers, categories, labels, train, test, seed):
        X = encodings.features(encoding, numbers, categories, train)
        return encodings.network(X, labels, train, test, seed=seed, dropout=dropout)

    return score


def numbers(results, options):
    """Encodings of numbers: mean accuracy over labels, folds and seeds."""
    header("encoding", *options.tables)
    for encoding in ("skmtl", *encodings.ENCODINGS):
        key = ("network", encoding, 0.5)
        scores = [judge(results, key, name, options, dense(encoding)) for name in options.tables]
        row(encoding, *scores)


def rivals(results, options):
    """The encoding of skmtl in the dense network, against two classifiers with defaults."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    header("model", *options.tables)
    models = {
        f"one network, dropout {dropout}": (("network", "skmtl", dropout), dense("skmtl", dropout))
        for dropout in (0.5, 0.25)
    } | {
        name: (("rival", name), partial(encodings.rival, name))
        for name in ("MLPClassifier", "HistGradientBoostingClassifier")
    }
    for model, (key, score) in models.items():
        row(model, *(judge(results, key, name, options, score) for name in options.tables))


def anchors(results, _):
    """One model of scikit-learn per label of the Hanzi table."""
    X, y, train, test = split_hanzi()
    pixels = csr_matrix(np.stack(X["image"]).reshape(len(X), -1).astype(np.float32) / 255)
    texts = []
    for name, options in (
        ("definition", {}),
        ("words", {"analyzer": "char", "ngram_range": (1, 2)}),
    ):
        cells = X[name].fillna("")
        vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, **options)
        texts.append(vectorizer.fit(cells.iloc[train]).transform(cells))
    names = NUMBERS, CATEGORIES
    filled = np.log1p(X[names[0]].fillna(0))
    codes = X[names[1]].astype(object).fillna("?")
    table = [
        csr_matrix(StandardScaler().fit(filled.iloc[train]).transform(filled)),
        OneHotEncoder(handle_unknown="ignore").fit(codes.iloc[train]).transform(codes),
    ]
    inputs = {
        "pixels, ridge": pixels,
        "texts, ridge": hstack(texts, "csr"),
        "numbers and categories, trees": X[[*names[0], *names[1]]],
        "everything, ridge": hstack([pixels, *texts, *table], "csr"),
    }
    header("columns", *y)
    counts = [y[task].value_counts(normalize=True).iloc[0] for task in CLASSES]
    row("majority", *map(float, counts), "", "")
    for name, columns in inputs.items():
        scores = [
            results.get(
                "anchor", name, task, compute=partial(anchor, columns, y[task], train, test)
            )
            for task in y
        ]
        row(name, *scores)


def anchor(columns, labels, train, test):
    """Return accuracy, R² or micro-F1 of one model on one label."""
    is_trees = isinstance(columns, pd.DataFrame)
    known = labels.notna().to_numpy()
    train, test = train[known[train]], test[known[test]]
    rows = columns.iloc if is_trees else columns
    if labels.name == "charsets":
        tags = sorted({tag for cell in labels.dropna() for tag in cell})
        truth = np.array([[tag in (cell or ()) for tag in tags] for cell in labels])
        models = [_classifier(is_trees).fit(rows[train], column[train]) for column in truth.T]
        predicted = np.stack([model.predict(rows[test]) for model in models], 1)
        return float(f1_score(truth[test], predicted, average="micro"))
    if labels.name == "strokes":
        trees = HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=0)
        model = trees if is_trees else Ridge(alpha=10)
    else:
        model = _classifier(is_trees)
    return float(model.fit(rows[train], labels.iloc[train]).score(rows[test], labels.iloc[test]))


def _classifier(is_trees):
    if not is_trees:
        return RidgeClassifier(alpha=3)
    return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)


def fitted_scores(X, y, train, test, seed):
    """Return accuracy by label and processor seconds of the fit of one network."""
    started = time.process_time()
    model = MultiTaskClassifier(sharing="hard", random_state=seed)
    model.fit(X.iloc[train], y[CLASSES].iloc[train])
    seconds = time.process_time() - started
    truth, predicted = y[CLASSES].iloc[test], model.predict(X.iloc[test])
    right = [
        (p == t)[t.notna()].mean() for p, (_, t) in zip(predicted.T, truth.items(), strict=True)
    ]
    return [*map(float, right), seconds]


def skmtl(results, options):
    """The default network on all columns of the Hanzi table, seed by seed."""
    table = split_hanzi()
    header("seed", *CLASSES, "mean", "processor seconds of the fit")
    found = []
    for seed in range(options.seeds):
        found.append(
            results.get("hanzi", "all", seed, compute=partial(fitted_scores, *table, seed))
        )
        row(seed, *found[-1][:-1], float(np.mean(found[-1][:-1])), round(found[-1][-1]))
    mean = np.mean(found, axis=0)
    row("mean", *map(float, mean[:-1]), float(mean[:-1].mean()), round(mean[-1]))


def ablation(results, options):
    """The Hanzi table without one column, all seeds, and with one column alone, seed 0."""
    X, *rest = split_hanzi()

    def scores(name, columns, seed):
        compute = partial(fitted_scores, X[columns], *rest, seed)
        return np.array(results.get("hanzi", name, seed, compute=compute)[:-1])

    def gain(name, columns):
        """Return what all columns score above some of them, with a 95 % interval, in points."""
        pairs = [
            100 * (scores("all", list(X), seed) - scores(name, columns, seed))
            for seed in range(options.seeds)
        ]
        return [in_points(of_task) for of_task in np.transpose(pairs)]

    header("what a column adds, points", *CLASSES)
    row("all columns", *map(float, scores("all", list(X), 0)))
    for name in X:
        row(name, *gain(f"without {name}", [other for other in X if other != name]))
    header("alone", *CLASSES)
    for name in X:
        row(name, *map(float, scores(f"{name} alone", [name], 0)))


def cost(*_):
    """Seconds of an epoch by columns, and of `predict` for one row; not kept."""
    X, y, train, _ = split_hanzi()
    rows = train[:4000]

    def epoch(columns):
        model = MultiTaskClassifier(epochs=1, random_state=0)
        times = []
        for _ in range(4):  # the first fit of each network includes compilation
            started = time.perf_counter()
            model.fit(X[columns].iloc[rows], y[CLASSES].iloc[rows])
            times.append(time.perf_counter() - started)
        return min(times[1:]), model

    header("columns", "seconds of an epoch of 4,000 rows")
    numbers_and_categories = [*NUMBERS, *CATEGORIES]
    alone = [["image"], ["definition"], ["words"], numbers_and_categories]
    times = [epoch(columns)[0] for columns in alone]
    for columns, seconds in zip(alone, times, strict=True):
        row(", ".join(columns), float(seconds))
    seconds, model = epoch(list(X))
    row("all", float(seconds))
    row("all, as a share of the sum", float(seconds / sum(times)))
    fewer = epoch([name for name in X if name != "n_words"])[0]
    row("a number column more, share", float(seconds / fewer - 1))
    one, times = X.iloc[:1], []
    for _ in range(200):
        started = time.perf_counter()
        model.predict(one)
        times.append(time.perf_counter() - started)
    row("one-row predict, milliseconds", float(1e3 * np.median(times)))


COMMANDS = {f.__name__: f for f in (numbers, rivals, anchors, skmtl, ablation, cost)}

if __name__ == "__main__":
    names = [*tables.MADE, "hanzi", *tables.REAL]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--results", default="tables.jsonl")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--tables", type=lambda text: text.split(","), default=names)
    options = parser.parse_args()
    COMMANDS[options.command](Results(options.results), options)
