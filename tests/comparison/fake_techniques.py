"""Small classifiers that the comparison is tested with."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin


class NoisyRule(ClassifierMixin, BaseEstimator):
    """Predicts the sign of a column per task, wrong with a known probability.

    Writes a line per fit and a line per finished prediction to `log`, to tell what was done.
    """

    def __init__(self, error=0.0, random_state=None, seconds=0.0, log=None, fail_on=None):
        self.error = error
        self.random_state = random_state
        self.seconds = seconds
        self.log = log
        self.fail_on = fail_on

    def fit(self, X, y):
        self._write(f"fit {self.random_state} {self.error} {np.asarray(X)[:, 0].sum():.6f}")
        if self.fail_on is not None and self.random_state == self.fail_on:
            raise RuntimeError(f"cannot learn with seed {self.random_state}")
        time.sleep(self.seconds)
        self.task_names_ = [str(name) for name in pd.DataFrame(y).columns]
        self.classes_ = [np.array([0, 1])] * len(self.task_names_)
        self.n_parameters_ = 7
        return self

    def predict(self, X):
        X = np.asarray(X)
        rng = np.random.default_rng([self.random_state, len(X)])
        truth = (X[:, : len(self.task_names_)] > 0).astype(int)
        return np.where(rng.random(truth.shape) < self.error, 1 - truth, truth)

    def _write(self, text):
        if self.log is not None:
            with Path(self.log).open("a") as file:
                file.write(text + "\n")


def make_table(n_rows=60, missing=0.2, seed=0):
    """Return X, two columns, and the signs of its columns, some missing."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 2))
    y = pd.DataFrame(X > 0, columns=["left", "right"]).astype(int).astype(object)
    return X, y.mask(rng.random(y.shape) < missing, None)
