"""Candidates of one architecture trained side by side on one device, against one after another.

``KERAS_BACKEND=jax python examples/benchmarks/side_by_side.py [heads emoji]``

The compiled epoch of a fit is mapped over stacked weights (`jax.vmap`), as a search over loss
weights could do. It is measured here and not built in: see docs/decisions.md.
"""

import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import numpy as np

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.training.backend import Program
from skmtl.training.jax._rows import planned_steps
from skmtl.training.shapes import bucket, filled

NUMBERS = (4, 12)
REPEATS = 5


def heads():
    """Return a model of dense layers on vectors, as of frozen backbones, and a table for it."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 1024)).astype(np.float32)
    y = np.stack([rng.integers(0, 6, 2000), rng.integers(0, 40, 2000)], axis=1)
    return MultiTaskClassifier(branch_units=128, epochs=1, random_state=0), X, y


def emoji():
    """Return the default model of images and texts, and the emoji."""
    X, y = load_emoji()
    return MultiTaskClassifier(epochs=1, image_size=(16, 16), random_state=0), X, y


def first_call(model, X, y):
    """Return the program of a fit, and what its first epoch was given."""
    seen, call = [], Program._call

    def watched(self, data, plan, sums, *, training):
        if not seen:
            self._loops = True  # on a CPU too: an epoch is one call
            table = {n: jax.numpy.asarray(a) for n, a in data["arrays"].items()}
            state = [jax.numpy.array(v.value) for v in self._all]
            seen.append((self, data | {"arrays": table}, plan, sums, state))
        return call(self, seen[0][1], plan, sums, training=training)

    Program._call = watched
    try:
        model.fit(X, y)
    finally:
        Program._call = call
    return seen[0]


def seconds(function, *arguments):
    """Return the median time of a call that is compiled already."""
    jax.block_until_ready(function(*arguments))
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def compare(name, model, X, y):
    """Print how many times as fast candidates are side by side."""
    program, data, plan, sums, state = first_call(model, X, y)
    steps = planned_steps(plan, data)
    steps = {n: filled(value, bucket(len(plan))) for n, value in steps.items()}
    epoch = program._compile(True, data["all_labelled"]).__wrapped__
    alone = seconds(jax.jit(epoch), state, sums, data["arrays"], steps, len(plan))
    device = jax.devices()[0].device_kind
    print(f"{name} on {device}: an epoch of {len(plan)} steps takes {1000 * alone:.1f} ms alone")
    several = jax.jit(jax.vmap(epoch, in_axes=(0, 0, None, None, None)))
    for n in NUMBERS:
        stacked = [jax.numpy.stack([v] * n) for v in state]
        stacked_sums = {key: np.stack([v] * n) for key, v in sums.items()}
        together = seconds(several, stacked, stacked_sums, data["arrays"], steps, len(plan))
        ratio = n * alone / together
        print(
            f"  {n} side by side: {1000 * together:.1f} ms, {ratio:.2f} times as fast", flush=True
        )


if __name__ == "__main__":
    makers = {"heads": heads, "emoji": emoji}
    for chosen in sys.argv[1:] or makers:
        compare(chosen, *makers[chosen]())
