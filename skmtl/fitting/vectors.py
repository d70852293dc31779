"""The vectors that a network computes: before the heads, and at the end of each branch."""

import numpy as np


def vectors_of(fitted, table, feature_cache=None, column=None) -> np.ndarray:
    """Return for every row the vector that the heads read, or that of one column.

    Parameters
    ----------
    fitted : FittedNetwork
        The network.
    table : Table
        The rows.
    feature_cache : object, optional
        Where features of frozen backbones are looked up.
    column : str, optional
        An image or text column, or "table" for all numbers and categories; by default what the
        heads read.

    Returns
    -------
    ndarray of float32, shape (n_rows, d)
        A missing column has zeros; with `column`, NaN.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    outputs = fitted.compute("vectors", table, feature_cache)
    n_branches = len(fitted.network.branches)
    if column is None:  # what the heads read comes after the branches, unless it is the branches
        return np.concatenate(outputs[n_branches:] or outputs, axis=1)
    sources = _sources(fitted, column)
    found = np.concatenate([outputs[i] for i in _places(fitted, sources)], axis=1)
    present = [table.modalities[source.branch].present for source in sources]
    found[~np.logical_or.reduce(present)] = np.nan
    return found


def vector_names(fitted, column=None) -> np.ndarray:
    """Return the names of the columns of `vectors_of`."""
    network = fitted.network
    if column is None and not network.has_straight_heads:
        widths = {"vector": sum(z.shape[-1] for z, _ in network.head_inputs)}
    else:
        known = [s.name for s in fitted.reader.layout.sources] if column is None else [column]
        widths = {}
        for name in dict.fromkeys(known):
            sources = _sources(fitted, name)
            widths[sources[0].name] = sum(
                network.branches[i].model.output_shape[-1] for i in _places(fitted, sources)
            )
    return np.array([f"{name}_{i}" for name, n in widths.items() for i in range(n)], dtype=object)


def _places(fitted, sources) -> list[int]:
    """Return the positions of the branches that read some columns, one per task or one for all."""
    names = {source.branch for source in sources}
    return [i for i, b in enumerate(fitted.network.branches) if b.modality in names]


def _sources(fitted, column) -> list:
    """Return the sources of a column: several if tasks see different parts of the table."""
    sources = fitted.reader.layout.sources
    found = [s for s in sources if column in s.names]
    if not found:
        raise ValueError(
            f"column must be None or one of {list(dict.fromkeys(s.name for s in sources))}, which "
            f"have a branch of the network; got {column!r}."
        )
    return found
