"""From the start of Python to a first prediction, and to the end of a first fit.

    python examples/benchmarks/cold_start.py [ROUNDS]

Whole processes, by turns: the median of the seconds, and of the difference from the process of the
same round that only imports TensorFlow. The file is a fitted estimator of images and Chinese texts.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from _markdown import header, row

TABLE = """
from skmtl.datasets import load_emoji
X, y = load_emoji()
X, y = X[:200], y[:200]
"""
FIT = f"""{TABLE}
from skmtl import MultiTaskClassifier
model = MultiTaskClassifier(epochs=3, random_state=0).fit(X, y)
"""
PROGRAMS = {
    "`import tensorflow`": "import tensorflow",
    "`import tensorflow, keras, sklearn, pandas`": "import tensorflow, keras, sklearn, pandas",
    "a prediction of a fitted file": """
import sys, pandas, skmtl
print(skmtl.load(sys.argv[1] + "/model.skmtl").predict(pandas.read_pickle(sys.argv[1] + "/row")))
""",
    "a fit of 200 rows, three epochs": FIT,
}
SAVE = """
import sys
model.save(sys.argv[1] + "/model.skmtl")
X[:1].to_pickle(sys.argv[1] + "/row")
"""


def seconds(program, folder):
    """Run a program in a new process, and return how long it takes."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    started = time.perf_counter()
    command = [sys.executable, "-c", program, folder]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return time.perf_counter() - started


def main(n_rounds):
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        seconds(FIT + SAVE, folder)
        rounds = [
            {name: seconds(program, folder) for name, program in PROGRAMS.items()}
            for _ in range(n_rounds)
        ]
    header("process", "seconds", "more than `import tensorflow`")
    first = next(iter(PROGRAMS))
    for name in PROGRAMS:
        more = np.median([one[name] - one[first] for one in rounds])
        row(name, f"{np.median([one[name] for one in rounds]):.1f}", f"{more:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
