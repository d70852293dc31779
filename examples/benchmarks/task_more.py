"""Does a task more hurt? One network for all tasks, next to a network for each.

``python examples/benchmarks/task_more.py [hanzi multimnist emoji] [--seeds 3] [--mnist FILE]
[--results FILE]``. Everything is by default, but 60 epochs for the 1,000 glyphs. Differences are
paired by seed, in points, with a 95 % interval of Student's t. What the file of results already
holds is not computed again.

- ``hanzi``: 1,000 glyphs; radical, corner and six bands of strokes; ``hanzi, all labels`` has the
  corner and the strokes of every glyph, the radical of the same 1,000, and judges the radical.
- ``multimnist``: 2,000 pairs of digits that overlap.
- ``emoji``: images and texts, three folds a seed.
"""

import argparse
import os
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import _evidence_tables as evidence
import numpy as np
import pandas as pd
from _hanzi import split_hanzi
from _markdown import header, in_points, row
from _results import Results
from fusion import emoji

from skmtl import MultiTaskClassifier
from skmtl.metrics import task_scores


def hanzi(seed, _, *, all_labels=False):
    """Return glyphs, labels, folds and options."""
    X, y, train, test = split_hanzi()
    y = pd.DataFrame(
        {
            "radical": y["radical"],
            "corner": y["corner"],
            "bands": pd.qcut(y["strokes"], 6, labels=False),
        }
    )
    known = y["radical"].notna().to_numpy()
    train, test = train[known[train]], test[known[test]]
    chosen = np.random.default_rng(seed).permutation(train)[:1000]
    if all_labels:
        y.loc[np.setdiff1d(train, chosen), "radical"] = None
        chosen = train
    return X[["image"]], y, [(chosen, test)], {} if all_labels else {"epochs": 60}


def hanzi_all_labels(seed, args):
    """Return the same with the other labels of all rows."""
    return hanzi(seed, args, all_labels=True)


def multimnist(seed, args):
    """Return pairs of digits that overlap; no digit is in both parts."""
    X, y, train, test = evidence.multimnist(seed, args)
    return X, y, [(train, test)], {}


TABLES = {
    "hanzi": hanzi,
    "hanzi, all labels": hanzi_all_labels,
    "multimnist": multimnist,
    "emoji": emoji,
}

JUDGED = {"hanzi, all labels": ["radical"]}  # else all tasks


def judged(name, tasks, seed, args):
    """Return the scores of some tasks, parameters, and processor seconds of the fits."""
    X, y, folds, options = TABLES[name](seed, args)
    tasks, scores, seconds = list(tasks), [], 0.0
    for train, test in folds:
        model = MultiTaskClassifier(random_state=seed, **options)
        started = time.process_time()
        model.fit(X.iloc[train], y[tasks].iloc[train])
        seconds += time.process_time() - started
        found = task_scores(y[tasks].iloc[test], model.predict_frame(X.iloc[test]))
        scores.append([found[task] for task in tasks])
    means = np.mean(scores, axis=0).tolist()
    return dict(zip(tasks, means, strict=True)), model.n_parameters_, seconds


def compare(name, args, results):
    """Print a table: every task in the network of all tasks and in its own."""
    tasks = list(TABLES[name](0, args)[1])

    def of(some):
        return [
            results.get(name, *some, seed, compute=lambda seed=seed: judged(name, some, seed, args))
            for seed in range(args.seeds)
        ]

    together = of(tasks)
    tasks = JUDGED.get(name, tasks)
    alone = [of([task]) for task in tasks]
    print(f"\n{name}\n")
    header("", *tasks, "parameters", "processor seconds")
    rows = {"one network": [together] * len(tasks), "a network per task": alone}
    for label, runs in rows.items():
        means = [
            np.mean([scores[task] for scores, *_ in of_task])
            for task, of_task in zip(tasks, runs, strict=True)
        ]
        distinct = [together] if label == "one network" else alone
        n_parameters = sum(of_task[0][1] for of_task in distinct)
        seconds = sum(np.mean([run[2] for run in of_task]) for of_task in distinct)
        row(label, *(f"{mean:.3f}" for mean in means), f"{n_parameters:,}", f"{seconds:.0f}")
    cells = []
    for task, of_task in zip(tasks, alone, strict=True):
        gaps = [
            100 * (both[0][task] - one[0][task])
            for both, one in zip(together, of_task, strict=True)
        ]
        cells.append(in_points(gaps))
    row("difference, points", *cells, "", "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*", default=list(TABLES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--mnist", default="../shared/data/mnist10k.npz")
    parser.add_argument("--results", default="task_more.jsonl")
    arguments = parser.parse_args()
    kept = Results(arguments.results)
    for table in arguments.tables:
        compare(table, arguments, kept)
