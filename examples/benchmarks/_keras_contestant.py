"""A network for seven columns and seven labels, by hand, in Keras alone.

The same kinds of branches as skmtl's, added up after a dense layer each; missing cells are zeros,
missing labels have the weight 0, and are counted in the mean of a batch, as Keras does.
"""

import numpy as np
import pandas as pd
from _hanzi import CATEGORIES, CLASSES, NUMBERS, TEXTS

NOTHING = "missing"  # a word: the mean of no words would be NaN


def keras(X, y, seed, _):
    """One functional model, a loss and a column of sample weights per label."""
    import keras
    from keras import layers
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        LabelEncoder,
        MultiLabelBinarizer,
        OneHotEncoder,
        StandardScaler,
    )

    keras.utils.set_random_seed(seed)
    logs = FunctionTransformer(np.log1p)
    table = make_column_transformer(
        (make_pipeline(logs, SimpleImputer(add_indicator=True), StandardScaler()), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
    ).fit(X)
    vocabularies = {name: layers.TextVectorization(output_mode="int") for name in TEXTS}
    for name, vocabulary in vocabularies.items():
        vocabulary.adapt(X[name].fillna(NOTHING).to_numpy(str))
    blank = np.zeros((32, 32), np.uint8)

    def arrays(X):
        images = [cell if isinstance(cell, np.ndarray) else blank for cell in X["image"]]
        found = {"image": np.stack(images)[..., None] / 255.0, "table": table.transform(X)}
        for name, vocabulary in vocabularies.items():
            found[name] = np.asarray(vocabulary(X[name].fillna(NOTHING).to_numpy(str)))
        return found

    inputs, vectors = arrays(X), []
    given = {name: keras.Input(v.shape[1:], name=name) for name, v in inputs.items()}
    for name in TEXTS:
        given[name] = keras.Input((None,), dtype="int64", name=name)
    for name, x in given.items():
        if name == "image":
            for filters in (32, 64, 128):
                x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
                x = layers.MaxPooling2D()(x)
            x = layers.GlobalAveragePooling2D()(x)
        elif name in TEXTS:
            x = layers.Embedding(vocabularies[name].vocabulary_size(), 128, mask_zero=True)(x)
            x = layers.GlobalAveragePooling1D()(x)
        vectors.append(layers.Dense(128, activation="relu")(x))
    shared = layers.Dropout(0.3)(layers.Concatenate()(vectors))
    encoders, truth, weights, outputs, losses = {}, {}, {}, {}, {}
    for name in y:
        known = y[name].notna()
        weights[name] = known.to_numpy(float)
        if name in CLASSES:
            encoder = encoders[name] = LabelEncoder().fit(y.loc[known, name])
            truth[name] = np.zeros(len(y), int)
            truth[name][known] = encoder.transform(y.loc[known, name])
            outputs[name] = layers.Dense(len(encoder.classes_), "softmax", name=name)(shared)
            losses[name] = "sparse_categorical_crossentropy"
        elif name == "charsets":
            encoder = encoders[name] = MultiLabelBinarizer().fit(y.loc[known, name])
            tags = y[name].where(known, pd.Series([[]] * len(y), y.index))
            truth[name] = encoder.transform(tags).astype(float)
            outputs[name] = layers.Dense(len(encoder.classes_), "sigmoid", name=name)(shared)
            losses[name] = "binary_crossentropy"
        else:
            scaler = encoders[name] = StandardScaler().fit(y.loc[known, [name]].to_numpy(float))
            column = y[[name]].astype(float).fillna(0.0).to_numpy()
            truth[name] = scaler.transform(column)
            outputs[name] = layers.Dense(1, name=name)(shared)
            losses[name] = "mse"
    model = keras.Model(given, outputs)
    model.compile("adam", losses)
    model.fit(inputs, truth, sample_weight=weights, epochs=20, batch_size=32, verbose=0)

    def predict(X):
        found = model.predict(arrays(X), verbose=0)
        for name, encoder in encoders.items():
            if name in CLASSES:
                found[name] = encoder.inverse_transform(found[name].argmax(axis=1))
            elif name == "charsets":
                found[name] = map(list, encoder.inverse_transform(found[name] > 0.5))
            else:
                found[name] = encoder.inverse_transform(found[name])[:, 0]
        return pd.DataFrame({name: list(values) for name, values in found.items()}, X.index)

    return predict, model.count_params()
