"""Text backbones: a name or any Keras layer to a model from token ids to features."""

import keras
from keras import layers

from skmtl.backbones._info import BackboneInfo
from skmtl.backbones._options import check_options


def mean_embedding(ids, *, vocabulary_size, embedding_dim=256, dropout=0.2):
    """Look up a vector for each token; the network takes their mean.

    Parameters
    ----------
    ids : KerasTensor of shape (n, max_len)
        Token ids.
    vocabulary_size : int
        Number of different ids, 0 included.
    embedding_dim : int, default=256
        Length of a vector.
    dropout : float, default=0.2
        Share of the vectors' components that is dropped, the same for all tokens of a text.

    Returns
    -------
    KerasTensor of shape (n, max_len, embedding_dim)
    """
    x = layers.Embedding(vocabulary_size, embedding_dim)(ids)
    return layers.SpatialDropout1D(dropout)(x)


def describe_text_backbone(name_or_layer, *, options=None):
    """Return what a network has to know about a text backbone before it is built.

    Parameters
    ----------
    name_or_layer : str or keras.layers.Layer
        As in `build_text_backbone`.
    options : dict, default=None
        As in `build_text_backbone`.

    Returns
    -------
    BackboneInfo

    Raises
    ------
    ValueError, TypeError
        If there is no such backbone or option.
    """
    if isinstance(name_or_layer, layers.Layer):
        return BackboneInfo(pooling="mean", has_pretrained_weights=name_or_layer.built)
    if not isinstance(name_or_layer, str):
        raise TypeError(
            f"text_backbone must be a name or a Keras layer; got {type(name_or_layer).__name__}: "
            f"{name_or_layer!r}."
        )
    if name_or_layer != "mean_embedding":
        raise ValueError(
            f"text_backbone must be 'mean_embedding' or a Keras layer; got {name_or_layer!r}."
        )
    check_options(mean_embedding, options, parameter="text_backbone", name=name_or_layer)
    return BackboneInfo(pooling="mean")


def build_text_backbone(name_or_layer, *, vocabulary_size, max_len, options=None):
    """Build a text backbone.

    Parameters
    ----------
    name_or_layer : str or keras.layers.Layer
        ``"mean_embedding"``, or any Keras layer or model from token ids to a sequence or a vector;
        the layer is copied with its weights, never changed.
    vocabulary_size : int
        Number of different ids, 0 (padding) included.
    max_len : int
        Number of ids in a text.
    options : dict, default=None
        Options of the backbone by name.

    Returns
    -------
    keras.Model
        From a batch of int32 ids (n, max_len), where 0 pads, to a sequence (n, max_len, d), whose
        padded places the network's pooling ignores, or to vectors (n, d). It is made of built-in
        Keras layers only.

    Raises
    ------
    ValueError, TypeError
        If there is no such backbone or option.
    """
    describe_text_backbone(name_or_layer, options=options)
    ids = keras.Input((max_len,), dtype="int32")
    if isinstance(name_or_layer, layers.Layer):
        copy = type(name_or_layer).from_config(name_or_layer.get_config())
        x = copy(ids)
        if name_or_layer.built:
            copy.set_weights(name_or_layer.get_weights())
    else:
        x = mean_embedding(ids, vocabulary_size=vocabulary_size, **(options or {}))
    return keras.Model(ids, x, name="text_backbone")
