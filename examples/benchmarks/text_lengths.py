"""Pretrained text models: texts of 64 ids, or as long as those of the table.

    python examples/benchmarks/text_lengths.py E5 [--seeds 3] [--results FILE]

E5 is the folder of a small E5 model. Reviews, frozen: 600 rows to train, 600 to test, many texts
longer than 64 ids. Emoji, trained: an epoch of 320 rows, texts of 27 ids at most. Scores of each
task; seconds are those of all processor threads in `fit` and `predict`.
"""

import argparse
import os
import time
import warnings
from functools import partial

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _evidence_tables import emoji, reviews
from _markdown import header, in_points, row
from _results import Results

from skmtl import MultiTaskClassifier
from skmtl.metrics import task_scores

CONTESTS = {
    "reviews, frozen": (reviews, 600, 600, {"freeze_backbones": True}),
    "emoji, trained": (emoji, 320, None, {"epochs": 1}),
}
LENGTHS = (64, "auto")


def measured(contest, length, seed, args):
    """Return the scores of the tasks, and seconds."""
    table, n_train, n_test, options = CONTESTS[contest]
    X, y, train, test = table(seed, args)
    X, y, train, test = X[["text"]], y.astype("category"), train[:n_train], test[:n_test]
    model = MultiTaskClassifier(text_backbone=args.e5, random_state=seed, **options)
    model.set_params(tokenizer__prefix="query : ", tokenizer__max_len=length)
    started = time.process_time()
    predicted = model.fit(X.iloc[train], y.iloc[train]).predict(X.iloc[test])
    seconds = time.process_time() - started
    scores = task_scores(y.iloc[test], predicted)
    return {"scores": {task: float(scores[task]) for task in y}, "seconds": seconds}


def main():
    """Print a row for each contest, and the difference."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("e5")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--contests", default=";".join(CONTESTS))
    parser.add_argument("--results", default="text_lengths.jsonl")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    results = Results(args.results)
    header("", "tasks", "64 ids", "auto", "auto − 64", "seconds of 64", "of auto")
    for contest in args.contests.split(";"):
        runs = {
            length: [
                results.get(
                    contest, length, seed, compute=partial(measured, contest, length, seed, args)
                )
                for seed in range(args.seeds)
            ]
            for length in LENGTHS
        }
        seconds = [np.mean([run["seconds"] for run in of]) for of in runs.values()]
        for task in runs[64][0]["scores"]:
            fixed, auto = (np.array([run["scores"][task] for run in of]) for of in runs.values())
            gap = in_points(100 * (auto - fixed))
            row(contest, task, fixed.mean(), auto.mean(), gap, *(f"{s:.0f}" for s in seconds))


if __name__ == "__main__":
    main()
