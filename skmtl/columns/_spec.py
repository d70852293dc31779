"""Everything that shapes a branch of the network."""

import json
from dataclasses import dataclass, field
from functools import cached_property

import keras

from skmtl._runtime.keras_layers import picklable


@dataclass(frozen=True)
class BranchSpec:
    """Everything that shapes a branch; specifications with equal keys build equal branches.

    Parameters
    ----------
    modality : str
        Name of the branch, and of the values that it reads.
    kind : {"image", "text", "table"}
        Kind of column.
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
        Whether the backbone comes with trained weights.
    update_scale : float
        Factor on the steps of the weights of a pretrained backbone that is trained.
    augmentation : tuple of str or keras.Layer
        Random changes of the images while training.
    words : dict of str to int or None
        Ids of the words, for backbones that look up word vectors.
    skips_unknown : bool
        Whether the mean over the tokens of a text leaves unknown words out.
    """

    modality: str
    kind: str
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
    skips_unknown: bool = False

    def __getstate__(self):
        return picklable(dict(vars(self)))

    @property
    def has_fixed_features(self) -> bool:
        """Whether the features of a row never change, so that they are computed only once."""
        return self.frozen and not self.augmentation

    @cached_property
    def key(self) -> tuple:
        """Tuple that is equal for equal branches."""
        augmentation = tuple(_layer_key(x) for x in self.augmentation)
        training = (self.units, self.dropout, self.frozen, self.update_scale, augmentation)
        return (self.modality, *self.encoder_key, *training)

    @cached_property
    def encoder_key(self) -> tuple:
        """Tuple that is equal for equal backbones and poolings, weights aside."""
        shape = (self.kind, self.input_shape, self.input_dtype, self.pooling, self.skips_unknown)
        words = None if self.words is None else hash(tuple(self.words.items()))
        backbone = _layer_key(self.backbone)
        return (*shape, self.vocabulary_size, words, self.backbone_options, backbone)


def _layer_key(layer) -> str:
    if layer is None or isinstance(layer, str):
        return str(layer)
    # weights are not in the key: each fit loads its weights into a program
    return json.dumps(keras.saving.serialize_keras_object(layer), sort_keys=True, default=repr)
