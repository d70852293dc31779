"""Mutated model files: each is refused with a ModelFileError, or is a model that predicts.

Used by hostile_files.py. Every field of the manifests of several kinds of models is removed, or
replaced by a value of a wrong kind or by another one of the same kind.
"""

import copy
import json
import os
import random
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

MAX_SECONDS = 1.0
MAX_BYTES = 64 * 2**20
WRONG = [
    None, True, -1, 0, 1, 10**9, 2**70, 0.5, -1e300, "", "x", "x" * 100_000, "/etc/passwd", [],
    [[]], {}, {"$": "dict", "of": {}}, {"$": "tuple", "values": []},
    {"$": "tuple", "values": [10**9]},
    {"$": "float", "value": "nan"}, {"$": "array", "number": 0}, {"$": "array", "number": 10**9},
    {"$": "path", "value": "/proc/self/environ"}, {"$": "bytes", "value": "?"}, {"$": "unknown"},
    {"$": "cells", "dtype": "<U9", "shape": [2], "values": ["a", "b"]}, [0] * 10_000,
]  # fmt: skip


def _table():
    """Return rows with a column of every kind, and the labels of two tasks."""
    rng = np.random.default_rng(0)
    images = np.empty(12, object)
    images[:] = list(rng.integers(0, 255, (12, 6, 6, 3), np.uint8))
    X = pd.DataFrame({
        "image": images,
        "text": ["好 天气", "坏", "天气"] * 4,
        "price": [*rng.normal(size=11), None],
        "brand": ["a", "b", None] * 4,
    })  # fmt: skip
    return X, pd.DataFrame({"a": ["x", "y"] * 6, "b": [0, 1, 2] * 4})


def _classifier(names, **params):
    from skmtl import MultiTaskClassifier

    X, y = _table()
    X = X[names]
    return MultiTaskClassifier(epochs=1, random_state=0).set_params(**params).fit(X, y), X


def images_and_texts():
    return _classifier(
        ["image", "text"], random_state=np.random.RandomState(0), trunk_units=(4,),
        image_backbone__filters=(2,), text_backbone__embedding_dim=4, tokenizer__max_len=4,
        loss_weights="dwa", sharing="mmoe", sharing__n_experts=2, branch_units=4,
    )  # fmt: skip


def word_pieces():
    from skmtl.preprocessing import WordPieceSequencer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "好", "坏", "天", "气", "##气"]
    path = Path(tempfile.gettempdir()) / "skmtl_words.txt"
    path.write_text("\n".join(words), encoding="utf-8")
    tokenizer = WordPieceSequencer(vocabulary=str(path), max_len=5)
    return _classifier(
        ["text"], tokenizer=tokenizer, trunk_units=[4, 3],
        text_backbone="transformer", text_backbone__embedding_dim=4, text_backbone__n_layers=1,
        text_backbone__n_heads=1, pooling="cls", fusion="concat", sharing="cgc",
        sharing__n_task_experts=1, sharing__n_shared_experts=1, gradient_aggregator="pcgrad",
    )  # fmt: skip


def numbers_and_categories():
    return _classifier(
        ["price", "brand"], branch_units={"table": 4}, trunk_units=(3, 3), sharing="ple",
        sharing__n_task_experts=1, sharing__n_shared_experts=1, fusion="mean",
        columns={"price": "number", "brand": "category"}, class_weight={"a": "balanced"},
        task_columns={"a": ["price"]},
    )  # fmt: skip


def many_numbers():
    from skmtl import MultiTaskClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 70))
    X[0, 3] = np.nan
    y = np.stack([X[:, 0] > 0, X[:, 1] > 0], axis=1)
    model = MultiTaskClassifier(epochs=1, random_state=0, branch_units=4, trunk_units=(3,))
    return model.set_params(sharing="cross_stitch", missing_label=7).fit(X, y), X


def token_ids():
    from skmtl import MultiTaskClassifier

    X = pd.DataFrame([[2, 3], [3, 4], [1, 0]] * 4, columns=["text_0", "text_1"])
    model = MultiTaskClassifier(epochs=1, random_state=0, text_backbone="bigru")
    model.set_params(text_backbone__embedding_dim=3, text_backbone__units=2)
    return model.fit(X, [0, 1] * 6), X


def frozen_backbone():
    import keras

    keras.utils.set_random_seed(0)
    pixels = keras.Input((6, 6, 3))
    x = keras.layers.Conv2D(2, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(pixels))
    return _classifier(
        ["image", "price"], image_backbone=keras.Model(pixels, x), freeze_backbones=True,
        branch_units=4, sharing="none", image_size={"image": 6},
        optimizer=keras.optimizers.SGD(0.1),
    )  # fmt: skip


def layers_as_parameters():
    import keras

    return _classifier(
        ["image"], image_backbone=keras.layers.Conv2D(2, 3), image_augmentation=["flip", "shift"],
        branch_units=None, image_mode="rgb", image_size=(5, 7), pooling="max",
        learning_rate=keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9),
    )  # fmt: skip


def pipeline():
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    from skmtl import MultiTaskClassifier
    from skmtl.preprocessing import ImageNormalizer, JiebaSequencer, JiebaTokenizer

    X, y = _table()
    X = X[["image", "text"]]
    words = JiebaTokenizer(user_words=["好天"], stop_words=["坏"])
    parts = [
        ("image", ImageNormalizer(), ["image"]),
        ("text", JiebaSequencer(max_len=3, tokenizer=words), "text"),
    ]
    model = MultiTaskClassifier(epochs=1, random_state=0, branch_units=4)
    model.set_params(image_backbone__filters=(2,), text_backbone__embedding_dim=3)
    columns = ColumnTransformer(parts, verbose_feature_names_out=False).set_output(
        transform="pandas"
    )
    return Pipeline([("columns", columns), ("model", model)]).fit(X, y), X


def scikit_learn_transformers():
    """Return a fitted ColumnTransformer of most of scikit-learn's that a file may hold."""
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import FeatureUnion, make_pipeline
    from sklearn.preprocessing import (
        KBinsDiscretizer,
        OneHotEncoder,
        OrdinalEncoder,
        PolynomialFeatures,
        PowerTransformer,
        QuantileTransformer,
        RobustScaler,
    )

    X, _ = _table()
    X = X.assign(size=np.arange(12.0) ** 2, color=[3, 1, 2] * 4)[
        ["text", "price", "brand", "size", "color"]
    ]
    rare = OneHotEncoder(min_frequency=5, drop="first", handle_unknown="infrequent_if_exist")
    numbers = FeatureUnion([
        ("scaled", make_pipeline(RobustScaler(), PCA(2))),
        ("bins", KBinsDiscretizer(3, strategy="uniform")),
        ("power", PowerTransformer()),
        ("quantiles", QuantileTransformer(n_quantiles=4)),
        ("terms", PolynomialFeatures(2)),
    ])  # fmt: skip
    weights = TfidfVectorizer(token_pattern=r"(?u)\w+")
    parts = [
        ("words", make_pipeline(weights, TruncatedSVD(2, random_state=0)), "text"),
        ("hashes", HashingVectorizer(n_features=4), "text"),
        ("numbers", make_pipeline(SimpleImputer(add_indicator=True), numbers), ["price", "size"]),
        ("brand", rare, ["brand", "color"]),
        ("color", OrdinalEncoder(), ["color"]),
    ]
    return ColumnTransformer(parts).fit(X), X


def scikit_learn_pipeline():
    from sklearn.feature_selection import SelectKBest
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    from skmtl import MultiTaskClassifier

    columns, X = scikit_learn_transformers()
    _, y = _table()
    steps = [
        ("columns", columns),
        ("best", SelectKBest(k=9)),
        ("scale", StandardScaler(with_mean=False)),
        ("model", MultiTaskClassifier(epochs=1, random_state=0, branch_units=3, trunk_units=(3,))),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns that are constant
        return Pipeline(steps).fit(X, y["a"] == "x"), X


def vectorizer():
    from skmtl.preprocessing import JiebaVectorizer

    texts = ["好 天气", "坏", "天气"]
    return JiebaVectorizer().fit(texts), texts


def normalizer():
    from skmtl.preprocessing import ImageNormalizer

    images = np.random.default_rng(0).integers(0, 255, (4, 6, 6, 3), np.uint8)
    return ImageNormalizer(scaling="standardize").fit(images), images


MODELS = {
    make.__name__.replace("scikit_learn", "scikit-learn").replace("_", " "): make
    for make in (
        images_and_texts, word_pieces, numbers_and_categories, many_numbers, token_ids,
        frozen_backbone, layers_as_parameters, pipeline, scikit_learn_pipeline,
        scikit_learn_transformers, vectorizer, normalizer,
    )
}  # fmt: skip

READS_PLACES = {"word pieces"}  # its vocabulary is a file

# -- mutations -----------------------------------------------------------------------------------


def places(node, path=()):
    """Yield the path of every value within JSON."""
    yield path
    parts = dict(enumerate(node)) if isinstance(node, list) else node
    if isinstance(parts, dict):
        for key, part in parts.items():
            yield from places(part, (*path, key))


def value_at(node, path):
    """Return the value of a path within JSON."""
    for key in path:
        node = node[key]
    return node


def likely(value, rng, texts) -> list:
    """Return other values of the same kind, which a look at the kind alone does not find."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, -value, 2 * value]
    if isinstance(value, float):
        return [-value, 0.0, 1e30, {"$": "float", "value": "inf"}]
    if isinstance(value, str):
        return [rng.choice(texts), value + "x", value[:-1]]
    if isinstance(value, list):
        some = value[:-1], value + value[-1:], value[::-1], value[1:] + value[:1]
        return [other for other in some if other != value]
    if isinstance(value, dict):
        keys = list(value)
        without = {key: value[key] for key in keys[:-1]}
        renamed = {(key + "x" if key == keys[-1] else key): value[key] for key in keys}
        return [without, renamed]
    return []


def mutations(manifest, n_each, seed):
    """Yield (what, changed manifest) `n_each` times for every field.

    A third of the values are likely ones, a third of any kind, and a third are removed.
    """
    rng = random.Random(seed)
    fields = [path for path in places(manifest) if path]
    texts = sorted({v for v in (value_at(manifest, p) for p in fields) if isinstance(v, str)})
    for field in fields:
        value = value_at(manifest, field)
        for _ in range(n_each):
            wrong = rng.choice(rng.choice([[...], WRONG, likely(value, rng, texts) or WRONG]))
            changed = copy.deepcopy(manifest)
            node = value_at(changed, field[:-1])
            if wrong is ...:
                del node[field[-1]]
            else:
                node[field[-1]] = copy.deepcopy(wrong)
            shown = "removed" if wrong is ... else f"= {repr(wrong)[:60]}"
            if changed != manifest:
                yield f"{'.'.join(map(str, field))} {shown}", changed


# -- campaign ------------------------------------------------------------------------------------


def measure(call):
    """Return what a call returns or raises, its processor seconds, and by how much memory grew."""
    if os.path.exists("/proc/self/clear_refs"):
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    before, start = _memory("VmRSS"), time.process_time()
    try:
        result = call()
    except Exception as error:
        result = error
    return result, time.process_time() - start, _memory("VmHWM") - before


def _memory(field) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # elsewhere than on Linux memory is not watched
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def use(model, X):
    """Predict, or transform, and look at the number of rows."""
    result = model.predict(X) if hasattr(model, "predict") else model.transform(X)
    assert len(X) == (result.shape[0] if hasattr(result, "shape") else len(result))


def look_at(path, X, *, allow_paths=False) -> tuple:
    """Load a file and use it; return the outcome, what is wrong or None, seconds and bytes."""
    import skmtl
    from skmtl.exceptions import ModelFileError

    result, seconds, n_bytes = measure(lambda: skmtl.load(path, allow_paths=allow_paths))
    if isinstance(result, ModelFileError):
        outcome, wrong = "refused", None
        if len(str(result)) > 1500:
            wrong = f"an error of {len(str(result))} letters"
    elif isinstance(result, Exception):
        outcome, wrong = "failed", f"load raises {result!r}"[:300]
    else:
        outcome, wrong = "works", None
        try:
            use(result, X[:2])
        except Exception as error:
            wrong = f"loads, but {error!r}"[:300]
    if seconds > MAX_SECONDS:  # perhaps the machine was busy: other processes slow this one's down
        _, again, _ = measure(lambda: skmtl.load(path, allow_paths=allow_paths))
        seconds = min(seconds, again)
    if seconds > MAX_SECONDS or n_bytes > MAX_BYTES:
        wrong = wrong or f"{seconds:.1f} s, {n_bytes / 2**20:.0f} MiB"
    return outcome, wrong, seconds, n_bytes


def attack_models(folder, name, n_each=1, seed=0, max_files=None) -> tuple:
    """Load files of one kind of model with one changed value each.

    Returns
    -------
    counts : Counter
        Of "fields", and of files "refused" and "works"; "seconds" and "MiB" at most.
    wrong : list of str
        What went wrong.
    """
    import skmtl

    path = Path(folder) / "model.skmtl"
    model, X = MODELS[name]()
    skmtl.save(model, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    allow_paths = name in READS_PLACES
    use(skmtl.load(path, allow_paths=allow_paths), X[:2])
    manifest = json.loads(members["skmtl.json"])
    counts, wrong = Counter(fields=sum(1 for _ in places(manifest)) - 1), []
    changes = list(mutations(manifest, n_each, seed))
    if max_files is not None:
        changes = random.Random(seed).sample(changes, min(max_files, len(changes)))
    for what, changed in changes:
        members["skmtl.json"] = json.dumps(changed).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a model that warns is one that works
            outcome, trouble, seconds, n_bytes = look_at(path, X, allow_paths=allow_paths)
        counts[outcome] += 1
        counts["seconds"] = max(counts["seconds"], seconds)
        counts["MiB"] = max(counts["MiB"], n_bytes // 2**20)
        if trouble:
            wrong.append(f"{name}: {what}: {trouble}")
    return counts, wrong
