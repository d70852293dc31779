"""What each word of a text contributes."""

from functools import partial

import numpy as np
import pandas as pd

from skmtl.columns.text import UNKNOWN_ID
from skmtl.fitting.explanation.columns import START
from skmtl.fitting.explanation.evidence import Explained, is_additive, part_frames
from skmtl.fitting.explanation.shapley import shapley_values
from skmtl.fitting.explanation.variants import evidence_of_variants, sources_of

_NO_WORDS = {"[CLS]", "[SEP]", "[PAD]"}  # of word pieces: they stay where they are


def explain_words(fitted, table, index, *, task, label, column=None) -> pd.DataFrame:
    """Return what each word contributes to the evidence for a label.

    Where the vector of a text is the mean of word vectors and leads straight to the heads, the
    share of a word is exact. Else it is a Shapley value: words that are left out are padding.

    Parameters
    ----------
    fitted : FittedNetwork
        The network.
    table : Table
        The rows, raw.
    index : Index of length n_rows
        What the rows are called.
    task, label : str or None, object or None
        As `Explained.of` takes them.
    column : str, optional
        The only text column; by default all.

    Returns
    -------
    DataFrame
        Tidy: row, task, label, column, position, word, contribution. The contributions of a text
        add up to that of its column; what a text without words has stands at the position -1.

    Raises
    ------
    ValueError
        If there is no such text column.
    """
    explained, found = Explained.of(fitted, fitted.compute("logits", table), task, label), []
    for source in sources_of(fitted, "text", column):
        part, spec = fitted.reader.parts[source.branch], _spec(fitted, source.branch)
        words = {} if part.words is None else {number: word for word, number in part.words.items()}
        first = UNKNOWN_ID + 1 if spec.skips_unknown else 1
        share = partial(_mean_shares, first=first) if _is_mean(fitted, spec) else _shapley_shares
        modality = table.modalities[source.branch]
        for row in np.flatnonzero(modality.present):
            ids = np.asarray(modality.values[modality.positions[row]])
            places = [
                place for place in np.flatnonzero(ids) if words.get(ids[place]) not in _NO_WORDS
            ]

            def worth(texts, row=row, branch=source.branch):
                rows = np.full(len(texts), row)
                return evidence_of_variants(fitted, table, explained, branch, texts, rows)

            start, shares = share(worth, ids, places)
            parts = {
                "position": [-1, *range(len(places))],
                "word": [START, *(_shown(words, ids[place]) for place in places)],
            }
            values = np.concatenate([start[None], shares])
            found += part_frames(explained, row, index[row], source.name, parts, values)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)


_COLUMNS = ["row", "task", "label", "column", "position", "word", "contribution"]


def _spec(fitted, branch):
    return next(spec for spec in fitted.spec.branches if spec.modality == branch)


def _is_mean(fitted, spec) -> bool:
    """Return whether the evidence is linear in the mean of the word vectors."""
    network = fitted.spec
    return (
        spec.backbone == "mean_embedding"
        and spec.pooling == "mean"
        and spec.units is None
        and is_additive(fitted)
        and not network.sharing.layer_units(network.trunk_units)
    )


def _mean_shares(worth, ids, places, first):
    """Return the evidence of a text without words, and what each word adds: its part of a mean.

    Words below the id `first` do not count.
    """
    counted = [place for place in places if ids[place] >= first]
    texts = np.zeros((1 + len(counted), len(ids)), ids.dtype)
    texts[1:, 0] = ids[counted]
    values = worth(texts)
    shares = np.zeros((len(places), values.shape[1]))
    is_counted = np.isin(places, counted)
    shares[is_counted] = (values[1:] - values[0]) / max(1, len(counted))
    return values[0], shares


def _shapley_shares(worth, ids, places):
    """Return the evidence of a text without words, and the Shapley values of its words."""
    if not places:
        value = worth(ids[None])[0]
        return value, np.zeros((0, len(value)))

    def value(coalitions):
        texts = np.tile(ids, (len(coalitions), 1))
        texts[:, places] = np.where(coalitions, ids[places], 0)
        return worth(texts)

    return shapley_values(value, len(places))


def _shown(words, number) -> str:
    """Return a word as it is shown: the number of a token whose word is not known."""
    if number == UNKNOWN_ID and words:
        return "(unknown)"
    return words.get(number, str(number))
