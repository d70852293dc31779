"""Estimators to JSON and back: class name, parameters, what was learned."""

import keras
import numpy as np
import sklearn
from sklearn.preprocessing import FunctionTransformer

from skmtl._runtime.keras_config import ConfigError, as_config, check_config, from_config
from skmtl.exceptions import ForkedProcessError, ModelFileError, describe
from skmtl.persistence import _network as networks
from skmtl.persistence._classes import class_name, class_of, is_state, left_out
from skmtl.preprocessing import JiebaVectorizer

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
        kind, *rest = value.get_state()
        return {"$": "random_state", "values": writer.write([kind, *rest], where)}
    if isinstance(value, type) and issubclass(value, keras.optimizers.Optimizer):
        return {"$": "optimizer_class", "config": _config(value(), where)}
    networks_json = networks.write_part(value, where, writer)
    if networks_json is not None:
        return networks_json
    if hasattr(value, "get_config"):
        weights = value.get_weights() if isinstance(value, keras.layers.Layer) else []
        arrays = [writer.array(weight) for weight in weights]
        return {"$": "keras", "config": _config(value, where), "weights": arrays}
    hint = ""
    if ".callbacks" in where:
        hint = " Callbacks are code: save without them, after set_params(callbacks=None)."
    raise TypeError(
        f"{where} is {describe(value)}, which cannot be saved: a file holds plain values and "
        f"objects of skmtl's own classes only.{hint}"
    )


def read_object(node, reader):
    """Return the object of a piece of JSON; see `write_object`."""
    kind = node.get("$")
    try:
        if kind == "estimator":
            return _read_estimator(node, reader)
        if kind == "slice":
            return slice(*reader.read(node["values"]))
        if kind == "random_state":
            state = np.random.RandomState()
            state.set_state(tuple(reader.read(node["values"])))
            return state
        if kind == "optimizer_class":
            return type(from_config(node["config"]))
        if kind == "keras":
            return _read_keras(node, reader)
        part = networks.read_part(kind, node, reader)
    except (ModelFileError, ForkedProcessError):
        raise
    except ConfigError as error:
        raise ModelFileError(str(error)) from error
    except Exception as error:  # a stranger's values may fail anywhere in a constructor
        raise ModelFileError(f"an object of the kind {kind!r} is malformed: {error}") from error
    if part is None:
        raise ModelFileError(f"it has an object of the unknown kind {kind!r}")
    return part


def _config(value, where) -> dict:
    try:
        return as_config(value)
    except ConfigError as error:
        raise TypeError(f"{where} cannot be saved: {error}.") from error


def _read_keras(node, reader):
    weights = reader.read(node["weights"])
    check_config(node["config"])
    if not str(node["config"].get("module")).startswith("keras.optimizers"):
        networks.check_size(lambda: from_config(node["config"]), weights)
    thing = from_config(node["config"])
    if weights:
        if not thing.built:
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
    state = {key: value for key, value in vars(estimator).items() if is_state(name, key)}
    if name == "ColumnTransformer":
        node["made_for"] = _minor_version()
    if name == "JiebaVectorizer" and state:
        vectorizer = state.pop("vectorizer_")
        state["idf_"] = getattr(vectorizer, "idf_", None)
    if "_fitted" in vars(estimator):
        fitted = estimator._fitted
        node["network"] = networks.write_fitted(fitted, where, writer)
        state = {k: v for k, v in state.items() if k in ("n_features_in_", "feature_names_in_")}
    node["state"] = {key: writer.write(value, f"{where}.{key}") for key, value in state.items()}
    output = vars(estimator).get("_sklearn_output_config", {}).get("transform")
    if output is not None:
        node["output"] = output
    return node


def _check_saveable(estimator, name, where):
    if name == "FunctionTransformer" and (estimator.func, estimator.inverse_func) != (None, None):
        raise TypeError(f"{where} has a function, which cannot be saved.")
    if "_metadata_request" in vars(estimator):
        raise TypeError(
            f"{where} ({name}) has metadata requests, which cannot be saved: set them later."
        )


def _read_estimator(node, reader):
    name = node["class"]
    kind = class_of(name)
    params = {key: reader.read(value) for key, value in node["params"].items()}
    explicit = set(kind._get_param_names()) - set(left_out(name))
    routed = {key: params.pop(key) for key in sorted(params.keys() - explicit)}
    _check_routed(kind, routed)
    if kind is FunctionTransformer and (params.get("func"), params.get("inverse_func")) != (
        None,
        None,
    ):
        raise ModelFileError("it has a FunctionTransformer with a function")
    if "made_for" in node and node["made_for"] != _minor_version():
        raise ModelFileError(
            f"its ColumnTransformer is of scikit-learn {node['made_for']}, here is "
            f"{_minor_version()}, and what a fitted one holds differs between them"
        )
    estimator = kind(**params)
    for key, value in routed.items():
        setattr(estimator, key, value)
    state = {key: reader.read(value) for key, value in node["state"].items()}
    wrong = [key for key in state if not is_state(name, key)]
    if wrong:
        raise ModelFileError(f"it has attributes that no {name} has: {wrong}")
    if kind is JiebaVectorizer and state:
        state["vectorizer_"] = _vectorizer(estimator, state)
    if kind.__module__.startswith("skmtl.preprocessing"):
        # its own method looks whether this machine cuts texts as that of the fit did
        estimator.__setstate__({**vars(estimator), **state})
    vars(estimator).update(state)
    if "network" in node:
        estimator._keep(networks.read_fitted(node["network"], reader))
    if "output" in node:
        if node["output"] not in _OUTPUTS:
            raise ModelFileError(f"it asks for the output {node['output']!r}")
        estimator._sklearn_output_config = {"transform": node["output"]}
    return estimator


def _check_routed(kind, routed):
    prefixes = getattr(kind, "_routed_prefixes", ())
    for key in routed:
        prefix, mark, option = key.partition("__")
        if prefix not in prefixes or not mark or not option.isidentifier():
            raise ModelFileError(f"it has a parameter that no {kind.__name__} has, {key!r}")


def _vectorizer(estimator, state):
    """Return scikit-learn's vectorizer, which holds functions, made anew."""
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


def _minor_version() -> str:
    return ".".join(sklearn.__version__.split(".")[:2])
