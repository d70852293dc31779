"""Whether the parts of a fitted network in a file belong together."""

import numpy as np

from skmtl.columns._matrix import MatrixEncoder
from skmtl.columns.image import ImageColumn
from skmtl.columns.reader import table_kinds
from skmtl.columns.table import TablePart
from skmtl.columns.text import TextColumn
from skmtl.exceptions import ModelFileError, shortened
from skmtl.preprocessing._resize import as_size


def check_columns(estimator, reader):
    """Refuse names and a number of columns that are not those of the network.

    Parameters
    ----------
    estimator : MultiTaskClassifier
        With what it has learned beside its network.
    reader : TableReader
        Of the network.

    Raises
    ------
    ModelFileError
        If they disagree.
    """
    columns = reader.layout.columns
    n_columns = len(columns)
    encoders = [e for part in reader.parts.values() for e in getattr(part, "encoders_", ())]
    if [encoder.name for encoder in encoders] == ["x"] and isinstance(encoders[0], MatrixEncoder):
        n_columns = len(encoders[0].center)  # X was an array of very many numbers
    agree = {"numbers of columns": (estimator.n_features_in_, n_columns)}
    if hasattr(estimator, "feature_names_in_"):
        names = estimator.feature_names_in_.tolist()
        agree["names of columns"] = (sorted(names, key=repr), sorted(columns, key=repr))
    _compare(agree)


def check_agreement(reader, tasks, spec, calibration):
    """Refuse parts of a fitted network that do not belong together.

    Raises
    ------
    ModelFileError
        If the columns, the tasks and the architecture disagree.
    """
    for name, kind in zip(tasks.names, tasks.kinds, strict=False):
        trouble = kind.trouble()
        if trouble:
            raise ModelFileError(f"its task {shortened(name)} has {trouble}")
    for name, one in calibration.items():
        trouble = one.trouble() if name in tasks.names else "no task"
        if trouble:
            raise ModelFileError(f"its calibration of {shortened(name)} has {trouble}")
    branches = {branch.modality: branch for branch in spec.branches}
    agree = {
        "branches": ([source.branch for source in reader.layout.sources], [*reader.parts]),
        "names of branches": ([*branches], [*reader.parts]),
        "visible columns": (set().union(*spec.visible) - set(branches), set()),
        "heads": (tasks.heads, spec.heads),
        "numbers of tasks": (len(tasks.names), len(tasks.kinds)),
        "numbers of tasks and of visible columns": (len(spec.visible), len(spec.heads)),
    }
    if tasks.one_dimensional:
        agree["numbers of tasks of a 1-D y"] = (len(tasks.names), 1)
    _compare(agree)
    for source in reader.layout.sources:
        _check_part(source, reader, branches[source.branch])


def _check_part(source, reader, branch):
    """Refuse what was learned of a column where its branch reads something else."""
    part = reader.parts[source.branch]
    shape = (part.n_features,) if isinstance(part, TablePart) else part.shape_
    dtype = "float32" if isinstance(part, TablePart) else np.dtype(part.dtype_).name
    agree = {
        "kinds": ([source.kind, part.kind], [branch.kind] * 2),
        "shapes": (shape, branch.input_shape),
        "dtypes": (dtype, branch.input_dtype),
    }
    if isinstance(part, TablePart):
        for encoder in part.encoders_:
            _check_encoder(encoder)
        names = [encoder.name for encoder in part.encoders_]
        agree["columns"] = (names, list(table_kinds(source, reader.layout)))
    else:
        agree["names"] = (part.name, source.name)
    if isinstance(part, ImageColumn):
        size, n_channels = as_size(part.size, "size"), {"rgb": 3, "grey": 1}.get(part.mode)
        agree["sizes of images"] = (size or shape[:2], shape[:2])
        agree["channels of images"] = (n_channels or shape[2], shape[2])
    if isinstance(part, TextColumn):
        agree["vocabulary sizes"] = (part.n_tokens_, branch.vocabulary_size)
        if part.n_ids_ is not None:
            n_least = part.n_tokens_ if part.sequencer_ is None else 1
            agree["ids of its backbone"] = (max(part.n_ids_, n_least), part.n_ids_)
        if part.sequencer_ is not None:
            sequencer = part.sequencer_
            agree["numbers of tokens"] = (getattr(sequencer, "n_tokens_", None), part.n_tokens_)
            agree["lengths of texts"] = ((getattr(sequencer, "max_len_", None),), shape)
    _compare(agree)


def _check_encoder(encoder):
    """Refuse arrays of a number or category column that do not fit each other."""
    arrays = {name: value for name, value in vars(encoder).items() if isinstance(value, np.ndarray)}
    edges = arrays.pop("edges", None)
    is_vector = [array.ndim == 1 and array.dtype.kind in "bf" for array in arrays.values()]
    if (
        not all(is_vector)
        or len({len(array) for array in arrays.values()}) > 1
        or any(len(array) == 0 for array in arrays.values())
        or (edges is not None and (edges.ndim != 1 or edges.dtype.kind != "f" or not len(edges)))
    ):
        raise ModelFileError(f"what it learned of the column {shortened(encoder.name)} disagrees")


def _compare(agree):
    for what, (one, other) in agree.items():
        if one != other:
            raise ModelFileError(f"its {what} disagree: {shortened(one)} and {shortened(other)}")
