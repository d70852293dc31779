"""A number beside other tasks: alone, and together, with squared errors by their root and plain.

    python examples/benchmarks/numbers_beside.py [TABLES] [--seeds 10] [--results FILE]

The root is the default, see `skmtl.training.objective.task_losses`; plain, the squared error of a
standardised number counts like a cross-entropy. Each run is one line of the file of results, and
what it holds is not computed again. R² of numbers, accuracy of classes.
"""

import argparse
import os
import warnings
from functools import partial

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _markdown import header, in_points, row
from _mixed_tables import TABLES, mixture
from _results import Results

from skmtl import MultiTaskEstimator
from skmtl.metrics import task_scores
from skmtl.weighting import LossWeighting


class Plain(LossWeighting):
    """Equal weights of the losses as they are."""

    def weigh(self, losses, present, state, *, seed):  # noqa: ARG002
        """Return the losses."""
        return losses


def scores(table, seed, tasks, loss_weights=None):
    """Return the score of every task."""
    y, n = table.y[tasks], table.n_train
    kinds = {task: "number" for task in table.numbers if task in tasks}
    model = MultiTaskEstimator(tasks=kinds or None, loss_weights=loss_weights, random_state=seed)
    model.fit(table.X[:n], y[:n])
    found = task_scores(y[n:], model.predict_frame(table.X[n:]), metric="default")
    return {task: float(found[task]) for task in tasks}


def study(name, seeds, results):
    """Print what the numbers gain over a network each, and the classes over one without numbers."""
    gaps = {}
    for seed in range(seeds):
        table = mixture(name, seed)
        classes = [task for task in table.y if task not in table.numbers]
        apart = [[number] for number in table.numbers] + ([classes] if classes else [])
        alone = {}
        for tasks in apart:
            compute = partial(scores, table, seed, tasks)
            alone |= results.get(name, seed, ", ".join(tasks), compute=compute)
        for losses, weighting in {"plain": Plain(), "by root": None}.items():
            compute = partial(scores, table, seed, list(table.y), weighting)
            found = results.get(name, seed, losses, compute=compute)
            for kind, tasks in {"numbers": table.numbers, "classes": classes}.items():
                if tasks:
                    gap = 100 * np.mean([found[task] - alone[task] for task in tasks])
                    gaps.setdefault((kind, losses), []).append(gap)
    order = [(kind, losses) for kind in ("numbers", "classes") for losses in ("plain", "by root")]
    row(name, *(in_points(gaps[cell]) if cell in gaps else "" for cell in order))


def main():
    """Run the tables that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--results", default="examples/benchmarks/results/numbers_beside.jsonl")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    header("table", "numbers, plain", "numbers, by root", "classes, plain", "classes, by root")
    for name in args.tables or TABLES:
        study(name, args.seeds, Results(args.results))


if __name__ == "__main__":
    main()
