"""The vectors before the heads, and before the fusion."""

import numpy as np


def vectors_of(fitted, table, feature_cache=None, column=None) -> np.ndarray:
    """Return the vector of every row that the heads read, or that of one column.

    Parameters
    ----------
    fitted : FittedNetwork
        The network.
    table : Table
        The rows.
    feature_cache : object, optional
        Where features of frozen backbones are looked up.
    column : str, optional
        An image or text column, or "table" for all numbers and categories.

    Returns
    -------
    ndarray of float32, shape (n_rows, d)
        Zeros in place of the vector of a missing column; with `column` NaN.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    outputs = fitted.compute("vectors", table, feature_cache)
    branches, beyond = _split(fitted, outputs)
    if column is None:
        return np.concatenate(beyond or branches, axis=1)
    source = _source(fitted, column)
    mine = _of_branch(fitted, source.branch)
    found = np.concatenate([branches[place] for place in mine], axis=1)
    found[~table.modalities[source.branch].present] = np.nan
    return found


def vector_names(fitted, column=None) -> np.ndarray:
    """Return the names of the columns of `vectors_of`."""
    network = fitted.network
    widths = [branch.model.output_shape[-1] for branch in network.branches]
    if column is not None:
        source = _source(fitted, column)
        places = [(source.name, sum(widths[p] for p in _of_branch(fitted, source.branch)))]
    elif network.has_straight_heads:
        names = {s.branch: s.name for s in fitted.reader.layout.sources}
        places = {}
        for branch, width in zip(network.branches, widths, strict=True):
            name = names[branch.modality]
            places[name] = places.get(name, 0) + width
        places = list(places.items())
    else:
        places = [("vector", sum(z.shape[-1] for z, _ in network.head_inputs))]
    return np.array([f"{name}_{i}" for name, width in places for i in range(width)], dtype=object)


def _split(fitted, outputs) -> tuple[list, list]:
    n_branches = len(fitted.network.branches)
    return outputs[:n_branches], outputs[n_branches:]


def _of_branch(fitted, name) -> list[int]:
    """Return the places of a branch among those of the network: one, or one per task."""
    return [i for i, b in enumerate(fitted.network.branches) if b.modality == name]


def _source(fitted, column):
    sources = fitted.reader.layout.sources
    found = [s for s in sources if column in s.names]
    if not found:
        raise ValueError(
            f"column must be None or one of {[s.name for s in sources]}, which have a branch of "
            f"the network; got {column!r}."
        )
    return found[0]
