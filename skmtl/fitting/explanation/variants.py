"""The evidence of rows whose text or image is changed."""

import numpy as np

from skmtl.backbones.feature_cache import MemoryFeatureCache
from skmtl.columns.layout import Source
from skmtl.data import Modality, Table
from skmtl.fitting.explanation.evidence import is_additive


def sources_of(fitted, kind, column=None) -> list[Source]:
    """Return the columns of a kind, or the one of a given name.

    Raises
    ------
    ValueError
        If there is none.
    """
    sources = [s for s in fitted.reader.layout.sources if s.kind == kind]
    found = [s for s in sources if column is None or column in s.names]
    if not found:
        raise ValueError(
            f"by needs {kind} columns, and column must be None or one of them; X has "
            f"{[s.name for s in sources]}, got column={column!r}."
        )
    return found


def evidence_of_variants(fitted, table, explained, branch, values, rows) -> np.ndarray:
    """Return the evidence ``(n_variants, n_tasks)`` of rows with other cells in one column.

    Parameters
    ----------
    fitted : FittedNetwork
        The network.
    table : Table
        The rows.
    explained : Explained
        Tasks and labels.
    branch : str
        Which branch reads the column.
    values : ndarray of shape (n_variants, ...)
        Raw input of the column: token ids, or pixels.
    rows : ndarray of int, shape (n_variants,)
        Which row each of them replaces the cell of.
    """
    alone = is_additive(fitted)
    modalities = {}
    for name, modality in table.modalities.items():
        if name == branch:
            modalities[name] = Modality.of_rows(values)
        elif alone:  # nothing else is needed
            modalities[name] = Modality(modality.values[:0], np.full(len(rows), -1, np.int32))
        else:
            modalities[name] = modality.take(rows)
    # changed cells are not seen again: they must not push others out of a user's cache
    outputs = fitted.compute("logits", Table(len(rows), modalities), MemoryFeatureCache())
    return explained.pick(outputs, rows, branch if alone else None)
