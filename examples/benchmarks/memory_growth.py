"""What stays in memory of networks that are no longer needed: a long search in one process.

    python examples/benchmarks/memory_growth.py [--fits 60]

fits and predicts with one new architecture after another, in a process per contestant, and prints
by how much the process grows per architecture. The first third is not counted: skmtl keeps the
programs of eight architectures, and TensorFlow's memory fills.
"""

import argparse
import gc
import subprocess
import sys

import _contest  # noqa: F401  (no GPU)
import keras
import numpy as np

from skmtl import MultiTaskClassifier
from skmtl.comparison._memory import resident_mib


def ours(X, y, n_units):
    """Fit `MultiTaskClassifier`."""
    model = MultiTaskClassifier(trunk_units=(n_units,), epochs=1, random_state=0)
    model.fit(X, y).predict(X)


def bare_keras(X, y, n_units):
    """Fit a network as small, written in Keras."""
    pixels = keras.Input(X.shape[1:])
    hidden = keras.layers.Rescaling(1 / 255)(pixels)
    for filters in (32, 64):
        hidden = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(hidden)
        hidden = keras.layers.MaxPooling2D()(hidden)
    hidden = keras.layers.GlobalAveragePooling2D()(hidden)
    hidden = keras.layers.Dense(n_units, activation="relu")(hidden)
    heads = [keras.layers.Dense(3, activation="softmax")(hidden) for _ in range(2)]
    model = keras.Model(pixels, heads)
    model.compile("adam", loss=["sparse_categorical_crossentropy"] * 2)
    model.fit(X, list(y.T), verbose=0)
    model.predict(X, verbose=0)


def cleared_keras(X, y, n_units):
    """Fit it, and call what Keras has against this."""
    bare_keras(X, y, n_units)
    keras.backend.clear_session()


CONTESTANTS = {"skmtl": ours, "Keras": bare_keras, "Keras, clear_session()": cleared_keras}


def measure(contestant, n_fits):
    """Return MiB per architecture, and those of the whole process at the end."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (64, 8, 8, 1), dtype=np.uint8)
    y = rng.integers(0, 3, (64, 2))
    warm_up = n_fits // 3
    for number in range(n_fits):
        if number == warm_up:
            gc.collect()
            start = resident_mib()
        contestant(X, y, 8 + number)
    gc.collect()
    end = resident_mib()
    return (end - start) / (n_fits - warm_up), end


def main():
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fits", type=int, default=60)
    parser.add_argument("--only", choices=CONTESTANTS)
    options = parser.parse_args()
    if options.only:
        growth, end = measure(CONTESTANTS[options.only], options.fits)
        print(f"| {options.only} | {growth:.1f} | {end:.0f} |")
        return
    print("| contestant | MiB per architecture | MiB of the process at the end |")
    print("|---|---|---|")
    for name in CONTESTANTS:
        command = [sys.executable, __file__, "--fits", str(options.fits), "--only", name]
        done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
        print(done.stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
