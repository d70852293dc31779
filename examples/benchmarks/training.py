"""Training and predicting against SciKeras and bare Keras: ratios measured in one run.

Usage: ``python examples/benchmarks/training.py [grid fit predict unpaired aggregators dense
memory]``.
"""

import gc
import sys
import time
from functools import partial

from _contest import contest, report  # isort: skip
import keras
import numpy as np
import pandas as pd
import psutil
from _rivals import SciKerasTwoBranch, compiled_model

from skmtl import MultiTaskClassifier
from skmtl.model_selection import loss_weight_grid
from skmtl.training.programs import forget_programs

EPOCHS, BATCH = 5, 32


def frozen_table(n_rows=2000, seed=0):
    """Rows of features, as a frozen backbone gives them, and two tasks."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 256)).astype(np.float32)
    return X, rng.integers(0, [6, 10], (n_rows, 2))


def raw_table(n_rows=960, seed=0):
    """Rows of images and token ids, and two tasks."""
    rng = np.random.default_rng(seed)
    images = np.empty(n_rows, object)
    images[:] = list(rng.integers(0, 256, (n_rows, 32, 32, 3)).astype(np.uint8))
    ids = np.empty(n_rows, object)
    ids[:] = list(rng.integers(2, 2000, (n_rows, 32)).astype(np.int32))
    y = pd.DataFrame(rng.integers(0, [6, 10], (n_rows, 2)), columns=["a", "b"])
    return pd.DataFrame({"image": images, "text": ids}), y


def estimator(**options):
    """Return the classifier with a dense layer in both branches and a trunk."""
    options = {"epochs": EPOCHS, "batch_size": BATCH, "branch_units": 64, **options}
    return MultiTaskClassifier(trunk_units=64, fusion="concat", random_state=0, **options)


def flat_inputs(X):
    """Return the raw table as one array per input of the network, and as SciKeras' one array."""
    pixels = np.stack(X["image"].tolist())
    ids = np.stack(X["text"].tolist())
    flat = np.concatenate([pixels.reshape(len(X), -1), ids], axis=1).astype(np.float32)
    return pixels, ids, flat


def split_raw(flat):
    """Undo `flat_inputs` for SciKeras."""
    pixels = flat[:, :3072].reshape(-1, 32, 32, 3).astype(np.uint8)
    ones = np.ones((len(flat), 1), np.float32)
    return [pixels, flat[:, 3072:].astype(np.int32), ones, ones]


def split_nothing(X):
    """Give SciKeras the features as they are."""
    return [X]


def candidates(make, X, y, names):
    """Return a function that fits and scores the next candidate at every call."""
    weights = loss_weight_grid(names, 12)
    queue = iter([w for w in weights for _ in range(3)] * 20)
    n_train = len(X) * 2 // 3

    def one():
        model = make(next(queue))
        model.fit(X[:n_train], y[:n_train])
        return (
            model.predict_labels(X[n_train:])
            if hasattr(model, "predict_labels")
            else (model.score(X[n_train:], y[n_train:]))
        )

    return one


def bench_grid(rounds):
    """GridSearchCV over 12 loss weights and 3 folds: seconds per candidate."""
    X, y = frozen_table()
    names = ["task_0", "task_1"]
    for dropout in (0.0, 0.5):
        make = partial(estimator, branch_dropout=dropout)
        spec = make().fit(X, y)._fitted.spec
        rival = partial(SciKerasTwoBranch, spec, split_nothing)
        seconds = contest(
            {
                "skmtl": candidates(lambda w, make=make: make(loss_weights=w), X, y, names),
                "SciKeras, rebuilt": candidates(
                    lambda w, rival=rival: rival(list(w.values())), X, y, names
                ),
            },
            rounds=rounds,
            warm_up=1,
        )
        title = f"Grid over heads on frozen features (dropout {dropout}), per candidate"
        report(title, seconds, bar="20 times", unit="ms")

    X, y = raw_table()
    ours = estimator().fit(X, y)
    flat = flat_inputs(X)[2]
    spec = ours._fitted.spec
    seconds = contest(
        {
            "skmtl": candidates(lambda w: estimator(loss_weights=w), X, y, ["a", "b"]),
            "SciKeras, rebuilt": candidates(
                lambda w: SciKerasTwoBranch(spec, split_raw, list(w.values())),
                flat,
                y.to_numpy(),
                ["a", "b"],
            ),
        },
        rounds=max(3, rounds // 2),
        warm_up=1,
    )
    report("Grid over small CNN and text embedding, per candidate", seconds, bar="3 times")


def bench_fit(rounds):
    """One fit against bare Keras on the identical network."""
    X, y = raw_table()
    spec = estimator(epochs=1).fit(X, y)._fitted.spec
    pixels, ids, _ = flat_inputs(X)
    ones = np.ones((len(X), 1), np.float32)
    labels = list(y.to_numpy().T)

    def keras_first():
        keras.backend.clear_session()
        model = compiled_model(spec)
        model.fit([pixels, ids, ones, ones], labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)

    def ours_first():
        forget_programs()
        estimator().fit(X, y)

    seconds = contest({"skmtl": ours_first, "Keras": keras_first}, rounds=max(3, rounds // 2))
    report("First fit in a process (everything compiled)", seconds, bar="1 / 1.1 or more")
    later = contest(
        {"skmtl, program kept": lambda: estimator().fit(X, y), "Keras": keras_first},
        rounds=max(3, rounds // 2),
        warm_up=1,
    )
    report("Later fits of the same shape", later, bar="2 times")


def bench_predict(rounds):
    """One row and many rows."""
    X, y = raw_table()
    ours = estimator(epochs=1).fit(X, y)
    _, _, flat = flat_inputs(X)
    rival = SciKerasTwoBranch(ours._fitted.spec, split_raw, epochs=1).fit(flat, y.to_numpy())
    row, flat_row = X.iloc[:1], flat[:1]

    def repeated(predict, times):
        return lambda: [predict() for _ in range(times)]

    for times, title in ((20, "20 times in a row, per call"), (1, "in turn with the rival")):
        seconds = contest(
            {
                "skmtl": repeated(lambda: ours.predict(row), times),
                "SciKeras": repeated(lambda: rival.predict_labels(flat_row), times),
            },
            rounds=(100 if times == 1 else 20) * rounds // 5,
            warm_up=2,
        )
        title = f"Predict one row, {title}"
        report(title, seconds, bar="at most 2 ms, and 50 times", unit="ms", per=times)

    many, _ = raw_table(10_000)
    pixels, ids, _ = flat_inputs(many)
    ones = np.ones((512, 1), np.float32)
    model = compiled_model(ours._fitted.spec)

    def keras_batches():
        for start in range(0, len(many), 512):
            rows = slice(start, start + 512)
            n_rows = len(pixels[rows])
            model.predict_on_batch([pixels[rows], ids[rows], ones[:n_rows], ones[:n_rows]])

    seconds = contest(
        {"skmtl": lambda: ours.predict(many), "Keras predict_on_batch": keras_batches},
        rounds=max(3, rounds // 2),
        warm_up=1,
    )
    report("Predict 10,000 rows", seconds, bar="1 time")


def bench_unpaired(rounds):
    """Half the rows have only an image, half only a text; against zeros in place of None."""
    X, y = raw_table(1920)
    halves = X.copy()
    halves.loc[: len(X) // 2 - 1, "text"] = None
    halves.loc[len(X) // 2 :, "image"] = None
    filled = X.copy()
    for row in range(len(X)):
        if row < len(X) // 2:
            filled.at[row, "text"] = np.ones(32, np.int32)
        else:
            filled.at[row, "image"] = np.zeros((32, 32, 3), np.uint8)
    clocks = {"modality-aware": EpochClock(), "zero-filled": EpochClock()}
    tables = {"modality-aware": halves, "zero-filled": filled}
    fits = {
        name: partial(estimator(callbacks=[clocks[name]]).fit, table, y)
        for name, table in tables.items()
    }
    fit_seconds = contest(fits, rounds=2 * rounds, warm_up=1)
    epoch_seconds = {name: clock.median_of_each_fit()[1:] for name, clock in clocks.items()}
    report("An epoch of an unpaired table", epoch_seconds, bar="1 / 0.6 = 1.67 times")
    report(f"A whole fit of it, {EPOCHS} epochs", fit_seconds)


class EpochClock(keras.callbacks.LambdaCallback):
    """The seconds of every epoch; hooks of epochs keep the compiled loop."""

    def __init__(self):
        self.times = []
        super().__init__(
            on_epoch_begin=lambda *_: self.times.append(time.perf_counter()),
            on_epoch_end=lambda *_: self.times.append(time.perf_counter()),
        )

    def median_of_each_fit(self):
        """Return a number of seconds per fit."""
        began, ended = np.reshape(self.times, (-1, EPOCHS, 2)).transpose(2, 0, 1)
        return np.median(ended - began, axis=1)


def bench_aggregators(rounds):
    """A step with an aggregator against a plain one."""
    for n_tasks, bar in ((2, "2.5"), (4, "4.5")):
        X, _ = raw_table()
        rng = np.random.default_rng(1)
        y = pd.DataFrame(rng.integers(0, 6, (len(X), n_tasks)), columns=list("abcd")[:n_tasks])
        names = [None, "pcgrad", "mgda", "cagrad", "upgrad"]
        models = {name or "plain": estimator(gradient_aggregator=name) for name in names}
        runs = {name: partial(model.fit, X, y) for name, model in models.items()}
        seconds = contest(runs, rounds=rounds, warm_up=1)
        report(f"Aggregators over {n_tasks} tasks", seconds, bar=f"at most {bar} times plain")


def bench_dense_aggregators(rounds):
    """A fit of a dense network with an aggregator against a plain one."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 50)).astype(np.float32)
    for n_tasks in (2, 4, 40):
        scores = X @ rng.normal(size=(50, n_tasks)) + rng.normal(size=(1000, n_tasks))
        runs = {
            name or "plain": partial(
                MultiTaskClassifier(epochs=3, gradient_aggregator=name, random_state=0).fit,
                X,
                (scores > 0).astype(int),
            )
            for name in (None, "pcgrad", "mgda", "cagrad", "upgrad")
        }
        seconds = contest(runs, rounds=rounds, warm_up=1)
        title = f"Aggregators over {n_tasks} tasks of a table of numbers"
        report(title, seconds, bar="at most 2.5 times plain")


def bench_memory(_):
    """Growth of the process over 100 fits after the first five."""
    X, y = raw_table(128)
    process = psutil.Process()
    readings = []
    for fit in range(105):
        estimator(epochs=1, loss_weights=[1.0, 1.0 + fit]).fit(X, y)
        if fit >= 4:
            gc.collect()
            readings.append(process.memory_info().rss / 2**20)
    print("\n### Memory over 100 fits after the first five\n\nBar: at most 20 MiB\n")
    print("| fits | MiB above the fifth |\n|---|---|")
    for fits in (10, 25, 50, 100):
        print(f"| {fits} | {readings[fits] - readings[0]:.1f} |")


BENCHMARKS = {
    "grid": bench_grid,
    "fit": bench_fit,
    "predict": bench_predict,
    "unpaired": bench_unpaired,
    "aggregators": bench_aggregators,
    "dense": bench_dense_aggregators,
    "memory": bench_memory,
}

if __name__ == "__main__":
    for chosen in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[chosen](5)
