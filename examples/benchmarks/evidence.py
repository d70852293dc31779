"""When does one network for several tasks pay? The runs behind docs/evidence.md.

    python examples/benchmarks/evidence.py STUDY [TABLES] [--seeds 5] [--results FILE]
        [--mnist FILE] [--fashion FOLDER]

Each run is one line of the file of results; what the file holds is not computed again. The tables
are described in `_evidence_tables.py`, and `evidence_report.py` draws tables and figures from
the file. Scores are accuracy, R² of numbers and micro-F1 of tags on the rows to test; seconds are
those of all processor threads in `fit`. Where a study does not say otherwise, everything is by
default.

- ``sharing``: one network for all tasks, groups of tasks, and a network per task.
- ``parting``: three tasks that share all stages of the default CNN, some of them, or none but half
  as wide; what tasks share else is that of ``sharing``.
- ``scarcity``: one task has 100, 300 or 1,000 labels, the others all of theirs; the tasks share the
  whole CNN.
- ``width``: one network and one per task with a quarter and half of the filters and embeddings;
  with all of them they are those of ``sharing``.
- ``methods``: loss weightings, fixed weights and aggregators, each with two learning rates; the
  better one is chosen on a fifth of the rows to train. Three convolutions of 8, 16 and 32 filters
  that all tasks share.
- ``pairs``: every pair of tasks; of all together also the cosines between the task gradients, and
  how far the training losses fall; the same convolutions.

MNIST is a local file with arrays x and y; Fashion-MNIST a folder of its four files, as in Debian's
package dataset-fashion-mnist. A table whose files are absent cannot be named.
"""

import argparse
import os
import time
import warnings
from functools import partial
from itertools import combinations

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _evidence_methods import METHODS
from _evidence_tables import TABLES
from _results import Results
from sklearn.model_selection import train_test_split

from skmtl import MultiTaskEstimator
from skmtl.backbones._small_cnn import default_filters
from skmtl.comparison._affinity import falls_of
from skmtl.metrics import task_scores
from skmtl.model_selection import loss_weight_grid
from skmtl.sharing import SplitSharing

GROUPS = {
    "hanzi": [["radical", "corner", "strokes"], ["tone", "initial"], ["level", "charsets"]],
    "glyphs": [["radical", "corner", "strokes"], ["tone", "initial"], ["level"]],
}
KINDS = {"hanzi": {"strokes": "number"}}  # whole numbers that may be classes
SCARCE = {
    "emoji": "subgroup",
    "hanzi": "radical",
    "multimnist": "left",
    "multifashion": "left",
    "reviews": "sentiment",
    "unpaired": "digit",
}
FEW = (100, 300, 1000)
WIDTHS = (0.25, 0.5)
PARTINGS = ((1, 0.25), (1, 0.5), (1, 1.0), (2, 0.5))  # shared stages, width of own ones
LEARNING_RATES = (0.0015, 0.005)
SMALL = {"image_backbone__filters": (8, 16, 32), "sharing": "hard"}
FIXED = 5  # fixed weights a table, equal ones among them


def fitted(table, seed, args, *, tasks=None, labels=None, validate=False, **options):
    """Fit once; return the score of every task, parameters, processor seconds and gradients.

    Parameters
    ----------
    table : str
        Name of the table.
    seed : int
        Draws the rows and the network.
    args : Namespace
        Of the command.
    tasks : list of str, default=None
        The tasks to learn; None is all.
    labels : dict of task to int, default=None
        How many labels some tasks have.
    validate : bool, default=False
        Whether to leave out a fifth of the rows to train, and to return scores on them, too.
    **options
        Parameters of the estimator.
    """
    X, y, train, test = TABLES[table](seed, args)
    y = y if tasks is None else y[tasks].copy()
    parts = {"scores": test}
    if validate:
        train, parts["validation"] = train_test_split(train, test_size=0.2, random_state=seed)
    rng = np.random.default_rng(seed)
    for task, n_labels in (labels or {}).items():
        known = rng.permutation(train[y[task].notna().to_numpy()[train]])
        y[task] = y[task].mask(np.isin(np.arange(len(y)), known[n_labels:]))
    train = train[y.notna().any(axis=1).to_numpy()[train]]
    # a network for tasks whose rows lack a column does without it
    X = X[[name for name in X if X[name].iloc[train].notna().any()]]
    has = X.notna().any(axis=1).to_numpy()
    train = train[has[train]]
    kinds = {task: kind for task, kind in KINDS.get(table, {}).items() if task in y}
    model = MultiTaskEstimator(tasks=kinds or None, random_state=seed).set_params(**options)
    started = time.process_time()
    model.fit(X.iloc[train], y.iloc[train])
    seconds = time.process_time() - started
    found = {}
    for part, rows in parts.items():
        rows = rows[has[rows]]
        scores = task_scores(y.iloc[rows], model.predict_frame(X.iloc[rows]), metric="default")
        found[part] = {task: float(scores[task]) for task in y}
    found |= {"n_parameters": model.n_parameters_, "seconds": seconds}
    cosines = {
        name.removesuffix("_gradient_cosine"): float(np.nanmean(values))
        for name, values in model.history_.items()
        if name.endswith("_gradient_cosine")
    }
    return found | ({"cosines": cosines, **falls_of(model)} if cosines else {})


def tasks_of(table, args):
    """Return the tasks of a table."""
    return list(TABLES[table](0, args)[1])


def alone_and_together(table, args):
    """Return the settings of a network for all tasks and of one per task."""
    return {"one network": {}} | {f"{t} alone": {"tasks": [t]} for t in tasks_of(table, args)}


def sharing(table, args):
    """One network, groups of tasks, and a network per task."""
    groups = {"group " + ", ".join(group): {"tasks": group} for group in GROUPS.get(table, [])}
    return alone_and_together(table, args) | groups


def whole_filters(table, args):
    """Return the filters of the default CNN for the images of a table."""
    X = TABLES[table](0, args)[0]
    return default_filters(max(X["image"].dropna().iloc[0].shape[:2]))


def parting(table, args):
    """Tasks that part after one stage or two, with own stages of several widths."""
    settings = {"all stages shared": {"sharing": "hard"}} | {
        f"{n} shared, width {width}": {"sharing": SplitSharing(n_shared_stages=n, own_width=width)}
        for n, width in PARTINGS
    }
    half = [n // 2 for n in whole_filters(table, args)]
    settings["none shared, width 0.5"] = {"image_backbone__filters": half, "sharing": "none"}
    return {name: options | {"tasks": GROUPS[table][0]} for name, options in settings.items()}


def scarcity(table, _):
    """One task with few labels, alone and beside the others."""
    task = SCARCE[table]
    return {
        f"{n} labels, {name}": {"labels": {task: n}, "tasks": tasks, "sharing": "hard"}
        for n in FEW
        for name, tasks in {"alone": [task], "beside the others": None}.items()
    }


def width(table, args):
    """One network and one per task with narrower layers."""
    filters = whole_filters(table, args)
    narrow = {
        f"width {factor}": {"image_backbone__filters": [int(factor * n) for n in filters]}
        | ({"text_backbone__embedding_dim": int(factor * 256)} if table == "emoji" else {})
        for factor in WIDTHS
    }
    if table == "emoji":  # its narrow network learns the training rows too slowly
        narrow["width 0.25 and 40 epochs"] = narrow["width 0.25"] | {"epochs": 40}
    return {
        f"{some}, {name}": options | narrower
        for some, narrower in narrow.items()
        for name, options in alone_and_together(table, args).items()
    }


def methods(table, args):
    """Methods with two learning rates each, scored on both parts."""
    tasks = tasks_of(table, args)
    fixed = {
        f"fixed weights {' : '.join(f'{w:.2g}' for w in weights.values())}": {
            "loss_weights": weights
        }
        for weights in loss_weight_grid(tasks, FIXED, total=len(tasks))
        if len(set(weights.values())) > 1
    }
    return {
        f"{name}, rate {rate}": {**SMALL, "learning_rate": rate, "validate": True, **options}
        for name, options in (METHODS | (fixed if len(tasks) == 2 else {})).items()
        for rate in LEARNING_RATES
    }


def pairs(table, args):
    """Tasks alone, in pairs, and all together with the cosines of their gradients."""
    settings = alone_and_together(table, args)
    for pair in combinations(tasks_of(table, args), 2):
        settings[" and ".join(pair)] = {"tasks": list(pair)}
    settings["one network, gradients"] = {"gradient_aggregator": "sum"}
    small = {} if table == "words" else SMALL
    return {name: small | options for name, options in settings.items()}


STUDIES = {
    "sharing": (
        sharing,
        ("emoji", "hanzi", "multimnist", "multifashion", "reviews", "unpaired", "glyphs"),
    ),
    "parting": (parting, ("glyphs",)),
    "scarcity": (scarcity, tuple(SCARCE)),
    "width": (width, ("emoji", "multimnist", "multifashion", "glyphs")),
    "methods": (methods, ("emoji", "multifashion", "glyphs")),
    "pairs": (pairs, ("glyphs", "words", "digits")),
}


def main():
    """Run the studies that are named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--results", default="examples/benchmarks/results/evidence.jsonl")
    parser.add_argument("--mnist", default="../shared/data/mnist10k.npz")
    parser.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    study, tables = STUDIES[args.study]
    results = Results(args.results)
    for table in args.tables or tables:
        settings = study(table, args)
        for seed in range(args.seeds):
            for name, options in settings.items():
                compute = partial(fitted, table, seed, args, **options)
                run = results.get(args.study, table, name, seed, compute=compute)
                found = ", ".join(f"{t} {s:.3f}" for t, s in run["scores"].items())
                print(f"{table}, seed {seed}, {name}: {found}; {run['seconds']:.0f} s", flush=True)


if __name__ == "__main__":
    main()
