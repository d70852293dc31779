"""Frozen backbones: built once per process, and identified by what they compute."""

import hashlib
import os
import threading
from functools import cached_property

import keras
import numpy as np

from skmtl._runtime.keras_layers import copy_layer
from skmtl._runtime.keras_state import building
from skmtl._runtime.lru import BoundedCache
from skmtl.backbones._loaded import modified
from skmtl.columns import BranchSpec, encoder_of

MAX_SHARED = 4

_shared = BoundedCache(MAX_SHARED)
_lock = threading.RLock()


class FrozenEncoder:
    """A frozen backbone with its pooling, from raw rows to features.

    Networks of one process share it, since it is not trained: a grid search over a frozen VGG16 has
    its weights in memory once. Before a network hands its model out, it takes a copy (`private`).

    Parameters
    ----------
    branch : BranchSpec
        What it was built from.
    model : keras.Model
        From raw rows to features.
    precision : str or None
        Dtype policy that it was built under.
    is_shared : bool
        Whether several networks may hold it.
    """

    def __init__(self, branch: BranchSpec, model: keras.Model, precision, *, is_shared: bool):
        self.branch = branch
        self.model = model
        self.precision = precision
        self.is_shared = is_shared
        self.compiled = None  # the backend's compiled call, made when it is first needed

    @cached_property
    def identity(self) -> bytes:
        """Digest of all that the features depend on, except the row."""
        return self.fresh_identity()

    def fresh_identity(self) -> bytes:
        """Return the digest of the weights as they are now."""
        branch = self.branch
        parts = [branch.kind, branch.input_dtype, branch.pooling, branch.vocabulary_size]
        parts += [_content_name(branch.backbone), self.precision]
        parts += [(name, _content_name(value)) for name, value in branch.backbone_options]
        digest = hashlib.blake2b(repr(parts).encode(), digest_size=32)
        for weight in self.model.weights:
            value = np.ascontiguousarray(weight)
            digest.update(repr((value.shape, value.dtype.name)).encode())
            digest.update(value.view(np.uint8) if value.size else b"")
        return digest.digest()

    def private(self) -> "FrozenEncoder":
        """Return a copy with separate weights; itself, if it is not shared."""
        if not self.is_shared:
            return self
        with building(0, self.precision):
            model = copy_layer(self.model)
        return FrozenEncoder(self.branch, model, self.precision, is_shared=False)


def shared_encoder(branch: BranchSpec, seed: int, precision) -> FrozenEncoder:
    """Return the frozen encoder of a branch, built only once per process.

    Parameters
    ----------
    branch : BranchSpec
        Specification of a branch with a frozen backbone; its units and dropout do not matter.
    seed : int
        Seed of random weights; not used for pretrained ones.
    precision : str or None
        Dtype policy that it is built under.

    Returns
    -------
    FrozenEncoder
    """
    seed = None if branch.pretrained else seed
    key = repr((branch.encoder_key, sources(branch), seed, precision))
    with _lock:
        encoder = _shared.get(key)
        if encoder is None:
            # its seed is separate: later draws must not depend on whether it had to be built
            with building(f"{branch.kind} {seed}", precision):
                model = encoder_of(branch)
            encoder = FrozenEncoder(branch, model, precision, is_shared=True)
            _shared.put(key, encoder)
        return encoder


def frozen_encoders(spec, seed: int) -> dict[str, FrozenEncoder]:
    """Return the frozen encoders of a network by modality; see `shared_encoder`.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    seed : int
        Seed of random weights.
    """
    return {
        branch.modality: shared_encoder(branch, seed, spec.precision)
        for branch in spec.branches
        if branch.has_fixed_features
    }


def private_encoders(encoders: dict) -> dict[str, FrozenEncoder]:
    """Return copies of encoders that the process shares; modalities of one share its copy."""
    copies = {id(encoder): encoder.private() for encoder in encoders.values()}
    return {name: copies[id(encoder)] for name, encoder in encoders.items()}


def frozen_variables(encoders: dict) -> list:
    """Return the variables of encoders, each once, in a fixed order."""
    return unique(v for encoder in encoders.values() for v in encoder.model.variables)


def unique(variables) -> list:
    """Return every variable once, in their order."""
    return list({id(variable): variable for variable in variables}.values())


def forget_encoders():
    """Drop the shared encoders; those in use stay in memory, and new networks build their own."""
    with _lock:
        _shared.clear()


def _content_name(value) -> str:
    """Return a name for a backbone or an option that does not depend on where its files are."""
    if isinstance(value, keras.layers.Layer):
        return repr(value.get_config())
    if isinstance(value, str | os.PathLike) and os.path.exists(value):
        return os.path.basename(os.path.normpath(value))
    return repr(value)


def sources(branch) -> tuple:
    """Return values that change when a weights file, a folder or a layer of the user changes."""
    found = []
    for value in (branch.backbone, *(value for _, value in branch.backbone_options)):
        if isinstance(value, keras.layers.Layer):
            digest = hashlib.blake2b(digest_size=32)
            for weight in value.get_weights():
                digest.update(np.ascontiguousarray(weight).view(np.uint8) if weight.size else b"")
            found.append(digest.hexdigest())
        elif isinstance(value, str | os.PathLike) and os.path.exists(value):
            found.append(modified(value))
    return tuple(found)
