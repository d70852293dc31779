"""What fitted estimators can be asked: costs, calibration, coverage of sets, label errors.

Usage: ``python examples/benchmarks/after_fit.py [costs calibration coverage audit] [--seeds 3]
[--models FOLDER]``. ``costs`` times `explain` and `transform` against `predict_proba`, by turns, on
100 rows of the Hanzi with five tasks; ``calibration`` prints the expected calibration error before
and after `calibrate` on three tables; ``coverage`` how often sets hold the label, over 20 seeds;
``audit`` how many of the 100 most suspicious labels of the emoji are among the 5 % that were made
wrong, with the frozen backbones of a folder.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import pandas as pd
from _markdown import header, row
from backbones import labelled_reviews
from scipy.stats import binom
from sklearn.datasets import load_digits

from skmtl import MultiTaskClassifier, MultiTaskEstimator
from skmtl.comparison import find_label_issues
from skmtl.datasets import load_emoji, load_hanzi

CLASSES = ["radical", "tone", "initial", "level", "corner"]
COVERAGES = (0.8, 0.9, 0.95)
N_BINS = 15


def hanzi(n_rows, seed):
    """Return some characters in random order, with radicals of at least 10 of them."""
    X, y = load_hanzi()
    rows = np.random.default_rng(seed).permutation(len(X))[:n_rows]
    X, y = X.iloc[rows], y.iloc[rows]
    counts = y["radical"].map(y["radical"].value_counts())
    return X, y.assign(radical=y["radical"].where(counts >= 10, None))


def emoji(seed):
    """Return the emoji in random order, with classes of at least 10 of them."""
    X, y = load_emoji()
    rows = np.random.default_rng(seed).permutation(len(X))
    X, y = X.iloc[rows], y.iloc[rows].astype(object)
    for name in y:
        counts = y[name].map(y[name].value_counts())
        y[name] = y[name].where(counts >= 10, None)
    return X, y


def reviews(seed, n_rows=3000):
    """Return reviews, with their sentiment and whether they are long."""
    texts, labels = labelled_reviews()
    rows = np.random.default_rng(seed).permutation(len(texts))[:n_rows]
    X = pd.DataFrame({"text": texts[rows]})
    is_long = X["text"].str.len() > 40
    return X, pd.DataFrame({"sentiment": labels[rows], "is_long": is_long.map({True: 1, False: 0})})


def digits(seed):
    """Return scikit-learn's images of digits, with the digit and whether it has a loop."""
    images, labels = load_digits(return_X_y=True)
    rows = np.random.default_rng(seed).permutation(len(images))
    pixels = (images[rows] * 15).astype(np.uint8).reshape(-1, 8, 8, 1)
    has_loop = np.isin(labels[rows], (0, 6, 8, 9)).astype(int)
    return pd.DataFrame({"image": list(pixels)}), pd.DataFrame(
        {"digit": labels[rows], "has_loop": has_loop}
    )


def known(y, classes):
    """Return labels without those that are none of the classes of a fit, by task."""
    return y.assign(**{n: y[n].where(y[n].isin(list(c)), None) for n, c in classes.items()})


def calibration_error(probabilities, codes):
    """Return the expected calibration error: confidence less accuracy, over bins of confidence."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == codes
    bins = np.minimum((sure * N_BINS).astype(int), N_BINS - 1)
    gaps = [abs(sure[bins == b].sum() - right[bins == b].sum()) for b in range(N_BINS)]
    return sum(gaps) / len(sure)


def errors(model, X, y):
    """Return the calibration error of every task."""
    frame, found = model.predict_frame(X, proba=True), {}
    for name in model.task_names_:
        labelled = y[name].notna().to_numpy()
        places = {label: place for place, label in enumerate(frame[name].columns)}
        codes = y[name][labelled].map(places).to_numpy(int)
        found[name] = calibration_error(frame[name].to_numpy()[labelled], codes)
    return found


def calibration(n_seeds, first=0):
    """Print the calibration error before and after."""
    header("table", "task", "before", "after", "difference, all seeds")
    for name, load, columns in (
        ("emoji", emoji, None),
        ("Hanzi, 4,000 rows", lambda seed: hanzi(4000, seed), CLASSES),
        ("reviews, 3,000 rows", reviews, None),
        ("digits", digits, None),
    ):
        before, after = [], []
        for seed in range(first, first + n_seeds):
            X, y = load(seed)
            y = y if columns is None else y[columns]
            a, b = int(0.6 * len(X)), int(0.8 * len(X))
            model = MultiTaskClassifier(random_state=seed).fit(X[:a], y[:a])
            y = known(y, dict(zip(model.task_names_, model.classes_, strict=True)))
            before.append(errors(model, X[b:], y[b:]))
            after.append(errors(model.calibrate(X[a:b], y[a:b]), X[b:], y[b:]))
        for task in before[0]:
            was, is_ = (np.array([one[task] for one in runs]) for runs in (before, after))
            gain = " ".join(f"{x:+.3f}" for x in is_ - was)
            row(name, task, f"{was.mean():.3f}", f"{is_.mean():.3f}", gain)


def coverage(n_seeds):
    """Print the share of labels in their sets, over seeds, and what chance allows."""
    tasks = {"strokes": "number"}
    hits = {}
    for seed in range(n_seeds):
        X, y = hanzi(2400, seed)
        X = X.drop(columns=["image", "definition", "words"])
        y = y[["tone", "level", "strokes", "charsets"]]
        model = MultiTaskEstimator(tasks=tasks, epochs=5, random_state=seed)
        model.fit(X[:800], y[:800]).calibrate(X[800:1600], y[800:1600])
        for share in COVERAGES:
            sets = model.predict_sets(X[1600:], coverage=share)
            for task in model.task_names_:
                labelled = y[task][1600:].notna()
                pairs = zip(y[task][1600:][labelled], sets[task][labelled], strict=True)
                found = [is_in(model.task_kinds_[task], *pair) for pair in pairs]
                n_scores = (y[task][800:1600].notna().sum() + 1) // 2
                hits.setdefault((task, share), []).append((sum(found), len(found), n_scores))
    header("task", "promised", "found, all seeds", "seeds below what chance allows in 1 of 40")
    for (task, share), counts in hits.items():
        found, total = (sum(c[i] for c in counts) for i in (0, 1))
        below = sum(k < lowest(share, n, m) for k, n, m in counts)
        row(task, f"{share:g}", f"{found / total:.3f} of {total}", f"{below} of {len(counts)}")


def is_in(kind, label, found):
    """Return whether a set holds a label."""
    if kind == "number":
        return found[0] <= label <= found[1]
    return set(label) <= set(found) if kind == "tags" else label in found


def lowest(share, n_rows, n_scores, n_draws=20_000):
    """Return the number of hits that chance undercuts in one of 40 cases.

    The share of new rows below a limit that is the k-th of m scores has a beta distribution; the
    hits among n rows are binomial given that share.
    """
    place = int(np.ceil((n_scores + 1) * share))
    shares = np.random.default_rng(0).beta(place, n_scores + 1 - place, n_draws)
    return np.quantile(binom.rvs(n_rows, shares, random_state=0), 0.025)


def costs():
    """Print the time of explain and transform against that of predict_proba."""
    X, y = hanzi(3100, 0)
    model = MultiTaskClassifier(epochs=3, random_state=0).fit(X[:3000], y[CLASSES][:3000])
    rows = X[3000:]
    calls = {
        "predict_proba": lambda: model.predict_proba(rows),
        "explain, by column": lambda: model.explain(rows),
        "transform": lambda: model.transform(rows),
    }
    times = {name: [] for name in calls}
    for turn in range(31):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if turn:  # the first one compiles
                times[name].append(time.perf_counter() - started)
    header("100 rows, five tasks", "median", "ratio to predict_proba")
    base = np.array(times["predict_proba"])
    for name, seconds in times.items():
        ratio = np.median(np.array(seconds) / base)
        row(name, f"{1000 * np.median(seconds):.1f} ms", f"{ratio:.2f}")


def audit(n_seeds, models):
    """Print how many of the most suspicious labels were made wrong."""
    X, y = load_emoji()
    options = {
        "freeze_backbones": True,
        "image_backbone": str(models / "efficientnet_lite0_timm"),
        "image_size": 224,
        "text_backbone": str(models / "e5_small_zh_bert"),
        "tokenizer__prefix": "query : ",
    }
    header("seed", "made wrong", "among the 100 most suspicious", "that cleanlab calls issues")
    for seed in range(n_seeds):
        rng, wrong, planted = np.random.default_rng(seed), y.astype(object), set()
        for place, name in enumerate(y):
            labelled = np.flatnonzero(y[name].notna())
            classes = y[name].dropna().unique()
            for at in rng.choice(labelled, round(0.05 * len(labelled)), replace=False):
                others = [c for c in classes if c != y[name].iloc[at]]
                wrong.iloc[at, place] = rng.choice(others)
                planted.add((name, at))
        model = MultiTaskClassifier(random_state=seed).set_params(**options)
        issues = find_label_issues(model, X, wrong, cv=10)
        found = np.array(
            [pair in planted for pair in zip(issues["task"], issues["row"], strict=True)]
        )
        called = issues["is_issue"].to_numpy()
        row(seed, len(planted), found[:100].sum(), f"{found[called].sum()} of {called.sum()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["costs", "calibration", "coverage"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0, help="of calibration")
    parser.add_argument("--models", type=Path, help="folder of pretrained backbones")
    arguments = parser.parse_args()
    for part in arguments.parts:
        print(f"\n{part}\n")
        if part == "costs":
            costs()
        elif part == "calibration":
            calibration(arguments.seeds, arguments.first_seed)
        elif part == "coverage":
            coverage(20)
        elif part == "audit":
            audit(arguments.seeds, arguments.models)
        else:
            parser.error(f"unknown part {part!r}")


if __name__ == "__main__":
    main()
