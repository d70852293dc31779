"""A table of image files that is larger than the memory it may use: throughput and peak memory.

    python examples/benchmarks/streaming.py [--rows 20000] [--epochs 1] [--rounds 3]

makes JPEG files of 224 x 224 in a temporary folder, decodes them alone, trains and predicts with a
tiny backbone, and prints rows per second and the peak of the process above what it had after the
import. Decoding alone is what the estimator does without a network: the same reader, as many
threads, parts of the same size, every image dropped as soon as it is decoded. The network alone
is timed, too, on 4,000 images that are decoded before.
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import _contest  # noqa: F401  (no GPU)
import keras
import numpy as np
import pandas as pd
from PIL import Image

from skmtl import MultiTaskClassifier
from skmtl.comparison._memory import MemoryRise
from skmtl.data.lazy import LazyRows
from skmtl.preprocessing._image_reader import ImageReader

SIZE = 224
GIB = 2**30


def make_files(folder, n_rows):
    """Write images: clouds of colour, and some grain, about as large as photographs."""
    folder = Path(folder)

    def make(row):
        rng = np.random.default_rng(row)
        clouds = Image.fromarray(rng.integers(0, 256, (14, 14, 3), dtype=np.uint8))
        pixels = np.asarray(clouds.resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.int16)
        grain = rng.integers(-12, 13, (SIZE, SIZE, 1), dtype=np.int16)
        pixels = (pixels + grain).clip(0, 255).astype(np.uint8)
        path = folder / f"{row:06d}.jpg"
        Image.fromarray(pixels).save(path, quality=85)
        return str(path)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(make, range(n_rows)))


def tiny_backbone():
    """One convolution: of each patch of 16 x 16 pixels, it looks at 4 x 4."""
    return keras.layers.Conv2D(8, 4, strides=16, activation="relu", name="patches")


def main():
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        paths = make_files(folder, options.rows)
        size = sum(Path(path).stat().st_size for path in paths) / options.rows
        print(
            f"{options.rows} files of {size / 1024:.1f} KiB made in "
            f"{time.perf_counter() - started:.0f} s; decoded they take "
            f"{options.rows * SIZE * SIZE * 3 / GIB:.2f} GiB"
        )
        measure(paths, options.epochs, options.rounds)


def measure(paths, epochs, rounds):
    """Decode, fit and predict."""
    n_rows = len(paths)
    X = pd.DataFrame({"image": paths})
    rng = np.random.default_rng(0)
    y = pd.DataFrame({"a": rng.integers(0, 3, n_rows), "b": rng.integers(0, 2, n_rows)})
    model = MultiTaskClassifier(image_backbone=tiny_backbone(), epochs=epochs, random_state=0)
    few = slice(0, min(n_rows, 256))
    model.fit(X[few], y[few]).predict(X[few])  # compiled once; the bar is about the flow
    cells = np.array(paths, object)
    decoded = LazyRows(ImageReader(cells, np.arange(n_rows)))

    def decode():
        for block in decoded.blocks():
            np.asarray(block)

    def fit():
        model.fit(X, y)

    def predict():
        model.predict(X)

    with MemoryRise() as memory:
        seconds = {"decoding alone": [_timed(decode)], "fit": [], "predict": []}
        for _ in range(rounds):
            seconds["fit"].append(_timed(fit) / epochs)
            seconds["predict"].append(_timed(predict))
            seconds["decoding alone"].append(_timed(decode))
    in_memory = decoded_rates(model, np.asarray(decoded[: min(n_rows, 4000)]), y)
    seconds = {name: np.array(values) for name, values in seconds.items()}
    alone = seconds["decoding alone"]
    alone = (alone[:-1] + alone[1:]) / 2
    print("\n| what | rows per second (median) | of decoding alone (median, all rounds) |")
    print("|---|---|---|")
    for name, spent in seconds.items():
        share = 100 * alone / (alone if name == "decoding alone" else spent)
        each = ", ".join(f"{value:.0f}" for value in share)
        print(f"| {name} | {n_rows / np.median(spent):.0f} | {np.median(share):.0f} % ({each}) |")
    for name, rate in in_memory.items():
        print(f"| {name}, images decoded before | {rate:.0f} | |")
    print(f"\npeak memory above the import: {memory.rise_mib / 1024:.2f} GiB")


def decoded_rates(model, pixels, y) -> dict:
    """Return the rows per second of the network alone: in parts too, but nothing is decoded."""
    y = y[: len(pixels)]
    calls = {"fit": lambda: model.fit(pixels, y), "predict": lambda: model.predict(pixels)}
    return {
        name: len(pixels) / np.median([_timed(call) for _ in range(5)])
        for name, call in calls.items()
    }


def _timed(call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
