"""What each column contributes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from skmtl.columns.reader import MATRIX
from skmtl.data import Modality, Table
from skmtl.fitting.explanation.evidence import Explained, is_additive
from skmtl.fitting.explanation.shapley import shapley_values

START = "(start)"
_MOST_ENTRIES = 2**23  # of the features of one call


def explain_columns(fitted, table, index, *, task, label) -> pd.DataFrame:
    """Return what each column contributes to the evidence for a label.

    Parameters
    ----------
    fitted : FittedNetwork
        The network.
    table : Table
        The rows, with features in place of the raw input of frozen backbones, in memory.
    index : Index of length n_rows
        What the rows are called.
    task, label : str or None, object or None
        As `Explained.of` takes them.

    Returns
    -------
    DataFrame
        Tidy: row, task, label, column, contribution.
    """
    outputs = fitted.logits(_with_empty_row(table))
    empty = [z[-1:] for z in outputs]
    outputs = [z[:-1] for z in outputs]
    explained = Explained.of(fitted, outputs, task, label)
    if is_additive(fitted):
        start, shares = _of_branches(fitted, table, explained, outputs, empty)
    else:
        players = _columns(fitted, [source.branch for source in fitted.reader.layout.sources])
        start, found = _play(fitted, table, players, explained.pick, explained.pick(outputs))
        shares = dict(zip([name for name, *_ in players], found, strict=True))
    shares = {START: start + explained.start} | shares
    named, n_columns = explained.names(slice(None)), len(shares)
    # one frame at the end: a frame for each task takes as long as half a prediction
    return pd.DataFrame(
        {
            "row": np.tile(np.repeat(np.asarray(index), n_columns), len(named)),
            "task": np.repeat([name for name, _ in named], len(index) * n_columns),
            "label": np.repeat(np.concatenate([labels for _, labels in named]), n_columns),
            "column": np.tile(np.array([*shares], dtype=object), len(index) * len(named)),
            "contribution": np.stack([*shares.values()], axis=-1).transpose(1, 0, 2).ravel(),
        }
    )


def _of_branches(fitted, table, explained, outputs, empty):
    """Return start and contributions by column, where logits are a sum over the branches.

    `empty` are the outputs of a row that lacks all columns.
    """
    start, shares = np.zeros((explained.n_rows, len(explained.positions))), {}
    empty = [np.repeat(z, explained.n_rows, axis=0) for z in empty]
    for source in fitted.reader.layout.sources:
        there = table.modalities[source.branch].present[:, None]
        pick = partial(explained.pick, branch=source.branch)
        if source.kind == "table":
            players = _columns(fitted, [source.branch])
            alone = _only(table, source.branch)
            rest, found = _play(fitted, alone, players, pick, pick(outputs))
            shares |= {name: x * there for (name, *_), x in zip(players, found, strict=True)}
        else:
            rest = pick(empty)
            shares[source.name] = pick(outputs) - rest
        start += rest * there
    return start, shares


def _with_empty_row(table) -> Table:
    """Return a table with one more row, which lacks all columns."""
    modalities = {
        name: Modality(m.values, np.append(m.positions, np.int32(-1)))
        for name, m in table.modalities.items()
    }
    return Table(table.n_samples + 1, modalities)


def _only(table, branch) -> Table:
    """Return a table without what other branches read."""
    modalities = {
        name: m if name == branch else Modality(m.values[:0], np.full_like(m.positions, -1))
        for name, m in table.modalities.items()
    }
    return replace(table, modalities=modalities)


def _columns(fitted, branches) -> list[tuple]:
    """Return the columns of some branches: name, branch, and of a table its features."""
    players = []
    for source in fitted.reader.layout.sources:
        if source.branch not in branches:
            continue
        if source.kind != "table":
            players.append((source.name, source.branch, None, None))
            continue
        part = fitted.reader.parts[source.branch]
        for name, *rest in part.left_out():
            players.append(("numbers" if name == MATRIX else name, source.branch, *rest))
    return players


def _play(fitted, table, players, value, everybody):
    """Return Shapley values of columns ``(n_columns, n_rows, n_tasks)``, and the start."""
    n_rows = table.n_samples
    entries = max(1, sum(m.values[:1].size * n_rows for m in table.modalities.values()))
    n_at_once = max(1, _MOST_ENTRIES // entries)

    def worth(coalitions):
        found = []
        for first in range(0, len(coalitions), n_at_once):
            kept = coalitions[first : first + n_at_once]
            outputs = fitted.logits(_without(table, players, kept))
            values = value(outputs)
            found.append(values.reshape(len(kept), n_rows, values.shape[-1]))
        return np.concatenate(found)

    return shapley_values(worth, len(players), everybody=everybody)


def _without(table, players, coalitions) -> Table:
    """Return the rows of a table once for each coalition, without the columns that are left out."""
    n = len(coalitions)
    modalities = {}
    for name, modality in table.modalities.items():
        mine = [(i, *rest) for i, (_, branch, *rest) in enumerate(players) if branch == name]
        values, positions = modality.values, np.tile(modality.positions, (n, 1))
        if mine and mine[0][1] is None:  # an image or a text: it is missing
            positions[~coalitions[:, mine[0][0]]] = -1
        elif mine:  # numbers and categories: their cells are missing
            values = np.tile(np.asarray(values), (n, 1, 1))
            for player, features, missing in mine:
                values[~coalitions[:, player], :, features] = missing
            values = values.reshape(-1, values.shape[-1])
            offsets = np.arange(n)[:, None] * len(modality.values)
            positions = np.where(positions < 0, -1, positions + offsets)
        modalities[name] = Modality(values, positions.ravel().astype(np.int32))
    return Table(n * table.n_samples, modalities)
