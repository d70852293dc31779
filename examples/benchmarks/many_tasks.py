"""A first and a later fit of many tasks: 1,000 rows of 50 numbers, three epochs.

    python examples/benchmarks/many_tasks.py [N_TASKS] [ROUNDS] [AGGREGATORS]

Each fit is in a process that fits three times: its first fit compiles, its third one is a later
one. By turns; medians of the seconds, and of a later fit over a plain one of the same round.
"""

import json
import os
import subprocess
import sys

import numpy as np
from _markdown import header, row

FITS = """
import json, sys, time
import numpy as np, pandas as pd
from skmtl import MultiTaskClassifier
n_tasks, aggregator = int(sys.argv[1]), None if sys.argv[2] == "none" else sys.argv[2]
rng = np.random.default_rng(0)
X = rng.normal(size=(1000, 50))
y = pd.DataFrame(X @ rng.normal(size=(50, n_tasks)) > 0).add_prefix("task_").astype(int)
X, found = pd.DataFrame(X).add_prefix("x"), []
import keras  # what it takes to import is no part of a fit
for _ in range(3):
    started = time.perf_counter()
    MultiTaskClassifier(epochs=3, gradient_aggregator=aggregator, random_state=0).fit(X, y)
    found.append(time.perf_counter() - started)
print(json.dumps(found))
"""


def seconds(n_tasks, aggregator):
    """Return the seconds of three fits in a new process."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-c", FITS, str(n_tasks), aggregator]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def main(n_tasks=40, n_rounds=5, *aggregators):
    """Print the table."""
    names = ["none", *(aggregators or ("pcgrad", "cagrad"))]
    rounds = [{name: seconds(n_tasks, name) for name in names} for _ in range(int(n_rounds))]
    header("aggregator", "first fit", "later fit", "times a plain later fit")
    for name in names:
        first, _, later = np.median([each[name] for each in rounds], axis=0)
        ratio = np.median([each[name][-1] / each["none"][-1] for each in rounds])
        row(name, f"{first:.1f} s", f"{later:.2f} s", f"{ratio:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
