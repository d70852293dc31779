"""A grid search over a frozen MobileNetV2: with the feature cache, without it, and in SciKeras.

    python examples/benchmarks/frozen.py [--rounds 3]

Five loss weights, three folds, 120 images of 96 x 96. Without the cache every fit and every
prediction sends its rows through the backbone; SciKeras also trains the whole model with the
backbone in it. Weights are random: they do not change what it costs.
"""

import argparse

import numpy as np
from _contest import contest, report
from _rivals import SciKerasTwoBranch
from sklearn.model_selection import KFold, ParameterGrid

from skmtl import MultiTaskClassifier
from skmtl.backbones import FeatureCache, MemoryFeatureCache

N_ROWS, SIDE, EPOCHS = 120, 96, 5
WEIGHTS = [[0.1, 0.9], [0.3, 0.7], [0.5, 0.5], [0.7, 0.3], [0.9, 0.1]]


class NoCache(FeatureCache):
    """Keeps nothing."""

    def get_many(self, keys):
        """Return None for every key."""
        return [None] * len(keys)

    def put_many(self, keys, features):
        """Forget the features."""


def make_table():
    """Return images (120, 96, 96, 3) and codes (120, 2)."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (N_ROWS, SIDE, SIDE, 3), dtype=np.uint8)
    return X, rng.integers(0, 4, (N_ROWS, 2))


def search(make, X, y):
    """Fit and score every candidate on every fold, as a grid search does."""
    for candidate in ParameterGrid({"loss_weights": WEIGHTS}):
        for train, test in KFold(3).split(X):
            make(candidate["loss_weights"]).fit(X[train], y[train]).predict(X[test])


def ours(cache):
    """Return a function from loss weights to the classifier."""
    model = MultiTaskClassifier(
        image_backbone="mobilenet_v2",
        freeze_backbones=True,
        feature_cache=cache,
        epochs=EPOCHS,
        random_state=0,
    ).set_params(image_backbone__weights=None)
    return lambda weights: model.set_params(loss_weights=weights)


def main():
    """Run the contest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    X, y = make_table()
    spec = ours(None)(None).initialize(X, y)._fitted.spec

    def scikeras(weights):
        return SciKerasTwoBranch(spec=spec, split=lambda X: X, loss_weights=weights, epochs=EPOCHS)

    seconds = contest(
        {
            "skmtl": lambda: search(ours(MemoryFeatureCache()), X, y),
            "skmtl without the cache": lambda: search(ours(NoCache()), X, y),
            "SciKeras, model rebuilt": lambda: search(scikeras, X, y),
        },
        rounds=rounds,
    )
    report("Grid search over a frozen MobileNetV2: 5 loss weights, 3 folds, 120 rows", seconds)


if __name__ == "__main__":
    main()
