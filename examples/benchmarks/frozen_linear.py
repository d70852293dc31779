"""Frozen features of emoji: the default estimator against tuned logistic regression, with costs.

    python examples/benchmarks/frozen_linear.py MODELS [--seeds 3] [--results FILE]

MODELS is a folder with `efficientnet_lite0_timm` and `e5_small_zh_bert`. Three folds a seed. Both
contestants read the same features of image and text. The estimator has its defaults; logistic
regression is fitted per label on standardised features, and C and the scale of the image's
features are chosen by three inner folds. Processor seconds are those of all three folds: what
computing the features took is measured once and added to both.
"""

import argparse
import os
import time
import warnings
from functools import cache, partial
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _markdown import header, in_points, row
from _results import Results
from fusion import emoji_frozen
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmtl import MultiTaskClassifier
from skmtl.backbones import MemoryFeatureCache
from skmtl.metrics import task_scores

N_IMAGE = 1280
GRID = {
    "features__transformer_weights": [{"image": s, "text": 1.0} for s in (0.1, 0.3, 1.0)],
    "linear__C": [0.001, 0.01, 0.1, 1.0, 10.0],
}


def table(models, seed):
    """Return table, labels, folds and options."""
    return emoji_frozen(seed, argparse.Namespace(models=models, cache=None))


@cache
def encoded(models):
    """Return options with a filled cache, the features, and the seconds that filled it."""
    X, y, _, options = table(models, 0)
    options["feature_cache"] = MemoryFeatureCache()
    model = MultiTaskClassifier(random_state=0).set_params(**options).initialize(X, y)
    started = time.process_time()
    features = np.hstack([model.transform(X, column=name) for name in ("image", "text")])
    return options, features, time.process_time() - started


def network(X, y, options, seed):
    """Return a function from training and test rows to predictions of the default estimator."""

    def predictions(train, test):
        model = MultiTaskClassifier(random_state=seed).set_params(**options)
        return model.fit(X.iloc[train], y.iloc[train]).predict(X.iloc[test])

    return predictions


def linear(y, features):
    """Return the same for logistic regression with a search per label."""
    parts = [("image", slice(0, N_IMAGE)), ("text", slice(N_IMAGE, None))]
    both = ColumnTransformer([(name, StandardScaler(), part) for name, part in parts])
    model = Pipeline([("features", both), ("linear", LogisticRegression(max_iter=1000))])

    def predictions(train, test):
        found = []
        for task in y:
            known = train[y[task].notna().to_numpy()[train]]
            search = GridSearchCV(model, GRID, cv=3).fit(features[known], y[task].iloc[known])
            found.append(search.predict(features[test]))
        return np.stack(found, axis=1)

    return predictions


def judged(contestant, seed, models):
    """Return the mean accuracy of each task, and seconds: with and without computing features."""
    X, y, folds, _ = table(models, seed)
    options, features, encoding = encoded(models)
    is_network = contestant == "network"
    predictions = network(X, y, options, seed) if is_network else linear(y, features)
    scores = []
    started = time.process_time()
    for train, test in folds:
        found = predictions(train, test)
        scores.append(list(task_scores(y.iloc[test], found).values()))
    own = time.process_time() - started
    return [*np.mean(scores, axis=0), encoding + own, own]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--results", default="frozen_linear.jsonl")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    results, runs = Results(args.results), {}
    header("", "group", "subgroup", "processor s", "of these after the features")
    for name in ("network", "linear"):
        runs[name] = np.array(
            [
                results.get(name, seed, compute=partial(judged, name, seed, args.models))
                for seed in range(args.seeds)
            ]
        )
        means = runs[name].mean(axis=0)
        row(name, *means[:2], *(f"{seconds:.0f}" for seconds in means[2:]))
    gaps = 100 * (runs["network"] - runs["linear"])
    row("network − linear, points", *map(in_points, gaps[:, :2].T), "", "")


if __name__ == "__main__":
    main()
