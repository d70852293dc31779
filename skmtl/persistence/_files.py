"""`save` and `load`."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from skmtl._runtime.storage import read_values, write_values
from skmtl._runtime.types import PathLike
from skmtl.exceptions import ModelFileError, describe, shortened
from skmtl.persistence._classes import class_name
from skmtl.persistence._estimators import read_object, write_object

FORMAT = 1
_PACKAGES = ("skmtl", "keras", "keras-hub", "tensorflow", "scikit-learn", "numpy", "jieba")
_MAX_REASON = 800  # characters
_MANIFEST_KEYS = ("format", "made_with", "estimator")


def save(estimator: Any, path: PathLike) -> None:
    """Write an estimator to one file.

    The file is a zip of JSON and arrays: parameters, classes, vocabularies, the architecture and
    the weights. There is no pickle in it, and nothing of it is executed by `load`. It takes the
    place of `path` when it is complete, so a kill leaves the old file or the new one.

    Left out: optimizer slots, as from a pickle (`partial_fit` starts with new ones), and the
    parameters that name places of this machine (``checkpoint_path``, ``feature_cache``, a
    Pipeline's ``memory``).

    Parameters
    ----------
    estimator : MultiTaskClassifier, Pipeline, ColumnTransformer or a transformer
        Fitted or not. Transformers, also as steps, are those of skmtl and common ones of
        scikit-learn, which the page on reliability lists, "passthrough" and "drop". What those of
        scikit-learn learned is loaded by the same minor version of it.
    path : str or path
        Where to; a file that is there is replaced.

    Raises
    ------
    TypeError
        If the estimator, or something within it, is of no class that a file may hold: callbacks,
        functions, Keras layers of your own that are not registered, `Lambda` layers, strategies of
        your own. The text names it.

    See Also
    --------
    load : Reads the file.

    Examples
    --------
    >>> import tempfile, skmtl
    >>> from skmtl.preprocessing import JiebaSequencer
    >>> path = tempfile.mkdtemp() + "/words.skmtl"
    >>> skmtl.save(JiebaSequencer(max_len=3).fit(["我爱北京"]), path)
    >>> skmtl.load(path).transform(["北京"])
    array([[2, 0, 0]], dtype=int32)
    """
    if class_name(estimator) is None:
        raise TypeError(f"estimator is {describe(estimator)}, which cannot be saved.")
    values = {"format": FORMAT, "made_with": _versions(), "estimator": estimator}
    write_values(path, values, type(estimator).__name__, write_object)


def load(path: PathLike, *, allow_paths: bool = False, max_bytes: int = 2**34) -> Any:
    """Read an estimator that `save` wrote.

    Safe for files from strangers: only classes of a closed list are made, only checked plain values
    are given to them, Keras' safe mode is on, nothing outside the file is read or fetched, now or
    when the model predicts, and memory is bounded by the length of the file. What a stranger's
    model predicts is not checked.

    Parameters
    ----------
    path : str or path
        The file.
    allow_paths : bool, default=False
        Whether parameters may name a file, a folder or a download, such as
        ``JiebaSequencer(dictionary="words.txt")``: `predict` or `fit` would read it on this
        machine. Allow it for files that you trust.
    max_bytes : int, default=16 GiB
        Largest size of the file's content.

    Returns
    -------
    estimator
        As it was saved: `predict_proba` gives the same bits on the same machine and versions.

    Raises
    ------
    ModelFileError
        A `ValueError`: the file is damaged, no model, of a newer format, malicious, names a place
        to read from or a layer that is not registered here, or needs a package that is not
        installed or another version of scikit-learn. The text says which.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile, skmtl
    >>> path = tempfile.mkdtemp() + "/plan.skmtl"
    >>> skmtl.MultiTaskClassifier(epochs=3).save(path)
    >>> skmtl.load(path)
    MultiTaskClassifier(epochs=3)
    """
    try:
        values = read_values(
            path, read_object, _check_manifest, max_bytes=max_bytes, allow_paths=allow_paths
        )
        if class_name(values["estimator"]) is None:
            raise ModelFileError("it holds no estimator")
    except ModelFileError as error:
        reason = str(error)  # whatever it quotes, from a file that may hold any text
        if len(reason) > _MAX_REASON:
            reason = reason[:_MAX_REASON] + "…"
        raise ModelFileError(f"{os.fspath(path)!r} cannot be loaded: {reason}.") from error
    return values["estimator"]


def _check_manifest(manifest):
    if set(manifest) != set(_MANIFEST_KEYS):
        raise ModelFileError(f"the manifest is malformed: its keys are not {_MANIFEST_KEYS}")
    number, made_with = manifest["format"], manifest["made_with"]
    versions = made_with.get("of") if type(made_with) is dict else None
    if type(number) is not int or number < 1 or type(versions) is not dict:
        raise ModelFileError(f"the manifest is malformed: it has the format {shortened(number)}")
    if number > FORMAT:
        writer = shortened(versions.get("skmtl"))
        raise ModelFileError(
            f"it is of format {number}, written by skmtl {writer}; skmtl {_version('skmtl')} reads "
            f"formats up to {FORMAT}: install a newer skmtl"
        )


def _versions() -> dict:
    return {name: _version(name) for name in _PACKAGES} | {"python": platform.python_version()}


def _version(package) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
