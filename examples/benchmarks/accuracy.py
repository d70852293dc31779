"""Accuracy of the defaults on real data, next to linear models and to separate networks.

Usage: ``python examples/benchmarks/accuracy.py [emoji mnist unpaired]``. The last two need a local
file of MNIST digits: ``MNIST_PATH=mnist10k.npz`` (arrays ``x`` and ``y``).
"""

import os
import sys
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import pandas as pd
from _markdown import header, row
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier, join_unpaired
from skmtl.datasets import fetch_mnist, load_emoji
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.preprocessing import JiebaTokenizer

EMOJI = {
    "defaults (weighted fusion)": {},
    "late fusion": {"fusion": "late"},
    "defaults, 30 epochs": {"epochs": 30},
    "dense layer of 128 in both branches": {"branch_units": 128},
    "the same and a shared trunk of 128": {"branch_units": 128, "trunk_units": 128},
    "concatenation": {"fusion": "concat"},
    "mean of the branches": {"fusion": "mean"},
}


def emoji():
    """Five folds of the emoji: mean and standard deviation per task."""
    X, y = load_emoji()
    folds = list(MultiTaskStratifiedKFold(5, shuffle=True, random_state=0).split(X, y))

    def judge(name, predict):
        scores = {task: [] for task in y}
        started = time.perf_counter()
        for train, test in folds:
            predicted = predict(X.iloc[train], y.iloc[train], X.iloc[test])
            for task in y:
                known = y[task].iloc[test].notna().to_numpy()
                truth = y[task].iloc[test][known].to_numpy()
                scores[task].append(np.mean(predicted[task][known] == truth))
        means = [f"{np.mean(scores[task]):.3f} ± {np.std(scores[task]):.3f}" for task in y]
        row(name, *means, str(round((time.perf_counter() - started) / 5, 1)))

    def linear(C):
        def predict(X_train, y_train, X_test):
            found = {}
            for task in y:
                known = y_train[task].notna()
                words = TfidfVectorizer(analyzer=str.split)
                model = make_pipeline(
                    JiebaTokenizer(output="str"), words, LogisticRegression(C=C, max_iter=1000)
                )
                model.fit(X_train["text"][known], y_train[task][known])
                found[task] = model.predict(X_test["text"])
            return found

        return predict

    def network(options):
        def predict(X_train, y_train, X_test):
            model = MultiTaskClassifier(random_state=0, **options).fit(X_train, y_train)
            return dict(zip(model.task_names_, model.predict(X_test).T, strict=True))

        return predict

    header("technique", *y, "seconds per fold")
    for C in (1.0, 10.0):
        judge(f"texts only: TF-IDF, logistic regression, C={C:g}", linear(C))
    for name, options in EMOJI.items():
        judge(name, network(options))


def mnist_file():
    """Return pixels and digits of the local file."""
    X, y = fetch_mnist(path=os.environ.get("MNIST_PATH", "../shared/data/mnist10k.npz"))
    return np.asarray(X), np.asarray(y)


def mnist():
    """8,000 digits to train, 2,000 to test, default network, ten epochs, three seeds."""
    X, y = mnist_file()
    header("seed", "accuracy", "seconds")
    for seed in range(3):
        started = time.perf_counter()
        model = MultiTaskClassifier(epochs=10, random_state=seed).fit(X[:8000], y[:8000])
        seconds = time.perf_counter() - started
        row(seed, f"{model.score(X[8000:], y[8000:]):.4f}", round(seconds))


def unpaired():
    """Digits joined with emoji texts: two tasks that share only the trunk, against two networks."""
    pixels, digits = mnist_file()
    images = np.empty(len(pixels), object)
    images[:] = list(pixels)
    X, y = load_emoji()
    order = np.random.default_rng(0).permutation(len(X))
    train, test = order[:820], order[820:]
    topics = y[["group"]].rename(columns={"group": "topic"})

    def table(rows, texts):
        first = pd.DataFrame({"image": images[rows]}), pd.DataFrame({"digit": digits[rows]})
        second = X[["text"]].iloc[texts], topics.iloc[texts]
        return first, second

    trained = table(slice(0, 1640), train)
    tested = table(slice(8000, 10000), test)
    options = {"epochs": 20, "branch_units": 128, "trunk_units": 128, "fusion": "mean"}
    header("technique", "digit", "topic", "parameters", "seconds")
    for seed in range(3):
        started = time.perf_counter()
        one = MultiTaskClassifier(
            task_columns={"digit": "image", "topic": "text"}, random_state=seed, **options
        ).fit(*join_unpaired(*trained))
        seconds = time.perf_counter() - started
        scores = [
            np.mean(
                one.predict(part.reindex(columns=["image", "text"]))[:, task] == labels.iloc[:, 0]
            )
            for task, (part, labels) in enumerate(tested)
        ]
        row(
            f"one network, seed {seed}",
            *(f"{score:.3f}" for score in scores),
            one.n_parameters_,
            str(round(seconds, 1)),
        )
        started = time.perf_counter()
        two = [MultiTaskClassifier(random_state=seed, **options).fit(*part) for part in trained]
        seconds = time.perf_counter() - started
        row(
            f"two networks, seed {seed}",
            *(f"{m.score(*part):.3f}" for m, part in zip(two, tested, strict=True)),
            sum(m.n_parameters_ for m in two),
            str(round(seconds, 1)),
        )


if __name__ == "__main__":
    parts = {"emoji": emoji, "mnist": mnist, "unpaired": unpaired}
    for name in sys.argv[1:] or parts:
        print(f"\n### {name}\n")
        parts[name]()
