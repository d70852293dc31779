"""Ctrl-C at random moments while networks are built and compiled.

Used by reliability.py. Each process fits a network of another shape again and again, gets a few
SIGINT at random moments, and goes on. It must end by itself, not by a segmentation fault.
"""

import random
import signal
import subprocess
import sys
import time

CHILD = """
import itertools, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
from skmtl import MultiTaskClassifier

X = np.random.default_rng(0).normal(size=(8, 3))
y = np.array([[0, 1], [1, 0]] * 4)
counts, units, seen = [0, 0], itertools.count(2), -1
print("ready", flush=True)
while True:
    try:
        if sum(counts) != seen:
            seen = sum(counts)
            print(*counts, flush=True)
        model = MultiTaskClassifier(epochs=1, trunk_units=(next(units),), sharing="mmoe")
        model.fit(X, y).predict(X)
        counts[0] += 1
    except KeyboardInterrupt:
        assert not hasattr(model, "classes_") or model.predict(X).shape == (8, 2)
        counts[1] += 1
"""


def interrupt_builds(n_processes, n_signals=5, seed=0) -> dict:
    """Send SIGINT to processes that build networks.

    Returns
    -------
    dict
        Counts of "signals", and of "fits" and "interrupted" fits that processes have printed.

    Raises
    ------
    AssertionError
        If a process ended by another signal than the one that stops it, or hangs.
    """
    rng, counts = random.Random(seed), {"signals": 0, "fits": 0, "interrupted": 0}
    for _ in range(n_processes):
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n", process.communicate()[1][-2000:]
        for _ in range(n_signals):
            time.sleep(rng.uniform(0, 1.5))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGINT)
            counts["signals"] += 1
        time.sleep(1)
        is_alive = process.poll() is None
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=60)
        # an interrupt between two fits may end the process as it ends any program
        ended = is_alive or errors.rstrip().endswith("KeyboardInterrupt")
        assert ended, f"ended by {process.returncode}: {errors[-2000:]}"
        lines = [line.split() for line in said.splitlines()]
        whole = [line for line in lines if len(line) == 2]  # a print may be interrupted, too
        if whole:
            counts["fits"] += int(whole[-1][0])
            counts["interrupted"] += int(whole[-1][1])
    return counts
