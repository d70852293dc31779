"""Fine-tuning of pretrained backbones: what each part of a recipe is worth.

    python examples/benchmarks/recipe.py MODELS texts|images [--seeds 3] [--epochs 4]
        [--rows ROWS] [--side 48] [--contests NAMES] [--results FILE]

MODELS is a folder with `efficientnet_lite0_timm` and `e5_small_zh_bert`. Emoji: the texts alone
with E5, or the images alone, 48 x 48 pixels, with EfficientNet-Lite0, both trained; one stratified
fold of three a seed to test on, a tenth of the other rows to choose checkpoints, and up to ROWS of
the rest to train on. NAMES, separated by ";", are rows of the table. Differences are paired by
seed, in points, with a 95 % interval of Student's t. What the file of results already holds is not
computed again.
"""

import argparse
import os
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from _markdown import header, in_points, row
from _results import Results
from sklearn.model_selection import train_test_split

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scores
from skmtl.model_selection import MultiTaskStratifiedKFold

TASKS = ["group", "subgroup"]
TEXTS = {
    "text_backbone": "e5_small_zh_bert",
    "tokenizer__prefix": "query : ",
    "tokenizer__max_len": 16,
}
IMAGES = {"image_backbone": "efficientnet_lite0_timm"}
CLIPPING = {"optimizer__global_clipnorm": 1.0}
WARMUP = {"learning_rate": "warmup_cosine"}
WHOLE = {"pretrained_update_scale": 1.0}
TENTH, SMALLER = {"pretrained_update_scale": 0.1}, {"pretrained_update_scale": 0.03}
CONTESTS = {
    "trained": WHOLE,
    "warm-up": WHOLE | WARMUP,
    "steps × 0.1": TENTH,
    "steps × 0.1, warm-up": TENTH | WARMUP,
    "steps × 0.03": SMALLER,
    "steps × 0.03, warm-up": SMALLER | WARMUP,
    "steps × 0.03, clipping": SMALLER | CLIPPING,
    "steps × 0.03, both": SMALLER | CLIPPING | WARMUP,
    "clipping": WHOLE | CLIPPING,
    "steps × 0.1, clipping": TENTH | CLIPPING,
    "steps × 0.1, both": TENTH | CLIPPING | WARMUP,
    "frozen": {"freeze_backbones": True},
    "frozen, 20 epochs": {"freeze_backbones": True, "epochs": 20},
}


class Checkpoints(keras.callbacks.Callback):
    """Keeps the weights of every epoch, and their mean accuracy on the validation rows."""

    def __init__(self):
        super().__init__()
        self.weights, self.scores = [], []

    def on_epoch_end(self, _epoch, logs=None):
        """Copy the weights."""
        self.weights.append(self.model.get_weights())
        self.scores.append(np.mean([logs[f"val_{task}_accuracy"] for task in TASKS]))


def mean_of(weights):
    """Return the average of some lists of arrays, array by array."""
    return [np.mean(each, axis=0, dtype=np.float32) for each in zip(*weights, strict=True)]


def greedy_soup(scores, score):
    """Return the epochs whose average is best: one more where it does not lose, the best first.

    Wortsman et al., ICML 2022, arXiv:2203.05482, with epochs of one fit as the ingredients.
    """
    best, *rest = np.argsort(scores, kind="stable")[::-1]
    chosen, reached = (best,), scores[best]
    for one in rest:
        found = score((*chosen, one))
        if found >= reached:
            chosen, reached = (*chosen, one), found
    return chosen


def fine_tuned(backbone, options, seed, args):
    """Return test accuracies of the last epoch, the best one and the soup; and seconds."""
    column = backbone.removesuffix("s")
    given = dict(TEXTS if column == "text" else IMAGES | {"image_size": (args.side, args.side)})
    given[f"{column}_backbone"] = str(args.models / given[f"{column}_backbone"])
    X, y = load_emoji()
    X, y = X[[column]], y.astype("category")  # a part may lack a rare class
    folds = MultiTaskStratifiedKFold(3, shuffle=True, random_state=seed)
    train, test = next(folds.split(X, y))
    train, chosen = train_test_split(train, test_size=0.1, random_state=seed)
    train = train[: args.rows]
    checkpoints = Checkpoints()
    model = MultiTaskClassifier(epochs=args.epochs, random_state=seed)
    model.set_params(**given | options)
    if "freeze_backbones" not in options:
        model.set_params(callbacks=checkpoints)
    started = time.process_time()
    model.fit(X.iloc[train], y.iloc[train], X_val=X.iloc[chosen], y_val=y.iloc[chosen])
    seconds = time.process_time() - started

    def scores(rows):
        found = task_scores(y.iloc[rows], model.predict(X.iloc[rows]))
        return [found[task] for task in TASKS]

    def averaged(epochs, rows):
        model.model_.set_weights(mean_of([checkpoints.weights[epoch] for epoch in epochs]))
        return scores(rows)

    last = scores(test)
    if not checkpoints.weights:
        return {"last": last, "seconds": seconds}
    soup = greedy_soup(checkpoints.scores, lambda epochs: np.mean(averaged(epochs, chosen)))
    known = {(len(checkpoints.weights) - 1,): last}
    for epochs in (soup[:1], soup):
        if epochs not in known:
            known[epochs] = averaged(epochs, test)
    return {
        "last": last,
        "best": known[soup[:1]],
        "soup": known[soup],
        "epochs": [int(epoch) + 1 for epoch in soup],
        "validation": [float(score) for score in checkpoints.scores],
        "seconds": seconds,
    }


def difference(ones, others):
    """Return the mean difference over tasks and seeds in points, with its interval, as text."""
    return in_points(100 * (np.mean(ones, axis=1) - np.mean(others, axis=1)))


def main():
    """Run the contests, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("backbone", choices=["texts", "images"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--side", type=int, default=48)
    parser.add_argument("--contests", default=";".join(CONTESTS))
    parser.add_argument("--results", default="recipe.jsonl")
    args = parser.parse_args()
    results, runs = Results(args.results), {}
    for seed in range(args.seeds):
        for name in args.contests.split(";"):
            compute = partial(fine_tuned, args.backbone, CONTESTS[name], seed, args)
            key = (args.backbone, name, args.epochs, args.rows, args.side, seed)
            runs.setdefault(name, []).append(results.get(*key, compute=compute))
    last = {name: [run["last"] for run in found] for name, found in runs.items()}
    bases = [name for name in ("trained", "steps × 0.1", "steps × 0.03") if name in last]
    header(args.backbone, *TASKS, "mean", *(f"mean − {base}" for base in bases), "seconds")
    for name, found in runs.items():
        scores = np.array(last[name])
        spread = scores.std(0, ddof=1) if args.seeds > 1 else np.zeros(2)
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(scores.mean(0), spread, strict=True)]
        gaps = ["" if base == name else difference(last[name], last[base]) for base in bases]
        seconds = np.mean([run["seconds"] for run in found])
        row(name, *cells, f"{scores.mean():.3f}", *gaps, f"{seconds:.0f}")
    print("\nmean over the tasks minus that of the last epoch\n")
    header("", "best epoch", "greedy soup", "epochs in the soups")
    for name, found in runs.items():
        if "soup" in found[0]:
            gaps = [difference([run[k] for run in found], last[name]) for k in ("best", "soup")]
            row(name, *gaps, "; ".join(str(run["epochs"]) for run in found))


if __name__ == "__main__":
    main()
