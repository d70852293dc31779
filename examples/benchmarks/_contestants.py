"""What several libraries make of a table: the contestants of the race.

Each takes X, y, a seed and the options of the command, and returns a function from rows to a frame
of predictions, and its number of parameters. What only one of them needs is imported there.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from _hanzi import CATEGORIES, CLASSES, NUMBERS, TEXTS
from _keras_contestant import keras

KINDS = dict.fromkeys(CLASSES, "category")
KINDS |= {"strokes": "number", "charsets": "set"}


def skmtl(X, y, seed, _):
    """One network; nothing is said but that a whole number is a number."""
    from skmtl import MultiTaskEstimator

    model = MultiTaskEstimator(tasks={"strokes": "number"}, random_state=seed).fit(X, y)
    return model.predict_frame, model.n_parameters_


def per_label(inputs, y, models):
    """Fit a model per label on the rows that have it; return them, and a function that predicts.

    `models` has one for classes, numbers and tags each, by kind.
    """
    from sklearn.base import clone
    from sklearn.preprocessing import MultiLabelBinarizer

    tags, fitted = MultiLabelBinarizer(), {}
    for name in y:
        known = y[name].notna().to_numpy()
        truth = y[name][known].to_numpy()
        if KINDS[name] == "set":
            truth = tags.fit_transform(truth)
        fitted[name] = clone(models[KINDS[name]]).fit(inputs[known], truth)

    def predict(inputs, index):
        found = {name: model.predict(inputs) for name, model in fitted.items()}
        found["charsets"] = [list(some) for some in tags.inverse_transform(found["charsets"])]
        return pd.DataFrame(found, index=index)

    return fitted, predict


def linear(X, y, *_, features=None):
    """A linear model per label, on the rows that have the label."""
    from sklearn.compose import make_column_transformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeClassifierCV, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    blank = np.zeros((32, 32), np.uint8)

    def pixels(cells):
        images = [cell if isinstance(cell, np.ndarray) else blank for cell in cells]
        return np.stack(images).reshape(-1, 1024) / 255

    shared = {"sublinear_tf": True, "min_df": 2}
    features = features or {
        "image": FunctionTransformer(pixels),
        "definition": TfidfVectorizer(**shared),
        "words": TfidfVectorizer(analyzer="char", ngram_range=(1, 2), **shared),
    }
    logs = FunctionTransformer(np.log1p)
    table = make_column_transformer(
        *((transformer, name) for name, transformer in features.items()),
        (make_pipeline(logs, SimpleImputer(add_indicator=True), StandardScaler()), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
    )
    blanks, alphas = dict.fromkeys(TEXTS, ""), np.logspace(-1, 3, 9)
    ridge = RidgeClassifierCV(alphas)
    models = {"category": ridge, "set": ridge, "number": RidgeCV(alphas)}
    fitted, predict = per_label(table.fit_transform(X.fillna(blanks)), y, models)
    return (
        lambda X: predict(table.transform(X.fillna(blanks)), X.index),
        sum(np.size(model.coef_) for model in fitted.values()),
    )


def trees(X, y, seed, _):
    """Boosted trees per label on the numbers and the categories; they read missing cells."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.multioutput import MultiOutputClassifier

    options = {"categorical_features": "from_dtype", "random_state": seed}
    classifier = HistGradientBoostingClassifier(**options)
    models = {
        "category": classifier,
        "set": MultiOutputClassifier(classifier),
        "number": HistGradientBoostingRegressor(**options),
    }
    columns = [*NUMBERS, *CATEGORIES]
    _, predict = per_label(X[columns], y, models)
    return (lambda X: predict(X[columns], X.index)), 0


def pretrained(seed, options):
    """Return the estimator on frozen pretrained networks; no features of earlier fits are kept."""
    from skmtl import MultiTaskEstimator
    from skmtl.backbones import MemoryFeatureCache

    folders = Path(options.models)
    return MultiTaskEstimator(
        image_backbone=str(folders / "efficientnet_lite0_timm"),
        text_backbone=str(folders / "e5_small_zh_bert"),
        freeze_backbones=True,
        feature_cache=MemoryFeatureCache(),
        tasks={"strokes": "number"},
        random_state=seed,
    )


def skmtl_frozen(X, y, seed, options):
    """One network on frozen features."""
    model = pretrained(seed, options).fit(X, y)
    return model.predict_frame, model.n_parameters_


def linear_frozen(X, y, seed, options):
    """The linear models on the same features, which an estimator without training computes."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    encoder = pretrained(seed, options).initialize(X, y)

    def features(name):
        read = FunctionTransformer(
            lambda cells: encoder.transform(
                pd.DataFrame({name: cells}).reindex(columns=X.columns), column=name
            )
        )
        return make_pipeline(read, SimpleImputer(add_indicator=True), StandardScaler())

    return linear(X, y, features={name: features(name) for name in ["image", *TEXTS]})


def ludwig(X, y, seed, _):
    """A model for all the labels of y; Ludwig drops rows that lack one of them."""
    from ludwig.api import LudwigModel
    from PIL import Image

    folder = tempfile.mkdtemp()

    def table(X):
        X = X.assign(image=[written(row, cell) for row, cell in X["image"].items()])
        return X.assign(**{name: X[name].astype(object) for name in CATEGORIES})

    def written(row, cell):
        if not isinstance(cell, np.ndarray):
            return None
        path = Path(folder, f"{row}.png")
        Image.fromarray(cell).save(path)
        return str(path)

    inputs = [
        {"name": "image", "type": "image"},
        {"name": "definition", "type": "text"},
        # its Chinese tokenizer needs a model of spaCy; these are characters
        {"name": "words", "type": "text", "preprocessing": {"tokenizer": "characters"}},
        *({"name": name, "type": "number"} for name in NUMBERS),
        *({"name": name, "type": "category"} for name in CATEGORIES),
    ]
    config = {
        "input_features": inputs,
        "output_features": [{"name": name, "type": KINDS[name]} for name in y],
        "preprocessing": {"split": {"type": "random", "probabilities": [0.9, 0.1, 0.0]}},
    }
    labels = y.assign(charsets=y["charsets"].str.join(" ")) if "charsets" in y else y
    model = LudwigModel(config, logging_level=40)
    model.train(
        dataset=table(X).join(labels).reset_index(drop=True),
        random_seed=seed,
        output_directory=folder,
        skip_save_processed_input=True,
    )

    def predict(X):
        dataset = table(X).reset_index(drop=True)
        found, _ = model.predict(dataset=dataset, skip_save_predictions=True)
        found = found[[f"{name}_predictions" for name in y]].set_axis(list(y), axis=1)
        return found.set_index(X.index)

    return predict, sum(p.numel() for p in model.model.parameters())


def ludwig_each(X, y, seed, options):
    """A model of Ludwig per label, on the rows that have the label."""
    models = {}
    for name in y:
        known = y[name].notna()
        models[name] = ludwig(X[known], y.loc[known, [name]], seed, options)
    return (
        lambda X: pd.concat([predict(X) for predict, _ in models.values()], axis=1),
        sum(n for _, n in models.values()),
    )


CONTESTANTS = {
    function.__name__.replace("_", "-"): function
    for function in (skmtl, keras, linear, trees, skmtl_frozen, linear_frozen, ludwig, ludwig_each)
}
PARTS = {name: [function] for name, function in CONTESTANTS.items()}
PARTS["linear"] += [per_label]
PARTS["trees"] += [per_label]
PARTS["skmtl-frozen"] += [pretrained]
PARTS["linear-frozen"] += [pretrained, linear, per_label]
PARTS["ludwig-each"] += [ludwig]
