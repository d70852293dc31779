"""A fitted network to JSON and arrays, and back."""

import dataclasses

import keras

from skmtl._runtime.fork import refuse_forked_process
from skmtl._runtime.keras_config import ConfigError, count_classes
from skmtl._runtime.keras_state import building
from skmtl._runtime.keras_variables import TooManyVariablesError, variables_counted
from skmtl.backbones._stored import StoredBackbone
from skmtl.backbones._token_networks import TOKEN_NETWORKS
from skmtl.columns import BranchSpec, encoder_of
from skmtl.exceptions import ModelFileError, shortened
from skmtl.fitting.fitted import FittedNetwork
from skmtl.network.frozen import FrozenEncoder
from skmtl.network.network import build_network
from skmtl.network.spec import NetworkSpec
from skmtl.persistence._agreement import check_agreement
from skmtl.persistence._places import check_places
from skmtl.persistence._records import FITTED, check_fields
from skmtl.sharing import CrossStitch, NoSharing

_SEED_BYTES = 16  # of the state of a layer's random draws
_SELF_MADE = {None, "small_cnn", *TOKEN_NETWORKS}


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
    state["spec"] = _stand_alone(state["spec"], fitted.network)
    node = {
        name: writer.write(state[name], f"{where}.{name}") for name in FITTED if name != "values"
    }
    return {**node, "values": [writer.array(value) for value in state["values"]]}


def read_fitted(node, reader) -> FittedNetwork:
    """Return the `FittedNetwork` of a piece of JSON.

    Raises
    ------
    ModelFileError
        If its parts do not belong together, or the weights do not fit the architecture.
    """
    refuse_forked_process()
    state = {name: reader.read(part) for name, part in node.items()}
    check_fields("network", state, FITTED)
    reader_of_table, tasks, spec = state["reader"], state["tasks"], state["spec"]
    check_agreement(reader_of_table, tasks, spec, state["calibration"])
    for branch in spec.branches:
        _check_backbone(branch)
    if not reader.allow_paths:
        for part in reader_of_table.parts.values():
            check_places(type(part).__name__, vars(part))
    _check_layers(spec, len(state["values"]))
    _check_weights(spec, state["values"])
    fitted = FittedNetwork.__new__(FittedNetwork)
    fitted.__setstate__(state)
    _ = fitted.network  # built now: what does not fit is an error of the file
    return fitted


def check_layer(build, weights, config):
    """Refuse a layer with more weights than are stored with it, without allocating them.

    Parameters
    ----------
    build : callable
        Returns the layer.
    weights : list of ndarray
        What is stored with it.
    config : dict
        Its configuration; each of the layers in it may draw random numbers.
    """
    _count(build, weights, n_random=count_classes(config))


def _check_layers(spec, n_arrays):
    """Refuse a trunk of more layers than the file has arrays: layers are made before weights are.

    Every layer of the trunk has weights, and so has every head.
    """
    sharing, n_tasks = spec.sharing, len(spec.heads)
    options = sharing.get_params(deep=False)
    n_stacks = n_tasks if isinstance(sharing, CrossStitch | NoSharing) else 1
    n_stacks = max(
        n_stacks,
        options.get("n_experts", 0),
        options.get("n_shared_experts", 0) + n_tasks * options.get("n_task_experts", 0),
    )
    n_layers = n_stacks * len(sharing.layer_units(spec.trunk_units)) + n_tasks
    if n_layers > n_arrays:
        raise ModelFileError(
            f"its architecture has more weights than it holds: {n_layers} layers, but "
            f"{n_arrays} arrays"
        )


def _check_weights(spec, values):
    """Refuse an architecture whose variables are not those that the file holds."""

    def build():
        # not those that the process shares: they would keep what is built here
        with building(0, spec.precision):
            encoders = {
                branch.modality: FrozenEncoder(
                    branch, encoder_of(branch), spec.precision, is_shared=False
                )
                for branch in spec.branches
                if branch.has_fixed_features
            }
            return build_network(spec, 0, encoders).all_variables

    variables = _count(build, values, n_random=len(values))
    shapes, stored = [tuple(v.shape) for v in variables], [value.shape for value in values]
    if shapes != stored:
        wrong = [pair for pair in zip(shapes, stored, strict=False) if pair[0] != pair[1]]
        trouble = wrong[0] if wrong else (len(shapes), len(stored))
        raise ModelFileError(
            "its weights do not fit the network that this version builds: "
            f"{trouble[0]} instead of {trouble[1]}"
        )


def _count(build, weights, n_random):
    """Return what `build` does, and stop it where it needs more variables than are stored."""
    n_bytes = sum(weight.nbytes for weight in weights)
    try:
        with variables_counted(len(weights) + n_random, n_bytes + _SEED_BYTES * n_random):
            return build()
    except TooManyVariablesError as error:
        raise ModelFileError(f"its architecture has more weights than it holds: {error}") from error


def _stand_alone(spec, network) -> NetworkSpec:
    """Return the specification with architectures in place of what lies outside the library."""
    return dataclasses.replace(
        spec, branches=tuple(_stand_alone_branch(branch, network) for branch in spec.branches)
    )


def _stand_alone_branch(branch, network) -> BranchSpec:
    options = dict(branch.backbone_options)
    changes = {"words": None}  # needed to read word vectors, which are among the weights now
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
        models.insert(0, encoder.model)
    names = {layer.name: layer for layer in models[0].layers}
    # a trained backbone stands within its encoder, which stands within the branch
    model = names.get(f"{modality}_encoder", models[0])
    return model.get_layer(f"{kind}_backbone")


def _check_backbone(branch):
    """Refuse a backbone that would be fetched or read from somewhere."""
    options = dict(branch.backbone_options)
    is_stored = isinstance(branch.backbone, StoredBackbone)
    if not is_stored and (branch.backbone not in _SELF_MADE or options.get("vectors") is not None):
        raise ModelFileError(
            f"its {branch.modality} backbone {shortened(branch.backbone)} would have to be read "
            "from elsewhere"
        )
