"""Encodings of numbers, one dense network, and the two rivals from scikit-learn."""

import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from skmtl.columns.table import TablePart

EPOCHS, BATCH = 20, 32


def standard(train, X):
    """Mean 0, variance 1."""
    return make_pipeline(SimpleImputer(), StandardScaler()).fit(train).transform(X)


def clipped(train, X):
    """Median 0, quartiles as of a normal distribution, smoothly clipped at 3."""
    low, middle, high = np.nanquantile(train, [0.25, 0.5, 0.75], axis=0)
    scale = (high - low) / 1.349
    z = np.nan_to_num((X - middle) / np.where(scale == 0, 1, scale))
    return z / np.sqrt(1 + (z / 3) ** 2)


def quantile(train, X):
    """Rank to a normal score."""
    scores = QuantileTransformer(output_distribution="normal", n_quantiles=min(1000, len(train)))
    return np.nan_to_num(np.clip(scores.fit(train).transform(X), -3.3, 3.3))


def piecewise(n_bins):
    """Piecewise-linear encoding with bins of equal frequency."""

    def encode(train, X):
        parts = []
        for known, values in zip(train.T, X.T, strict=True):
            edges = np.unique(np.nanquantile(known, np.linspace(0, 1, n_bins + 1)))
            steps = (values[:, None] - edges[:-1]) / np.maximum(np.diff(edges), 1e-300)
            parts.append(np.nan_to_num(np.clip(steps, 0, 1)))
        return np.concatenate(parts, 1)

    return encode


def periodic(train, X):
    """The normal score, and sines and cosines of it at three frequencies."""
    z = quantile(train, X)
    waves = [f(2 * np.pi * c * z) for c in (0.1, 0.25, 0.5) for f in (np.sin, np.cos)]
    return np.concatenate([z, *waves], 1)


def both(first, second):
    """Two encodings side by side."""
    return lambda train, X: np.concatenate([first(train, X), second(train, X)], 1)


ENCODINGS = {
    "standard": standard,
    "clipped": clipped,
    "quantile": quantile,
    "piecewise linear, 16 bins": piecewise(16),
    "piecewise linear, 48 bins": piecewise(48),
    "quantile, piecewise linear": both(quantile, piecewise(16)),
    "quantile, periodic": periodic,
}


def features(encoding, numbers, categories, train):
    """Return the float32 matrix of a table by an encoding, or by `TablePart` ("skmtl")."""
    kinds = dict.fromkeys(numbers, "number")
    if categories is not None:
        kinds |= dict.fromkeys(categories, "category")
    columns = {name: numbers[name] for name in numbers}
    if categories is not None:
        columns |= {name: categories[name] for name in categories}
    if encoding != "skmtl":  # categories alone: the same for every encoding
        kinds = {name: kind for name, kind in kinds.items() if kind == "category"}
        columns = {name: columns[name] for name in kinds}
    parts = []
    if columns:
        part = TablePart().fit({k: v.iloc[train] for k, v in columns.items()}, kinds)
        parts.append(part.transform(columns)[0])
    if encoding != "skmtl":
        X = numbers.to_numpy(float)
        missing = np.isnan(X)
        parts += [ENCODINGS[encoding](X[train], X), missing[:, missing[train].any(0)]]
    return np.concatenate(parts, 1).astype(np.float32)


def network(X, labels, train, test, *, seed, dropout, units=128):
    """Return the accuracy by label of one dense layer with a head per label."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input(X.shape[1:])
    hidden = keras.layers.Dense(units, activation="relu")(inputs)
    hidden = keras.layers.Dropout(dropout)(hidden)
    heads = [keras.layers.Dense(int(column.max()) + 1)(hidden) for column in labels.T]
    model = keras.Model(inputs, heads)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    model.compile(
        keras.optimizers.Adam(3e-3), [loss] * len(heads), steps_per_execution=32, jit_compile=False
    )
    truth = list(labels[train].T)
    model.fit(X[train], truth, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    logits = model.predict(X[test], batch_size=1024, verbose=0)
    logits = logits if isinstance(logits, list) else [logits]
    keras.backend.clear_session()
    return [
        _accuracy(z.argmax(1), column) for z, column in zip(logits, labels[test].T, strict=True)
    ]


def rival(name, numbers, categories, labels, train, test, seed):
    """Return the accuracy by label of a classifier per label with defaults."""
    if name == "MLPClassifier":
        X = features("standard", numbers, categories, train)
        model = MLPClassifier(random_state=seed)
    else:
        X = numbers if categories is None else numbers.join(categories)
        model = HistGradientBoostingClassifier(
            random_state=seed, categorical_features=[] if categories is None else list(categories)
        )
    scores = []
    for column in labels.T:
        known = train[column[train] >= 0]
        rows = X[known] if isinstance(X, np.ndarray) else X.iloc[known]
        tested = X[test] if isinstance(X, np.ndarray) else X.iloc[test]
        scores.append(_accuracy(model.fit(rows, column[known]).predict(tested), column[test]))
    return scores


def _accuracy(predicted, truth):
    known = truth >= 0
    return float(np.mean(predicted[known] == truth[known]))
