"""Pretrained text models: texts of 64 ids, or as long as those of the table.

    python examples/benchmarks/text_lengths.py E5 [--seeds 3] [--results FILE]

E5 is the folder of a small E5 model, which is frozen. Reviews: 600 rows to train, 600 to test, a
quarter of the texts longer than 64 ids. Scores of each task; seconds are those of all processor
threads in `fit` and `predict`.
"""

import argparse
import os
import time
import warnings
from functools import partial

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _evidence_tables import reviews
from _markdown import header, in_points, row
from _results import Results

from skmtl import MultiTaskClassifier
from skmtl.metrics import task_scores

N_ROWS = 600
LENGTHS = (64, "auto")


def measured(length, seed, e5):
    """Return the scores of the tasks, and seconds."""
    X, y, *parts = reviews(seed, None)
    train, test = (rows[:N_ROWS] for rows in parts)
    model = MultiTaskClassifier(text_backbone=e5, freeze_backbones=True, random_state=seed)
    model.set_params(tokenizer__prefix="query : ", tokenizer__max_len=length)
    started = time.process_time()
    predicted = model.fit(X.iloc[train], y.iloc[train]).predict(X.iloc[test])
    seconds = time.process_time() - started
    scores = task_scores(y.iloc[test], predicted)
    return {"scores": {task: float(scores[task]) for task in y}, "seconds": seconds}


def main():
    """Print a row for each task."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("e5")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--results", default="text_lengths.jsonl")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    results = Results(args.results)
    fixed, auto = (
        [
            results.get(length, seed, compute=partial(measured, length, seed, args.e5))
            for seed in range(args.seeds)
        ]
        for length in LENGTHS
    )
    header("", "64 ids", "auto", "auto − 64", "seconds of 64", "of auto")
    seconds = [f"{np.mean([run['seconds'] for run in runs]):.0f}" for runs in (fixed, auto)]
    for task in fixed[0]["scores"]:
        pair = [np.array([run["scores"][task] for run in runs]) for runs in (fixed, auto)]
        gap = in_points(100 * (pair[1] - pair[0]))
        row(task, *(scores.mean() for scores in pair), gap, *seconds)


if __name__ == "__main__":
    main()
