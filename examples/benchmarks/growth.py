"""How time and memory grow: with rows, images on disk, columns, tasks and classes.

    python examples/benchmarks/growth.py [--curves NAMES] [--figure FILE] [--results FILE]

Every size is a process: a first fit, which compiles, and a second one, of one epoch each, and
`predict`. Seconds are those of all processor threads; memory is the most that the process had above
what it had before the fit. The exponent of a step says how a cost grows with the size: 1 is linear.
What the file of results already holds is not computed again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import pandas as pd
from _markdown import header, row
from _results import Results
from PIL import Image

SIDE = 32


def rows(size, _):
    """Eight numbers, two tasks of three classes."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(size, 8)), columns=[f"x{i}" for i in range(8)])
    return X, pd.DataFrame({"a": (X["x0"] > 0) * 1, "b": (X["x1"] + X["x2"] > 0) * 1})


def images(size, folder):
    """Files of 32 × 32 pixels, read while training."""
    rng = np.random.default_rng(0)
    light = rng.integers(0, 2, size)
    paths = [Path(folder, f"{place}.png") for place in range(size)]
    for path, one in zip(paths, light, strict=True):
        Image.fromarray(rng.integers(128 * one, 128 + 128 * one, (SIDE, SIDE), np.uint8)).save(path)
    X = pd.DataFrame({"image": [str(path) for path in paths]})
    return X, pd.DataFrame({"a": light, "b": 1 - light})


def columns(size, _):
    """2,000 rows of texts of ten words, so many columns."""
    rng = np.random.default_rng(0)
    words = np.array([f"word{place}" for place in range(500)])
    cells = [
        [" ".join(some) for some in words[rng.integers(0, 500, (2000, 10))]] for _ in range(size)
    ]
    X = pd.DataFrame({f"t{place}": some for place, some in enumerate(cells)})
    labels = np.array([cell.split()[0] < "word300" for cell in cells[0]])
    return X, pd.DataFrame({"a": labels, "b": ~labels})


def tasks(size, _):
    """20,000 rows of 32 numbers, so many tasks of two classes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 32)).astype(np.float32)
    y = X @ rng.normal(size=(32, size)) > 0
    return X, pd.DataFrame(y, columns=[f"task{place}" for place in range(size)])


def classes(size, _):
    """50,000 rows of 32 numbers, one task of so many classes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50_000, 32)).astype(np.float32)
    return X, pd.DataFrame({"a": [f"class {one}" for one in rng.integers(0, size, 50_000)]})


CURVES = {
    "rows": (rows, (1000, 10_000, 100_000, 1_000_000)),
    "images": (images, (1000, 10_000, 100_000)),
    "columns": (columns, (1, 5, 10, 20, 40)),
    "tasks": (tasks, (1, 10, 50, 100, 200)),
    "classes": (classes, (10, 100, 1000, 10_000)),
}
COSTS = ("first fit, s", "second fit, s", "predict, s", "memory, MiB")


def measured(curve, size):
    """Return the costs of one size; for a new process."""
    from skmtl import MultiTaskClassifier
    from skmtl.comparison._memory import MemoryRise

    with tempfile.TemporaryDirectory() as folder:
        X, y = CURVES[curve][0](size, folder)
        options = {"tasks": dict.fromkeys(y, "class"), "epochs": 1, "random_state": 0}
        if curve == "images":
            options["columns"] = {"image": "image"}
        model = MultiTaskClassifier(**options)
        model.fit(X[:100], y[:100])  # imports
        marks = [time.process_time()]
        with MemoryRise() as memory:
            for step in (model.fit, model.fit, lambda X, _: model.predict(X)):
                step(X, y)
                marks.append(time.process_time())
    return [*map(float, np.diff(marks)), memory.rise_mib]


def in_a_process(curve, size):
    """Return the costs of one size, measured in a new process."""
    command = [sys.executable, __file__, "--measure", curve, str(size)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    return json.loads(found.stdout.splitlines()[-1])


def draw(found, path):
    """Draw every cost against the size, one panel a curve."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(found), figsize=(2.8 * len(found), 3), layout="constrained", squeeze=False
    )
    for ax, (curve, costs) in zip(axes[0], found.items(), strict=True):
        sizes = CURVES[curve][1]
        for name, values in zip(COSTS, np.transpose(costs), strict=True):
            ax.plot(sizes, values, "o-", label=name)
        ax.set(xscale="log", yscale="log", title=curve)
    axes[0][0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=120)


def main():
    """Print a table for each curve."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--curves", default=",".join(CURVES))
    parser.add_argument("--figure")
    parser.add_argument("--measure", nargs=2)
    parser.add_argument("--results", default="growth.jsonl")
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measured(args.measure[0], int(args.measure[1]))))
        return
    results, found = Results(args.results), {}
    for curve in args.curves.split(","):
        sizes = CURVES[curve][1]
        header(curve, *COSTS, "exponent of the second fit", "of memory")
        before = None
        for size in sizes:
            costs = results.get(curve, size, compute=partial(in_a_process, curve, size))
            exponents = ["", ""]
            if before:
                step = np.log(size / before[0])
                exponents = [
                    f"{np.log(max(costs[place], 1e-3) / max(before[1][place], 1e-3)) / step:.2f}"
                    for place in (1, 3)
                ]
            row(f"{size:,}", *(f"{cost:.3g}" for cost in costs), *exponents)
            found.setdefault(curve, []).append(costs)
            before = size, costs
        print()
    if args.figure:
        draw(found, args.figure)


if __name__ == "__main__":
    main()
