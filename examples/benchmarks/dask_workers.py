"""Two Dask workers against one, on fits of ten seconds or more.

    python examples/benchmarks/dask_workers.py [--seconds 10] [--fits 4]

starts clusters of one and of two worker processes on this machine, each worker with one thread,
lets each train one network first (start and compilation are paid once per worker), and times a
cross-validation.
"""

import argparse
import os
import time

import _contest  # noqa: F401  (no GPU)
import numpy as np
from dask.distributed import Client, LocalCluster
from sklearn.model_selection import cross_validate

from skmtl import MultiTaskClassifier
from skmtl.model_selection import dask_workers


def make_table(n_rows=1500):
    """Return images and labels of two tasks."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n_rows, 32, 32, 3), dtype=np.uint8)
    return X, np.column_stack([rng.integers(0, 3, n_rows), rng.integers(0, 2, n_rows)])


def fit_seconds(epochs):
    """Return the seconds of a fit in this process, compiled before."""
    X, y = make_table()
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(X, y)
    started = time.perf_counter()
    model.set_params(epochs=epochs).fit(X, y)
    return time.perf_counter() - started


def validate(model, X, y, n_folds):
    """Return what `cross_validate` does."""
    return cross_validate(model, X, y, cv=n_folds, error_score="raise")


def main():
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10, help="of one fit, about")
    parser.add_argument("--fits", type=int, default=4)
    options = parser.parse_args()
    X, y = make_table()
    spent, epochs = {}, None
    for n_workers in (1, 2):
        with (
            LocalCluster(
                n_workers=n_workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
            ) as cluster,
            Client(cluster) as client,
            dask_workers(client),
        ):
            client.run(fit_seconds, 1)
            if epochs is None:
                (per_epochs,) = client.run(fit_seconds, 4).values()
                share = 1 - 1 / options.fits  # of the rows, that a fold is trained on
                epochs = max(1, round(4.4 * options.seconds / per_epochs / share))
            model = MultiTaskClassifier(epochs=epochs, random_state=0)
            started = time.perf_counter()
            if n_workers == 1:  # joblib itself would compute in this process, with all threads
                results = client.submit(validate, model, X, y, options.fits).result()
            else:
                results = validate(model, X, y, options.fits)
            spent[n_workers] = time.perf_counter() - started
            print(
                f"{n_workers} worker(s): {spent[n_workers]:.1f} s for {options.fits} fits of "
                f"{np.median(results['fit_time']):.1f} s, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    print(f"two workers are {spent[1] / spent[2]:.2f} times as fast as one")


if __name__ == "__main__":
    main()
