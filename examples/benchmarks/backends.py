"""The same fits on TensorFlow, JAX and PyTorch, in separate processes that take turns.

python examples/benchmarks/backends.py [--rounds 3]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

BACKENDS = ("tensorflow", "jax", "torch")


def tables():
    """Return two small tables by name: numbers, and images with texts."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, (600, 2))
    numbers = (rng.normal(size=(600, 64)) + y[:, :1]).astype("float32")
    images = rng.integers(0, 256, (300, 32, 32, 3), dtype=np.uint8)
    texts = ["好 开心 快乐" if label else "坏 难过 伤心" for label in y[:300, 1]]
    return {
        "numbers": (numbers, y),
        "images and texts": (pd.DataFrame({"image": list(images), "text": texts}), y[:300]),
    }


def measure():
    """Print the seconds of a first fit, of a later one and of a prediction, as JSON."""
    from skmtl import MultiTaskClassifier

    seconds = {}
    for name, (X, y) in tables().items():
        model = MultiTaskClassifier(epochs=5, trunk_units=64, random_state=0)
        for what in ("first fit", "later fit"):
            start = time.perf_counter()
            model.fit(X, y)
            seconds[f"{name}, {what}"] = time.perf_counter() - start
        model.predict(X)
        start = time.perf_counter()
        model.predict(X)
        seconds[f"{name}, predict"] = time.perf_counter() - start
    print(json.dumps(seconds))


def main():
    """Run every backend `rounds` times in turn; print medians and ratios to TensorFlow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help="for the processes it starts")
    options = parser.parse_args()
    if options.measure:
        measure()
        return
    runs = {backend: [] for backend in BACKENDS}
    for _ in range(options.rounds):
        for backend in BACKENDS:
            result = subprocess.run(
                [sys.executable, __file__, "--measure"],
                env={**os.environ, "KERAS_BACKEND": backend},
                stdout=subprocess.PIPE,
                check=True,
            )
            runs[backend].append(json.loads(result.stdout))
    print("| what | TensorFlow | JAX, times as long | PyTorch, times as long |")
    print("|---|---|---|---|")
    for what in runs["tensorflow"][0]:
        base = [run[what] for run in runs["tensorflow"]]
        ratios = [
            statistics.median(run[what] / b for run, b in zip(runs[name], base, strict=True))
            for name in ("jax", "torch")
        ]
        print(f"| {what} | {statistics.median(base):.3f} s | {ratios[0]:.2f} | {ratios[1]:.2f} |")


if __name__ == "__main__":
    main()
