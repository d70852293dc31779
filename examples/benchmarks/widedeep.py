"""The Hanzi table with pytorch-widedeep: one network for the five classes.

``pip install "skmtl[benchmarks]" pytorch-widedeep`` in an environment with PyTorch, then
``python examples/benchmarks/widedeep.py [--seeds 3] [--epochs 20] [--results FILE]``.

The rows are those of ``tables.py skmtl``. Where a tutorial of the library makes a choice, it is
taken: an MLP on embedded categories and standardised numbers, a recurrent network per text, its
convolutions for images, Adam. pytorch-widedeep takes no missing label, so it is trained on the
rows that have all five; nor does it take an image that is no file, so the glyphs are written to a
folder first, which is not timed.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from _hanzi import CATEGORIES, CLASSES, NUMBERS, TEXTS, split_hanzi
from _markdown import header, row
from _results import Results
from PIL import Image
from pytorch_widedeep import Trainer
from pytorch_widedeep.losses_multitarget import MultiTargetClassificationLoss
from pytorch_widedeep.models import BasicRNN, TabMlp, Vision, WideDeep
from pytorch_widedeep.preprocessing import ImagePreprocessor, TabPreprocessor, TextPreprocessor
from sklearn.preprocessing import LabelEncoder


def hanzi(folder):
    """Return the table with paths of images, labels, training and test rows."""
    X, y, train, test = split_hanzi()
    for position, glyph in enumerate(X["image"]):
        Image.fromarray(np.asarray(glyph).squeeze()).save(Path(folder, f"{position}.png"))
    X = X.assign(image=[f"{position}.png" for position in range(len(X))])
    # it takes no missing cell either
    X[NUMBERS] = X[NUMBERS].fillna(X[NUMBERS].median())
    X[TEXTS] = X[TEXTS].fillna("none").replace("", "none")
    X[CATEGORIES] = X[CATEGORIES].astype(object).fillna("none")
    return X, y, train, test


def judged(folder, table, n_epochs, seed):
    """Return the accuracy of every class label, training rows, seconds of fit and of predict."""
    X, y, train, test = table
    train = train[y[CLASSES].iloc[train].notna().all(axis=1)]
    encoders = [LabelEncoder().fit(y[task].iloc[train]) for task in CLASSES]
    targets = np.column_stack(
        [one.transform(y[task].iloc[train]) for task, one in zip(CLASSES, encoders, strict=True)]
    )
    sizes = [len(one.classes_) for one in encoders]

    started = time.process_time()
    tabular = TabPreprocessor(CATEGORIES, NUMBERS, cols_to_scale="all")
    texts = [TextPreprocessor(text_col=name, n_cpus=1, verbose=0) for name in TEXTS]
    images = ImagePreprocessor("image", str(folder), width=32, height=32, verbose=0)
    rows = X.iloc[train]
    inputs = {
        "X_tab": tabular.fit_transform(rows),
        "X_text": [one.fit_transform(rows) for one in texts],
        "X_img": images.fit_transform(rows),
    }
    model = WideDeep(
        deeptabular=TabMlp(
            column_idx=tabular.column_idx,
            cat_embed_input=tabular.cat_embed_input,
            continuous_cols=NUMBERS,
        ),
        deeptext=[BasicRNN(vocab_size=len(one.vocab.itos), embed_dim=32) for one in texts],
        deepimage=Vision(),
        pred_dim=sum(sizes),
    )
    # without the trick, version 1.7 takes overlapping logits for several targets of many classes
    loss = MultiTargetClassificationLoss(
        multiclass_config=list(enumerate(sizes)), binary_trick=True
    )
    trainer = Trainer(
        model, objective="multitarget", custom_loss_function=loss, seed=seed, verbose=0
    )
    trainer.fit(**inputs, target=targets, n_epochs=n_epochs, batch_size=64)
    fitted = time.process_time()

    rows = X.iloc[test]
    outputs = trainer.predict_proba(
        X_tab=tabular.transform(rows),
        X_text=[one.transform(rows) for one in texts],
        X_img=images.transform(rows),
    )
    predicted = time.process_time()
    parts = np.split(outputs, np.cumsum(sizes)[:-1], axis=1)
    scores = {}
    for task, one, part in zip(CLASSES, encoders, parts, strict=True):
        truth = y[task].iloc[test]
        is_labelled = truth.notna().to_numpy()
        guess = one.inverse_transform(part.argmax(axis=1))
        scores[task] = float((guess == truth)[is_labelled].mean())
    return scores, len(train), fitted - started, predicted - fitted


def main(options):
    """Print the means over the seeds."""
    results = Results(options.results)
    with tempfile.TemporaryDirectory() as folder:
        table = hanzi(folder)
        runs = [
            results.get(
                *("widedeep", options.epochs, seed),
                compute=lambda seed=seed: judged(folder, table, options.epochs, seed),
            )
            for seed in range(options.seeds)
        ]
    header("pytorch-widedeep", *CLASSES, "mean", "rows", "fit, processor s", "predict, processor s")
    means = [np.mean([scores[task] for scores, *_ in runs]) for task in CLASSES]
    seconds = np.mean([run[2:] for run in runs], axis=0)
    row(
        f"{options.epochs} epochs",
        *(f"{mean:.3f}" for mean in [*means, np.mean(means)]),
        f"{runs[0][1]:,}",
        *(f"{one:.0f}" for one in seconds),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--results", default="widedeep.jsonl")
    main(parser.parse_args())
