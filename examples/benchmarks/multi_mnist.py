"""MultiMNIST: multi-task methods next to single-task networks and to tuned fixed weights.

Usage: ``python examples/benchmarks/multi_mnist.py [mnist10k.npz] [results.jsonl]``. The first is a
local file of MNIST digits (arrays ``x`` and ``y``), the second collects every fit: after an
interruption the same command goes on. With ``report`` as a third argument nothing is fitted; with
``seconds`` each method is fitted twice, for the processor seconds of a fit without compilation.

Every method gets the same learning rates; the best one is chosen for each seed on validation
images, and so are the fixed weights. Test images are used after the choice is made. No digit
occurs in two of the three parts.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from scipy import stats

from skmtl import MultiTaskClassifier
from skmtl.datasets import fetch_mnist, make_multi_mnist
from skmtl.metrics import delta_m
from skmtl.model_selection import loss_weight_grid

TASKS = ("left", "right")
SEEDS = range(5)
LEARNING_RATES = (0.002, 0.005)
PARTS = {"train": slice(0, 2000), "validation": slice(5000, 6000), "test": slice(6000, 10000)}
NETWORK = {
    "image_backbone__filters": (8, 16, 32),
    "branch_units": 64,
    "branch_dropout": 0.0,
    "trunk_units": 64,
    "epochs": 10,
    "batch_size": 100,
}

METHODS = {"single-task": {"sharing": "none"}, "equal weights": {}}
FIXED = {
    f"fixed weights {weights['left']:.2f} : {weights['right']:.2f}": {"loss_weights": weights}
    for weights in loss_weight_grid(TASKS, 5, total=2)
    if weights["left"] != weights["right"]
}
METHODS |= FIXED
WEIGHTINGS = ("uncertainty", "dwa", "rlw", "imtl_l", "famo")
AGGREGATORS = ("pcgrad", "cagrad", "nash_mtl", "upgrad")
SHARINGS = ("cross_stitch", "mmoe", "cgc")  # with one trunk layer "ple" is "cgc"
METHODS |= {name: {"loss_weights": name} for name in WEIGHTINGS}
METHODS |= {name: {"gradient_aggregator": name} for name in AGGREGATORS}
METHODS |= {name: {"sharing": name} for name in SHARINGS}


def make_parts(path, seed):
    """Return the images and labels of each part; the seed pairs the digits."""
    images, digits = (np.asarray(values) for values in fetch_mnist(path=path))
    return {
        part: make_multi_mnist(images[rows], digits[rows], random_state=seed)
        for part, rows in PARTS.items()
    }


def accuracies(model, X, y):
    """Return the accuracy of each task."""
    return dict(zip(TASKS, np.mean(model.predict(X) == y.to_numpy(), axis=0).tolist(), strict=True))


def fit_all(path, results):
    """Append a line per method, seed and learning rate that the file does not hold."""
    settings = repr((NETWORK, {part: [s.start, s.stop] for part, s in PARTS.items()}))
    known = {line["key"] for line in read(results)}
    parts = {seed: make_parts(path, seed) for seed in SEEDS}
    for method, options in METHODS.items():
        for seed in SEEDS:
            for rate in LEARNING_RATES:
                key = repr((method, options, seed, rate, settings))
                if key in known:
                    continue
                model = MultiTaskClassifier(learning_rate=rate, random_state=seed)
                model.set_params(**NETWORK, **options)
                started = time.perf_counter()
                model.fit(*parts[seed]["train"])
                line = {"key": key, "method": method, "seed": seed, "learning_rate": rate}
                line["seconds"] = time.perf_counter() - started
                line["n_parameters"] = model.n_parameters_
                line |= {
                    part: accuracies(model, *parts[seed][part]) for part in ("validation", "test")
                }
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
                print(f"{method}, seed {seed}, rate {rate}: {line['seconds']:.1f} s", flush=True)


def read(results):
    """Return the finished fits."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def chosen(lines, methods):
    """Return for each seed the fit of these methods with the best validation accuracy."""
    best = {}
    for line in lines:
        if line["method"] not in methods:
            continue
        score = np.mean(list(line["validation"].values()))
        if line["seed"] not in best or score > best[line["seed"]][0]:
            best[line["seed"]] = score, line
    return {seed: line for seed, (_, line) in sorted(best.items())}


def interval(values, unit=""):
    """Return a mean and half of its 95 % t-interval as text."""
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    sign = "+" if unit else ""
    return f"{np.mean(values):{sign}.2f} ± {half:.2f}{unit}"


def report(results):
    """Print the table."""
    lines = read(results)
    groups = {name: {name} for name in METHODS if name not in FIXED}
    groups = (
        dict(list(groups.items())[:2]) | {"tuned fixed weights": {*FIXED, "equal weights"}} | groups
    )
    single = chosen(lines, {"single-task"})
    equal = chosen(lines, {"equal weights"})
    header = ["method", *TASKS, "Δm to single-task", "mean − equal weights"]
    header += ["fits per seed", "parameters"]
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for name, methods in groups.items():
        fits = chosen(lines, methods)
        if list(fits) != list(SEEDS):
            continue
        tests = {seed: line["test"] for seed, line in fits.items()}
        gains = [100 * delta_m(tests[seed], single[seed]["test"]) for seed in fits]
        means = [
            100 * np.mean([tests[seed][task] - equal[seed]["test"][task] for task in TASKS])
            for seed in fits
        ]
        mine = [line for line in lines if line["method"] in methods]
        cells = [name]
        cells += [interval([100 * tests[seed][task] for seed in fits]) for task in TASKS]
        cells += ["" if name == "single-task" else interval(gains, " %")]
        cells += ["" if name == "equal weights" else interval(means, " points")]
        cells += [len(mine) // len(fits), f"{fits[0]['n_parameters']:,}"]
        print("| " + " | ".join(map(str, cells)) + " |")


def time_all(path):
    """Print the processor seconds of a fit of each method: the second one, the first compiles."""
    X, y = make_parts(path, 0)["train"]
    for method, options in METHODS.items():
        if method in FIXED:  # the program of equal weights
            continue
        for seed in range(2):
            model = MultiTaskClassifier(random_state=seed).set_params(**NETWORK, **options)
            # of all threads: unlike the time that passes, it hardly depends on the machine's load
            started = time.process_time()
            model.fit(X, y)
            seconds = time.process_time() - started
        print(f"{method}: {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv[1:]))
    file = Path(arguments.get(1, "multi_mnist.jsonl"))
    digits = arguments.get(0, "../shared/data/mnist10k.npz")
    if arguments.get(2) == "seconds":
        time_all(digits)
    else:
        if arguments.get(2) != "report":
            fit_all(digits, file)
        report(file)
