"""What a fitted network consists of in a file: classes, their fields, and what these may hold.

A new class of fitted objects is a new entry here. Whatever is not listed is neither written nor
read.
"""

from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any, Literal

import keras
import numpy as np

from skmtl._runtime.storage.kinds import mismatch
from skmtl.backbones._stored import StoredBackbone
from skmtl.columns import BranchSpec, Layout, Source, TableReader
from skmtl.columns._category import CategoryEncoder
from skmtl.columns._matrix import MatrixEncoder
from skmtl.columns._number import NumberEncoder
from skmtl.columns.image import ImageColumn
from skmtl.columns.table import TablePart
from skmtl.columns.text import TextColumn
from skmtl.exceptions import ModelFileError, shortened
from skmtl.fitting.calibration import Calibration
from skmtl.labels import (
    ClassHead,
    ClassLabels,
    Head,
    LabelKind,
    NumberHead,
    NumberLabels,
    OrdinalHead,
    OrdinalLabels,
    TagHead,
    TagLabels,
    Tasks,
)
from skmtl.network.spec import NetworkSpec
from skmtl.preprocessing import JiebaSequencer, WordPieceSequencer
from skmtl.sharing import Sharing

_Branch = Literal["image", "text", "table"]
_Encoder = NumberEncoder | CategoryEncoder | MatrixEncoder

_NUMBER = {
    "loss": str,
    "quantiles": tuple[float, ...],
    "center": float,
    "scale": float,
    "transform": Literal["log1p"] | None,
}

RECORDS = {
    BranchSpec: {
        "modality": str,
        "kind": _Branch,
        "input_shape": tuple[int, ...],
        "input_dtype": str,
        "backbone": str | StoredBackbone | None,
        "backbone_options": tuple[tuple[str, Any], ...],
        "pooling": str | None,
        "units": int | None,
        "dropout": float,
        "vocabulary_size": int | None,
        "frozen": bool,
        "pretrained": bool,
        "update_scale": float,
        "augmentation": tuple[str | keras.layers.Layer, ...],
        "words": None,
        "skips_unknown": bool,
    },
    NetworkSpec: {
        "branches": tuple[BranchSpec, ...],
        "heads": tuple[Head, ...],
        "visible": tuple[frozenset[str], ...],
        "sharing": Sharing,
        "fusion": Literal["weighted", "late", "concat", "mean"],
        "trunk_units": tuple[int, ...],
        "trunk_dropout": float,
        "precision": str | None,
    },
    ClassHead: {"n_outputs": int, "loss": str, "label_smoothing": float},
    ClassLabels: {"classes": np.ndarray, "loss": str, "label_smoothing": float},
    OrdinalHead: {"n_outputs": int, "loss": str},
    OrdinalLabels: {"classes": np.ndarray, "loss": str},
    TagHead: {"n_outputs": int, "loss": str},
    TagLabels: {
        "classes": np.ndarray,
        "thresholds": np.ndarray,
        "separator": str | None,
        "loss": str,
    },
    NumberHead: {"n_outputs": int, **_NUMBER},
    NumberLabels: _NUMBER,
    Calibration: {"temperature": float, "scores": np.ndarray},
    Tasks: {
        "names": tuple[str, ...],
        "kinds": tuple[LabelKind, ...],
        "one_dimensional": bool,
        "missing_label": Any,
    },
    TableReader: {
        "layout": Layout,
        "parts": dict[str, ImageColumn | TextColumn | TablePart],
    },
    Layout: {
        "kinds": dict[Any, Literal["image", "text", "number", "category", "drop"]],
        "sources": tuple[Source, ...],
    },
    Source: {"branch": str, "kind": _Branch, "columns": tuple[Any, ...], "name": Any},
    ImageColumn: {
        "name": Any,
        "size": int | tuple[int, int] | list[int] | None,
        "mode": Literal["rgb", "grey"] | None,
        "folder": str | PurePath | None,
        "on_bad": Literal["raise", "missing"],
        "shape_": tuple[int, int, int],
        "dtype_": str,
        "highest_": float | None,
        "n_bad_": int,
    },
    TextColumn: {
        "name": Any,
        "sequencer_": JiebaSequencer | WordPieceSequencer | None,
        "has_own_vocabulary": bool,
        "n_ids_": int | None,
        "shape_": tuple[int],
        "dtype_": str,
        "n_tokens_": int,
    },
    TablePart: {
        "n_bins": int,
        "max_categories": int,
        "min_rows": int,
        "encoders_": list[_Encoder],
    },
    NumberEncoder: {
        "name": Any,
        "knots": np.ndarray,
        "ranks": np.ndarray,
        "edges": np.ndarray,
        "mean": float,
        "scale": float,
        "has_missing": bool,
    },
    CategoryEncoder: {
        "name": Any,
        "categories": list[str],
        "has_rare": bool,
        "has_missing": bool,
    },
    MatrixEncoder: {
        "name": Any,
        "center": np.ndarray,
        "scale": np.ndarray,
        "has_missing": np.ndarray,
    },
}
# of a whole fit; its weights are arrays beside it
FITTED = {
    "reader": TableReader,
    "tasks": Tasks,
    "spec": NetworkSpec,
    "history": dict[str, list[float]],
    "batch_size": int | None,
    "calibration": dict[str, Calibration],
    "values": list[np.ndarray],
}
_BY_NAME = {kind.__name__: kind for kind in RECORDS}


def is_record(value) -> bool:
    """Return whether an object is one of the listed classes."""
    return type(value) in RECORDS


def write_record(value, where, writer) -> dict:
    """Return the JSON of a listed object.

    Raises
    ------
    TypeError
        If it has a field that is not listed, or holds what a file may not.
    """
    kind = type(value)
    names = [field.name for field in fields(value)] if is_dataclass(value) else list(vars(value))
    values = {name: getattr(value, name) for name in names}
    trouble = mismatch(values, RECORDS[kind])
    if trouble:
        raise TypeError(f"{where} ({kind.__name__}) cannot be saved: {trouble}.")
    parts = {name: writer.write(part, f"{where}.{name}") for name, part in values.items()}
    return {"$": "record", "class": kind.__name__, "fields": parts}


def read_record(node, reader):
    """Return the object of what `write_record` returned.

    Raises
    ------
    ModelFileError
        If it is of no listed class, or a field is missing, unknown or of another kind.
    """
    name = node["class"]
    kind = _BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ModelFileError(f"it names the record {shortened(name)}, which no model has")
    values = {key: reader.read(part) for key, part in node["fields"].items()}
    check_fields(kind.__name__, values, RECORDS[kind])
    if is_dataclass(kind):
        return kind(**values)
    value = kind.__new__(kind)
    vars(value).update(values)
    return value


def check_fields(name, values, kinds):
    """Raise `ModelFileError` where fields are not those of a class."""
    trouble = mismatch(values, kinds)
    if trouble:
        raise ModelFileError(f"its {name} is malformed: {trouble}")
