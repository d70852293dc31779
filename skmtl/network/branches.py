"""One branch: input of a modality, backbone, pooling, dense."""

import json
from dataclasses import dataclass, field
from functools import cached_property

import keras
from keras import ops

from skmtl.backbones.image import build_image_backbone
from skmtl.backbones.text import build_text_backbone
from skmtl.network.augmentation import augment

IMAGE_POOLINGS = {
    "avg": keras.layers.GlobalAveragePooling2D,
    "max": keras.layers.GlobalMaxPooling2D,
    "flatten": keras.layers.Flatten,
}
TEXT_POOLINGS = ("mean", "max", "cls")


@dataclass(frozen=True)
class BranchSpec:
    """Everything that shapes a branch.

    Parameters
    ----------
    modality : {"image", "text", "numeric"}
        What it reads.
    input_shape : tuple of int
        Shape of one row: ``(h, w, c)``, ``(max_len,)`` or ``(n_features,)``.
    input_dtype : str
        "uint8" for raw pixels, "float32" for normalised ones and numbers, "int32" for token ids.
    backbone : str or keras.Layer or None
        Name or layer; None for numbers.
    backbone_options : tuple of (str, object)
        Options of the backbone.
    pooling : str or None
        How a feature map or a sequence becomes a vector.
    units : int or None
        Width of the dense layer; None for no dense layer.
    dropout : float
        Share of the branch's outputs that is dropped while training.
    vocabulary_size : int or None
        Number of token ids, padding included.
    frozen : bool
        Whether the backbone is not trained.
    pretrained : bool
        Whether the backbone comes with weights that carry training.
    update_scale : float
        Factor on the steps of the weights of a pretrained backbone that is trained.
    augmentation : tuple of str or keras.Layer
        Random changes of the pictures while training.
    words : dict of str to int or None
        Ids of the words, for backbones that look up word vectors.
    """

    modality: str
    input_shape: tuple[int, ...]
    input_dtype: str
    backbone: object = None
    backbone_options: tuple = ()
    pooling: str | None = None
    units: int | None = None
    dropout: float = 0.0
    vocabulary_size: int | None = None
    frozen: bool = False
    pretrained: bool = False
    update_scale: float = 1.0
    augmentation: tuple = ()
    words: dict | None = field(default=None, hash=False)

    @property
    def has_fixed_features(self) -> bool:
        """Whether a row always has the same features, so that they need computing only once."""
        return self.frozen and not self.augmentation

    @cached_property
    def key(self) -> tuple:
        """Tuple that is equal for equal branches."""
        augmentation = tuple(_layer_key(x) for x in self.augmentation)
        training = (self.units, self.dropout, self.frozen, self.update_scale, augmentation)
        return (*self.encoder_key, *training)

    @cached_property
    def encoder_key(self) -> tuple:
        """Tuple that is equal for equal backbones and poolings, weights aside."""
        shape = (self.modality, self.input_shape, self.input_dtype, self.pooling)
        words = None if self.words is None else hash(tuple(self.words.items()))
        backbone = _layer_key(self.backbone)
        return (*shape, self.vocabulary_size, words, self.backbone_options, backbone)


def _layer_key(layer) -> str:
    if layer is None or isinstance(layer, str):
        return str(layer)
    # weights are no part of the key: a program gets the weights of every fit anew
    return json.dumps(keras.saving.serialize_keras_object(layer), sort_keys=True, default=repr)


def pooled_backbone(branch: BranchSpec) -> keras.Model:
    """Return the model from a raw row to a vector of features."""
    x = inputs = keras.Input(branch.input_shape, dtype=branch.input_dtype, name=branch.modality)
    options = dict(branch.backbone_options)
    if branch.modality == "image":
        raw = branch.input_dtype == "uint8"
        backbone = build_image_backbone(
            branch.backbone, input_shape=branch.input_shape, raw=raw, options=options
        )
        x = backbone(x)
        if len(x.shape) == 4:
            x = IMAGE_POOLINGS[branch.pooling](name="image_pooling")(x)
    elif branch.modality == "text":
        backbone = build_text_backbone(
            branch.backbone,
            vocabulary_size=branch.vocabulary_size,
            max_len=branch.input_shape[0],
            options=options,
            words=branch.words,
        )
        x = backbone(x)
        if len(x.shape) == 3:
            x = _pool_tokens(x, inputs, branch.pooling)
    model = keras.Model(inputs, x, name=f"{branch.modality}_encoder")
    model.trainable = not branch.frozen
    return model


def standardizer(name) -> keras.layers.Layer:
    """Return a layer that standardises the features of a frozen backbone.

    Its mean and variance are set once, from the training rows: unlike a batch normalisation that
    is trained, it does not depend on how rows fall into batches.
    """
    layer = keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-6, name=f"{name}_standardize"
    )
    layer.trainable = False
    return layer


def build_branch(branch: BranchSpec, name: str, *, feature_shape=None) -> keras.Model:
    """Return the model from a row, or from the features of a frozen backbone, to a vector."""
    if feature_shape is None and branch.modality != "numeric":
        x = inputs = keras.Input(branch.input_shape, dtype=branch.input_dtype, name=branch.modality)
        if branch.augmentation:
            x = augment(x, branch.augmentation)
        encoder = pooled_backbone(branch)
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


def _pool_tokens(x, ids, pooling):
    """Pool token vectors ``(n, max_len, d)`` over the ids that are not padding."""
    if pooling == "cls":
        return x[:, 0]
    present = ops.cast(ops.not_equal(ids, 0), x.dtype)
    if pooling == "max":
        mask = ops.expand_dims(present, -1)
        # padding must not win, and an empty text gives zeros
        return ops.max(x * mask + (mask - 1.0) * 1e4, axis=1) * ops.max(mask, axis=1)
    # as a matrix product: a product and its sum would pass over the vectors twice
    total = ops.squeeze(ops.matmul(ops.expand_dims(present, 1), x), axis=1)
    return total / ops.maximum(ops.sum(present, axis=1, keepdims=True), 1.0)
