"""Estimators to JSON and back: class name, parameters, what was learned."""

import json

import keras
import numpy as np

from skmtl._runtime.keras_config import ConfigError, as_config, check_config, from_config
from skmtl._runtime.sklearn_encoders import restore_transformer
from skmtl._runtime.sklearn_output import output_of
from skmtl._runtime.storage.kinds import is_of_kind
from skmtl._runtime.storage.random_state import as_random_state, random_state_values
from skmtl.backbones._stored import StoredBackbone
from skmtl.exceptions import ModelFileError, shortened
from skmtl.labels.keras_losses import as_keras_loss, loss_of, trouble
from skmtl.persistence._agreement import check_columns
from skmtl.persistence._classes import (
    ESTIMATORS,
    check_state,
    class_name,
    class_of,
    is_versioned,
    learned,
    left_out,
)
from skmtl.persistence._code import refuse_code, unsaveable
from skmtl.persistence._composites import check_parts
from skmtl.persistence._network import check_layer, read_fitted, write_fitted
from skmtl.persistence._places import check_places
from skmtl.persistence._records import is_record, read_record, write_record
from skmtl.persistence._transformer_checks import check_transformer
from skmtl.persistence._transformers import (
    SCORE_FUNCTIONS,
    TRANSFORMERS,
    check_version,
    minor_version,
)
from skmtl.preprocessing import JiebaVectorizer
from skmtl.preprocessing._column_base import OneColumnTransformer

_OUTPUTS = ("default", "pandas", "polars")


def write_object(value, where, writer) -> dict:
    """Return the JSON of an estimator, a Keras object or a slice.

    Raises
    ------
    TypeError
        If it is none of ours: an object of another class would have to be imported on load.
    """
    if class_name(value) is not None:
        return _write_estimator(value, where, writer)
    if isinstance(value, slice):
        parts = [value.start, value.stop, value.step]
        return {"$": "slice", "values": [writer.write(part, where) for part in parts]}
    if isinstance(value, np.random.RandomState):
        try:
            values = random_state_values(value)
        except TypeError as error:
            raise TypeError(f"{where}: {error}.") from error
        return {"$": "random_state", "values": writer.write(values, where)}
    if isinstance(value, type) and issubclass(value, keras.optimizers.Optimizer):
        return {"$": "optimizer_class", "config": _config(value(), where)}
    if isinstance(value, StoredBackbone):
        return {"$": "backbone", "config": json.loads(value.config)}
    if is_record(value):
        return write_record(value, where, writer)
    if isinstance(value, keras.losses.Loss):  # some leave arguments out of their configuration
        return {"$": "loss", "text": as_keras_loss(value)}
    if hasattr(value, "get_config"):
        weights = value.get_weights() if isinstance(value, keras.layers.Layer) else []
        arrays = [writer.array(weight) for weight in weights]
        return {"$": "keras", "config": _config(value, where), "weights": arrays}
    name = getattr(value, "__name__", None)
    if where.endswith(".score_func") and SCORE_FUNCTIONS.get(name) is value:
        return {"$": "score_function", "name": name}
    raise unsaveable(value, where)


def read_object(node, reader):
    """Return the object of a piece of JSON; see `write_object`."""
    kind = node.get("$")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise ModelFileError(f"it has an object of the unknown kind {shortened(kind)}")
    try:
        return read(node, reader)
    except ConfigError as error:
        raise ModelFileError(str(error)) from error


def _config(value, where) -> dict:
    try:
        return as_config(value)
    except ConfigError as error:
        raise TypeError(f"{where} cannot be saved: {error}.") from error


def _read_slice(node, reader):
    parts = reader.read(node["values"])
    if not is_of_kind(parts, list[int | None]) or len(parts) != 3:
        raise ModelFileError("it has a slice of something else than three whole numbers")
    return slice(*parts)


def _read_random_state(node, reader):
    return as_random_state(reader.read(node["values"]))


def _read_optimizer_class(node, _reader):
    return type(_read_optimizer(node["config"]))


def _read_loss(node, _reader):
    text = node["text"]
    if not isinstance(text, str) or trouble(text) or '"class"' not in text:
        raise ModelFileError("it has something else in place of a loss of Keras")
    return loss_of(text)


def _read_score_function(node, _reader):
    return SCORE_FUNCTIONS[node["name"]]


def _read_backbone(node, _reader):
    check_config(node["config"])
    return StoredBackbone(json.dumps(node["config"]))


def _read_optimizer(config):
    optimizer = from_config(config)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ModelFileError("it has something else in place of an optimizer")
    return optimizer


def _read_keras(node, reader):
    config, weights = node["config"], reader.read(node["weights"])
    if not is_of_kind(weights, list[np.ndarray]):
        raise ModelFileError("the weights of a layer are no list of arrays")
    check_config(config)
    if str(config.get("module")).startswith("keras.optimizers"):
        return from_config(config)
    check_layer(lambda: from_config(config), weights, config)
    thing = from_config(config)
    if weights:
        if not getattr(thing, "built", False):
            raise ModelFileError("a layer has weights and no shape of its input")
        thing.set_weights(weights)
    return thing


# -- estimators ----------------------------------------------------------------------------------


def _write_estimator(estimator, where, writer) -> dict:
    name = class_name(estimator)
    _check_saveable(estimator, name, where)
    params = estimator.get_params(deep=False)
    node = {
        "$": "estimator",
        "class": name,
        "params": {
            key: writer.write(value, f"{where}.{key}")
            for key, value in params.items()
            if key not in left_out(name)
        },
    }
    state = learned(estimator)
    if state and is_versioned(name):
        node["made_for"] = minor_version()
    if name == "JiebaVectorizer" and state:
        state["idf_"] = getattr(estimator.vectorizer_, "idf_", None)
    if "_fitted" in vars(estimator):
        node["network"] = write_fitted(estimator._fitted, where, writer)
    node["state"] = {key: writer.write(value, f"{where}.{key}") for key, value in state.items()}
    output = output_of(estimator)
    if output is not None:
        node["output"] = output
    return node


def _check_saveable(estimator, name, where):
    try:
        if isinstance(estimator, TRANSFORMERS):
            check_state(estimator, learned(estimator))
            check_transformer(estimator, learned(estimator))
    except (ValueError, OverflowError) as error:
        raise TypeError(f"{where} cannot be saved, since no load would take it: {error}") from error
    if "_metadata_request" in vars(estimator):
        raise TypeError(
            f"{where} ({name}) has metadata requests, which cannot be saved: set them later."
        )


def _read_estimator(node, reader):
    name = node["class"]
    kind = class_of(name)
    params = {key: reader.read(value) for key, value in node["params"].items()}
    if not reader.allow_paths:
        check_places(name, params)
    explicit = set(kind._get_param_names()) - set(left_out(name))
    routed = {key: params.pop(key) for key in sorted(params.keys() - explicit)}
    _check_routed(kind, routed)
    for key, value in params.items():
        refuse_code(name, key, value)
    if node["state"] and is_versioned(name):
        check_version(name, node.get("made_for"))
    estimator = kind(**params)
    for key, value in routed.items():
        setattr(estimator, key, value)
    state = {key: reader.read(value) for key, value in node["state"].items()}
    if isinstance(estimator, OneColumnTransformer) and state:
        estimator._check_parameters()
    check_state(estimator, state)
    if kind is JiebaVectorizer and state:
        state["vectorizer_"] = _vectorizer(estimator, state)
    if isinstance(estimator, OneColumnTransformer):
        # its own method checks whether this machine segments texts as that of the fit did
        estimator.__setstate__({**vars(estimator), **state})
    vars(estimator).update(state)
    if isinstance(estimator, TRANSFORMERS):
        check_transformer(estimator, state)
        restore_transformer(estimator)
    _read_network(estimator, node, reader)
    check_parts(estimator)
    if "output" in node:
        if node["output"] not in _OUTPUTS:
            raise ModelFileError(f"it asks for the output {shortened(node['output'])}")
        estimator.set_output(transform=node["output"])
    return estimator


def _read_network(estimator, node, reader):
    """Give a fitted network's estimator its network."""
    is_network = type(estimator).__name__ in ESTIMATORS
    is_fitted = is_network and hasattr(estimator, "n_features_in_")
    if is_fitted != ("network" in node):
        raise ModelFileError("it has a network without its columns, or columns without a network")
    if is_fitted:
        fitted = read_fitted(node["network"], reader)
        check_columns(estimator, fitted.reader)
        estimator._keep(fitted)


def _check_routed(kind, routed):
    prefixes = getattr(kind, "_routed_prefixes", ())
    for key in routed:
        prefix, mark, option = key.partition("__")
        if prefix not in prefixes or not mark or not option.isidentifier():
            raise ModelFileError(
                f"it has a parameter that no {kind.__name__} has, {shortened(key)}"
            )


def _vectorizer(estimator, state):
    """Return scikit-learn's vectorizer, which holds functions, built again."""
    vectorizer = estimator._new_vectorizer()
    vectorizer.vocabulary_ = state["vocabulary_"]
    vectorizer.fixed_vocabulary_ = False
    weights = state.pop("idf_")
    if weights is not None:
        vectorizer.vocabulary = state["vocabulary_"]  # the setter of idf_ looks for it
        vectorizer.idf_ = weights
        vectorizer.vocabulary = None
        vectorizer.fixed_vocabulary_ = False
    return vectorizer


_READERS = {
    "estimator": _read_estimator,
    "slice": _read_slice,
    "random_state": _read_random_state,
    "optimizer_class": _read_optimizer_class,
    "keras": _read_keras,
    "backbone": _read_backbone,
    "loss": _read_loss,
    "score_function": _read_score_function,
    "record": read_record,
}
