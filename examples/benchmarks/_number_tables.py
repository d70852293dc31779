"""Tables of numbers and categories, made and real, for the encodings that `tables.py` compares."""

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.model_selection import GroupKFold, StratifiedKFold, train_test_split

from skmtl.datasets import load_hanzi

MADE = ("clusters", "heavy tails", "rules", "smooth")
REAL = ("wine", "breast_cancer", "diabetes", "digits")
N_NUMBERS, N_CATEGORIES = 20, 7


def table(name, n_rows):
    """Return numbers, categories, labels (-1 for missing ones) and folds of a table.

    Numbers and categories are frames, categories None where there are none.
    """
    if name == "hanzi":
        X, y, groups = load_hanzi(return_groups=True)
        labels = [pd.factorize(y[task])[0] for task in ("tone", "initial", "level")]
        folds = [next(GroupKFold(5, shuffle=True, random_state=0).split(X, groups=groups))]
        numbers = X[["log_frequency", "n_words"]].astype(float)
        return numbers, X[["cantonese_tone", "korean_initial"]], np.stack(labels, 1), folds
    if name in REAL:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True, as_frame=True)
        if name == "diabetes":  # the progression of the disease, in thirds
            y = pd.qcut(y, 3, labels=False)
        y = y.to_numpy().astype(int)
        folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
        return X, None, y[:, None], folds
    numbers, categories, labels = _made(name, n_rows)
    folds = [train_test_split(np.arange(n_rows), test_size=0.2, random_state=0)]
    numbers = pd.DataFrame(numbers).add_prefix("number_")
    categories = pd.DataFrame(categories).astype("category").add_prefix("category_")
    return numbers, categories, labels, folds


def _made(name, n):
    rng = np.random.default_rng(0)
    if name in ("clusters", "heavy tails"):
        X, first = datasets.make_classification(
            n,
            N_NUMBERS,
            n_informative=10,
            n_redundant=4,
            n_classes=4,
            n_clusters_per_class=3,
            class_sep=1.2,
            flip_y=0.02,
            random_state=0,
        )
        second = _bands(X @ rng.normal(size=N_NUMBERS) + 0.5 * X[:, 0] * X[:, 1], 3)
        noisy = 2 * X[:, :N_CATEGORIES] + rng.normal(size=(n, N_CATEGORIES))
        C = np.stack([np.digitize(c, np.linspace(-4, 4, 5 + 3 * j)) for j, c in enumerate(noisy.T)])
        effects = rng.normal(size=(N_CATEGORIES, 50))
        score = sum(effect[c] for effect, c in zip(effects, C, strict=True)) + X[:, 3]
        third = _bands(score + effects[0][C[1]] * effects[1][C[2]], 4)
        C = C.T.astype(object)
        if name == "heavy tails":
            X = _with_heavy_tails(X, rng)
            C[rng.random(C.shape) < 0.05] = None
        return X, C, np.stack([first, second, third], 1)
    X = rng.random((n, N_NUMBERS))
    C = np.stack([rng.integers(0, 4 + 4 * j, n) for j in range(N_CATEGORIES)], 1)
    if name == "rules":
        first = (
            (X[:, 0] > 0.6) & (X[:, 1] < 0.5),
            ((X[:, 2] > 0.3) & (X[:, 2] < 0.5)) | (X[:, 3] > 0.8),
        )
        second = np.where(C[:, 0] < 2, X[:, 4] > 0.5, X[:, 5] > 0.7), C[:, 2] % 3 == 0
        labels = [first[0] + 2 * first[1], second[0] + 2 * second[1], (6 * X[:, 6]).astype(int) % 3]
        labels = [np.where(rng.random(n) < 0.05, rng.permutation(one), one) for one in labels]
        return X * np.logspace(-3, 3, N_NUMBERS), C, np.stack(labels, 1)
    noise = rng.normal(size=(3, n))
    friedman = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2
    effect = rng.normal(size=60)
    scores = (
        friedman + 10 * X[:, 3] + 5 * X[:, 4] + noise[0],
        np.sin(6 * np.pi * X[:, 5]) + 4 * X[:, 6] * X[:, 7] + 0.3 * noise[1],
        effect[C[:, 3]] + effect[C[:, 5]] + 2 * X[:, 8] + 0.3 * noise[2],
    )
    return X, C, np.stack([_bands(score, 4) for score in scores], 1)


def _bands(score, n):
    """Return a score in classes of equal size."""
    return np.digitize(score, np.quantile(score, np.linspace(0, 1, n + 1)[1:-1]))


def _with_heavy_tails(X, rng):
    """Return the numbers in unlike units, some lognormal or with wild values, 5 % missing."""
    X = X.copy()
    X[:, 0::4] = np.exp(2 * X[:, 0::4])
    X[:, 1::4] = 1e5 * X[:, 1::4] ** 3
    wild = rng.random((len(X), 5)) < 0.005
    X[:, 2::4] = np.where(wild, 1e7 * rng.standard_cauchy(wild.shape), X[:, 2::4])
    X[:, 3::4] = np.round(1e-3 * X[:, 3::4], 4)
    X[rng.random(X.shape) < 0.05] = np.nan
    return X
