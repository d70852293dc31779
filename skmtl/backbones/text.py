"""Text backbones: a name or any Keras layer to a model from token ids to features."""

from functools import partial

import keras
from keras import layers

from skmtl._runtime.keras_layers import copy_layer, refuse_lambda
from skmtl.backbones._hub import hub_text, is_preset
from skmtl.backbones._info import FINE_TUNING_SCALE, BackboneInfo
from skmtl.backbones._options import check_options
from skmtl.backbones._stored import StoredBackbone
from skmtl.backbones._token_networks import TOKEN_NETWORKS, Vocabulary
from skmtl.exceptions import describe

_POOLINGS = {"text_cnn": "max"}


def describe_text_backbone(name_or_layer, *, options=None):
    """Return facts about a text backbone that are known before it is built.

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

    Examples
    --------
    >>> from skmtl.backbones.text import describe_text_backbone
    >>> describe_text_backbone("text_cnn").pooling
    'max'
    """
    return _resolve(name_or_layer, options)[1]


def n_ids_of(backbone) -> int | None:
    """Return how many ids a Keras layer takes, None where that is not known.

    Parameters
    ----------
    backbone : str or keras.layers.Layer
        As in `build_text_backbone`; a layer is looked at where an Embedding is the first to read
        the ids.

    Examples
    --------
    >>> import keras
    >>> from skmtl.backbones.text import n_ids_of
    >>> n_ids_of(keras.Sequential([keras.layers.Embedding(100, 8)]))
    100
    """
    first = backbone
    if isinstance(backbone, keras.Model):
        inner = [one for one in backbone.layers if not isinstance(one, layers.InputLayer)]
        first = inner[0] if inner else None
    return first.input_dim if isinstance(first, layers.Embedding) else None


def build_text_backbone(name_or_layer, *, vocabulary_size, max_len, options=None, words=None):
    """Build a text backbone.

    Parameters
    ----------
    name_or_layer : str or keras.layers.Layer
        - ``"mean_embedding"``, ``"text_cnn"``, ``"bigru"`` or ``"transformer"``: trained from
          scratch; an unknown option is an error that lists the known ones, among them ``vectors``,
          a file of pretrained word vectors.
        - A KerasHub preset or local folder, such as ``"bert_base_zh"``.
        - Any Keras layer or model from token ids to a sequence or a vector. It is copied with its
          weights, never changed.
    vocabulary_size : int
        Number of different ids, 0 (padding) included.
    max_len : int
        Number of ids in a text; a preset takes any number up to its own limit.
    options : dict, default=None
        Options of the backbone by name.
    words : dict of str to int, default=None
        Ids of the words, for the option ``vectors``.

    Returns
    -------
    keras.Model
        From a batch of int32 ids (n, max_len), where 0 pads, to a sequence (n, max_len, d), whose
        padded places the network's pooling ignores, or to vectors (n, d); of a preset the length
        is None. Pretrained weights are read once per process.

    Raises
    ------
    ValueError, TypeError
        If there is no such backbone or option, or texts are longer than a preset takes.
    ImportError
        If KerasHub is needed and not installed.

    Examples
    --------
    >>> from skmtl.backbones.text import build_text_backbone
    >>> build_text_backbone("bigru", vocabulary_size=100, max_len=8).output_shape
    (None, 8, 128)
    """
    if isinstance(name_or_layer, StoredBackbone):
        return name_or_layer.build()
    apply, info = _resolve(name_or_layer, options)
    # a preset leaves padding out, so short texts need not be as long as the longest one
    ids = keras.Input((max_len if info.tokenizer is None else None,), dtype="int32")
    vocabulary = Vocabulary(vocabulary_size, words, max_len)
    return keras.Model(ids, apply(ids, vocabulary), name="text_backbone")


def _resolve(backbone, options):
    """Return the function from ids and vocabulary to features, and the facts about it."""
    if isinstance(backbone, layers.Layer):
        refuse_lambda("text_backbone", backbone)
        build, name = partial(_user_layer, backbone), backbone.name
        info = BackboneInfo("mean", has_pretrained_weights=backbone.built)
    elif not isinstance(backbone, str):
        raise TypeError(f"text_backbone must be a name or a Keras layer; got {describe(backbone)}.")
    elif backbone in TOKEN_NETWORKS:
        build, name = TOKEN_NETWORKS[backbone], backbone
        has_vectors = (options or {}).get("vectors") is not None
        info = BackboneInfo(_POOLINGS.get(backbone, "mean"), has_pretrained_weights=has_vectors)
    elif is_preset(backbone):
        build, name = partial(_hub, backbone), backbone
        info = BackboneInfo("mean", True, update_scale=FINE_TUNING_SCALE, tokenizer=backbone)
    else:
        raise ValueError(
            f"text_backbone must be one of {', '.join(map(repr, TOKEN_NETWORKS))}, a KerasHub "
            "preset (with keras-hub installed) or local folder, or a Keras layer; got "
            f"{backbone!r}."
        )
    options = check_options(build, options, parameter="text_backbone", name=name)
    return partial(build, **options), info


def _hub(preset, ids, vocabulary):
    return hub_text(ids, preset, vocabulary.max_len)


def _user_layer(layer, ids, _vocabulary):
    return copy_layer(layer)(ids)
