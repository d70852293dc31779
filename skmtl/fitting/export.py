"""Fitted networks in formats of other programs: ONNX, SavedModel, TensorFlow Lite."""

import importlib.util
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skmtl._runtime.storage import new_file
from skmtl._runtime.types import PathLike, Rows
from skmtl.data import as_table
from skmtl.exceptions import describe

__all__ = ["export_model", "network_inputs"]

FORMATS = {"onnx": "onnx", "saved_model": "tf_saved_model", "tflite": "litert"}
_NEEDS = {"onnx": ("onnx", "tf2onnx")}


def export_model(estimator: Any, path: PathLike, format: str) -> None:
    """Write the network of a fitted estimator in a format that other programs read.

    The inputs of the network are what the estimator makes of a table: pixels, token ids, numbers
    and, with several branches, a column ``has_<branch>`` that is 1 where a row has the branch's
    column and 0 where it is missing (its pixels or ids are then zeros). The file ``<path>.json``
    describes the inputs, the classes of every output, and how texts become token ids.

    Parameters
    ----------
    estimator : MultiTaskBase
        Fitted.
    path : str or path
        File, or for "saved_model" a folder that does not exist yet.
    format : {"onnx", "saved_model", "tflite"}
        What to write.

    Raises
    ------
    ValueError
        If there is no such format, or the folder exists.
    ImportError
        If a package of the extra ``export`` is missing.

    Examples
    --------
    >>> from skmtl import MultiTaskClassifier
    >>> from skmtl.fitting.export import export_model
    >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
    >>> model = MultiTaskClassifier().initialize(X, y)
    >>> export_model(model, "model.onnx", "onnx")  # doctest: +SKIP
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {list(FORMATS)}; got {format!r}.")
    missing = [name for name in _NEEDS.get(format, ()) if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f"format={format!r} needs {' and '.join(missing)}: pip install {' '.join(missing)}."
        )
    path = Path(path)
    if format == "saved_model" and path.exists():
        raise ValueError(f"path must be a folder that does not exist yet; got {os.fspath(path)!r}.")
    whole = estimator.model_
    # exporters call the outputs of a list output_0 and so on, those of a dict by their names
    outputs = dict(zip(whole.output_names, whole.outputs, strict=True))
    model = keras.Model(whole.inputs, outputs, name=whole.name)
    # the ONNX exporter needs a model that has been called
    model([np.zeros((1, *x.shape[1:]), x.dtype) for x in model.inputs], training=False)
    # written under another name and renamed, so that `path` is never half a model
    endings = {"onnx": ".onnx", "saved_model": "", "tflite": ".tflite"}
    part = path.with_name(f".{path.name}-{secrets.token_hex(8)}{endings[format]}")
    try:
        model.export(part, format=FORMATS[format], verbose=False)
        os.replace(part, path)
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
    with new_file(path.with_name(path.name + ".json")) as file:
        text = json.dumps(_description(estimator, whole, format), ensure_ascii=False, indent=1)
        file.write(text.encode("utf-8", errors="backslashreplace"))


def network_inputs(estimator: Any, X: Rows) -> dict:
    """Return the inputs of an exported network for a table.

    Parameters
    ----------
    estimator : MultiTaskBase
        Fitted.
    X : table
        As for `predict`.

    Returns
    -------
    dict of str to ndarray of shape (n_samples, ...)
        One array per input of the network, by name.

    Examples
    --------
    >>> from skmtl import MultiTaskClassifier
    >>> from skmtl.fitting.export import network_inputs
    >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
    >>> model = MultiTaskClassifier().initialize(X, y)
    >>> network_inputs(model, X)["table"].shape
    (2, 2)
    """
    table = estimator._fitted_network.reader.read(as_table(X))
    arrays = {}
    for name, modality in table.modalities.items():
        shape = modality.values.shape[1:]
        arrays[name] = np.zeros((table.n_samples, *shape), modality.values.dtype)
        arrays[name][modality.present] = modality.values[modality.positions[modality.present]]
    if len(table.modalities) > 1:
        for name, modality in table.modalities.items():
            arrays[f"has_{name}"] = modality.present.astype(np.float32)[:, None]
    return arrays


def _description(estimator, model, format) -> dict:
    fitted = estimator._fitted_network
    inputs = [
        {"name": x.name, "dtype": x.dtype, "shape": [None, *x.shape[1:]]} for x in model.inputs
    ]
    outputs = [
        {"name": name, "task": task, "kind": kind.kind} | _plain(kind.describe_outputs())
        for name, task, kind in zip(
            model.output_names, fitted.tasks.names, fitted.tasks.kinds, strict=True
        )
    ]
    return {
        "format": format,
        "inputs": inputs,
        "outputs": outputs,
        "preprocessing": {
            name: {key: _plain(value) for key, value in part.preprocessing().items()}
            for name, part in fitted.reader.parts.items()
        },
    }


def _plain(value):
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return describe(value)
