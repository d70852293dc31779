"""A first fit, a later fit and a prediction of one row, where there are many tasks or heads.

    python examples/benchmarks/many_tasks.py [TABLE] [ROUNDS] [AGGREGATORS]

TABLE is a number of binary tasks (by default 40), on 1,000 rows of 50 numbers, three epochs; or
``hanzi``, the seven labels of 400 rows of seven columns, one epoch. Each line is a process that
fits three times: its first fit compiles, its third one is a later one. By turns; medians of the
seconds, and of a later fit over that without an aggregator in the same round.
"""

import json
import os
import subprocess
import sys

import numpy as np
from _markdown import header, row

PROGRAM = """
import json, sys, time
import numpy as np, pandas as pd
import keras  # what it takes to import is no part of a fit
from skmtl import MultiTaskEstimator
from skmtl.datasets import load_hanzi
table, aggregator = sys.argv[1], None if sys.argv[2] == "none" else sys.argv[2]
options = {"gradient_aggregator": aggregator, "random_state": 0}
if table == "hanzi":
    X, y = (part[:400] for part in load_hanzi())
    options |= {"epochs": 1, "tasks": {"strokes": "number"}}
else:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 50))
    y = pd.DataFrame(X @ rng.normal(size=(50, int(table))) > 0).add_prefix("task_").astype(int)
    X, options["epochs"] = pd.DataFrame(X).add_prefix("x"), 3
found = []
for _ in range(3):
    started = time.perf_counter()
    model = MultiTaskEstimator(**options).fit(X, y)
    found.append(time.perf_counter() - started)
times = []
for _ in range(300):
    started = time.perf_counter()
    model.predict(X[5:6])
    times.append(time.perf_counter() - started)
print(json.dumps([*found, np.median(times)]))
"""


def seconds(table, aggregator):
    """Return the seconds of three fits and of a prediction in a new process."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-c", PROGRAM, table, aggregator]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def main(table="40", n_rounds=5, *aggregators):
    """Print the table."""
    names = ["none", *aggregators]
    rounds = [{name: seconds(table, name) for name in names} for _ in range(int(n_rounds))]
    header("aggregator", "first fit", "later fit", "times that without one", "one row")
    for name in names:
        first, _, later, one = np.median([each[name] for each in rounds], axis=0)
        ratio = np.median([each[name][2] / each["none"][2] for each in rounds])
        row(name, f"{first:.1f} s", f"{later:.2f} s", f"{ratio:.1f}", f"{1e3 * one:.1f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
