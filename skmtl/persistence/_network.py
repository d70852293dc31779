"""A fitted network to JSON and arrays, and back."""

import dataclasses
import json

import keras
import numpy as np
from keras.src.backend.common import global_state

from skmtl._runtime.fork import refuse_forked_process
from skmtl._runtime.keras_config import ConfigError, check_config
from skmtl.backbones._stored import StoredBackbone
from skmtl.backbones._token_networks import TOKEN_NETWORKS
from skmtl.columns import BranchSpec, Layout, Source, TableReader
from skmtl.columns._category import CategoryEncoder
from skmtl.columns._matrix import MatrixEncoder
from skmtl.columns._number import NumberEncoder
from skmtl.columns.image import ImageColumn
from skmtl.columns.table import TablePart
from skmtl.columns.text import TextColumn
from skmtl.exceptions import ModelFileError
from skmtl.fitting.fitted import FittedNetwork
from skmtl.labels import ClassLabels, Tasks
from skmtl.network.network import NetworkSpec, build_network

_SLACK = 100_000  # numbers, such as seeds, that a network may have beside what is stored
_SELF_MADE = {None, "small_cnn", *TOKEN_NETWORKS}
_RECORDS = {
    kind.__name__: kind
    for kind in (
        BranchSpec,
        CategoryEncoder,
        ClassLabels,
        Layout,
        MatrixEncoder,
        NetworkSpec,
        NumberEncoder,
        Source,
        Tasks,
    )
}
# classes that learn from rows, and the attributes that they then have
_LEARNED = {
    TableReader: ("layout", "parts"),
    ImageColumn: (
        "name",
        "size",
        "mode",
        "folder",
        "on_bad",
        "shape_",
        "dtype_",
        "highest_",
        "n_bad_",
    ),
    TextColumn: ("name", "sequencer_", "has_own_vocabulary", "shape_", "dtype_", "n_tokens_"),
    TablePart: ("n_bins", "max_categories", "min_rows", "encoders_"),
}
_LEARNED_NAMES = {kind.__name__: kind for kind in _LEARNED}


def write_fitted(fitted, where, writer) -> dict:
    """Return the JSON of a `FittedNetwork`; its weights become arrays.

    Parameters
    ----------
    fitted : FittedNetwork
        What a fit left.
    where : str
        Path to it, for the error text.
    writer : ValueWriter
        Writes the values and keeps the arrays.
    """
    state = fitted.__getstate__()
    spec = _stand_alone(state["spec"], fitted.network)
    return {
        "reader": writer.write(state["reader"], f"{where}.reader"),
        "tasks": writer.write(state["tasks"], f"{where}.tasks"),
        "spec": writer.write(spec, f"{where}.spec"),
        "history": writer.write(state["history"], f"{where}.history"),
        "batch_size": writer.write(state["batch_size"], f"{where}.batch_size"),
        "values": [writer.array(value) for value in state["values"]],
    }


def read_fitted(node, reader) -> FittedNetwork:
    """Return the `FittedNetwork` of a piece of JSON.

    Raises
    ------
    ModelFileError
        If the weights do not fit the architecture.
    """
    refuse_forked_process()
    names = ("reader", "tasks", "spec", "history")
    state = {name: reader.read(node[name]) for name in names}
    state["values"] = reader.read(node["values"])
    state["batch_size"] = reader.read(node["batch_size"]) if "batch_size" in node else None
    if not isinstance(state["batch_size"], int | None):
        raise ModelFileError(f"its batch_size is {type(state['batch_size']).__name__}, no int")
    for weight in state["values"]:
        if not isinstance(weight, np.ndarray):
            raise ModelFileError(f"a weight is {type(weight).__name__}, no array")
    kinds = (TableReader, Tasks, NetworkSpec, dict)
    for name, kind in zip(names, kinds, strict=True):
        if type(state[name]) is not kind:
            raise ModelFileError(f"its {name} is no {kind.__name__}")
    spec = state["spec"]
    # a frozen backbone may be shared by the process: for a look at sizes, it is built as a free one
    free = tuple(dataclasses.replace(branch, frozen=False) for branch in spec.branches)
    look = dataclasses.replace(spec, branches=free)
    check_size(lambda: build_network(look, 0), state["values"])
    fitted = FittedNetwork.__new__(FittedNetwork)
    try:
        fitted.__setstate__(state)
        _ = fitted.network  # built now: what does not fit is an error of the file
    except ValueError as error:
        raise ModelFileError(
            f"its weights do not fit the network that this version builds: {error}"
        ) from error
    return fitted


def check_size(build, values):
    """Refuse an architecture with more weights than the file holds, without allocating them.

    Parameters
    ----------
    build : callable
        Returns something with ``variables``.
    values : list of ndarray
        The weights that the file holds.
    """
    stored = sum(value.size for value in values)
    pending = list(global_state.get_global_attribute("uninitialized_variables") or [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            built = build()
            variables = getattr(built, "all_variables", None) or getattr(built, "variables", [])
            needed = sum(int(np.prod(variable.shape, dtype=object)) for variable in variables)
    finally:
        global_state.set_global_attribute("uninitialized_variables", pending)
    if needed > stored + _SLACK:
        raise ModelFileError(
            f"its architecture has {needed} weights, but it holds {stored} numbers"
        )


def write_part(value, where, writer) -> dict | None:
    """Return the JSON of a part of a fitted network, None if it is none."""
    if isinstance(value, StoredBackbone):
        return {"$": "backbone", "config": json.loads(value.config)}
    name = type(value).__name__
    if _RECORDS.get(name) is type(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {"$": "record", "class": name, "fields": _write_all(fields, where, writer)}
    if type(value) in _LEARNED:
        fields = vars(value)
        unknown = set(fields) - set(_LEARNED[type(value)])
        if unknown:
            raise TypeError(f"{where} has attributes that cannot be saved: {sorted(unknown)}.")
        return {"$": "learned", "class": name, "fields": _write_all(fields, where, writer)}
    return None


def read_part(kind, node, reader):
    """Return the part of a fitted network of a piece of JSON, None if it is none."""
    if kind == "backbone":
        check_config(node["config"])
        return StoredBackbone(json.dumps(node["config"]))
    if kind == "record":
        record = _RECORDS.get(node["class"])
        if record is None:
            raise ModelFileError(f"it names the record {node['class']!r}, which no model has")
        value = record(**{key: reader.read(part) for key, part in node["fields"].items()})
        if isinstance(value, BranchSpec):
            _check_branch(value)
        return value
    if kind == "learned":
        learned = _LEARNED_NAMES.get(node["class"])
        if learned is None:
            raise ModelFileError(f"it names the class {node['class']!r}, which no model has")
        fields = {key: reader.read(part) for key, part in node["fields"].items()}
        if set(fields) != set(_LEARNED[learned]):
            raise ModelFileError(f"a {node['class']} has the attributes {sorted(fields)}")
        value = learned.__new__(learned)
        vars(value).update(fields)
        return value
    return None


def _stand_alone(spec, network) -> NetworkSpec:
    """Return the specification with architectures in place of what lies outside the library."""
    return dataclasses.replace(
        spec, branches=tuple(_stand_alone_branch(branch, network) for branch in spec.branches)
    )


def _stand_alone_branch(branch, network) -> BranchSpec:
    options = dict(branch.backbone_options)
    changes = {}
    if "words" in {field.name for field in dataclasses.fields(branch)}:
        changes["words"] = None  # needed to read word vectors, which are among the weights now
    is_name = branch.backbone is None or isinstance(branch.backbone, str)
    if is_name and branch.backbone in _SELF_MADE and options.get("vectors") is None:
        return dataclasses.replace(branch, **changes)
    if not isinstance(branch.backbone, StoredBackbone):
        model = _find_backbone(branch.modality, branch.kind, network)
        try:
            changes["backbone"] = StoredBackbone.of(model)
        except ConfigError as error:
            raise TypeError(
                f"{branch.kind}_backbone={branch.backbone!r} cannot be saved: {error}."
            ) from error
    return dataclasses.replace(branch, backbone_options=(), **changes)


def _find_backbone(modality, kind, network) -> keras.Model:
    """Return the model that `build_image_backbone` or `build_text_backbone` made."""
    encoder = network.encoders.get(modality)
    models = [branch.model for branch in network.branches if branch.modality == modality]
    if encoder is not None:
        models.insert(0, getattr(encoder, "model", encoder))
    names = {layer.name: layer for layer in models[0].layers}
    # a trained backbone stands within its encoder, which stands within the branch
    model = names.get(f"{modality}_encoder", models[0])
    return model.get_layer(f"{kind}_backbone")


def _check_branch(branch):
    """Refuse a backbone that would be fetched or read from somewhere."""
    backbone = branch.backbone
    if isinstance(backbone, StoredBackbone):
        return
    if backbone is not None and not isinstance(backbone, str):
        raise ModelFileError(f"its {branch.modality} backbone is a {type(backbone).__name__}")
    options = dict(branch.backbone_options)
    if backbone not in _SELF_MADE or options.get("vectors") is not None:
        raise ModelFileError(
            f"its {branch.modality} backbone {backbone!r} would have to be read from elsewhere"
        )


def _write_all(fields, where, writer) -> dict:
    return {key: writer.write(value, f"{where}.{key}") for key, value in fields.items()}
