"""One branch: from the values of a column, through backbone and dense layer, to a vector."""

import keras

from skmtl.columns import BranchSpec, encoder_of
from skmtl.columns.augmentation import augment


def standardizer(name) -> keras.layers.Layer:
    """Return a layer that standardises the features of a frozen backbone.

    Its mean and variance are set once, from the training rows. Unlike those of a trained batch
    normalisation, they do not depend on which rows share a batch.
    """
    layer = keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-6, name=f"{name}_standardize"
    )
    layer.trainable = False
    return layer


def build_branch(branch: BranchSpec, name: str, *, feature_shape=None) -> keras.Model:
    """Return the model from a row, or from the features of a frozen backbone, to a vector."""
    if feature_shape is None and branch.backbone is not None:
        x = inputs = keras.Input(branch.input_shape, dtype=branch.input_dtype, name=branch.modality)
        if branch.augmentation:
            x = augment(x, branch.augmentation)
        encoder = encoder_of(branch)
        # a frozen backbone computes as in prediction: without dropout
        x = encoder(x, training=False) if branch.frozen else encoder(x)
    else:
        shape = branch.input_shape if feature_shape is None else feature_shape
        x = inputs = keras.Input(shape, dtype="float32", name=name)
        if feature_shape is not None:
            x = standardizer(name)(x)
    if branch.units is not None:
        x = keras.layers.Dense(branch.units, activation="relu", name=f"{name}_dense")(x)
    if branch.dropout:
        x = keras.layers.Dropout(branch.dropout, name=f"{name}_dropout")(x)
    return keras.Model(inputs, x, name=f"{name}_layers")
