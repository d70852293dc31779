"""Tokens to numbers: the vocabulary, and rows of ids of one length.

Documents pass through as an iterable, so that the tokens of one are gone before the next is cut.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count, islice, repeat
from typing import NamedTuple

import numpy as np

PAD_ID = 0
UNKNOWN_ID = 1
N_RESERVED = 2
LENGTHS = (16, 32, 64, 128, 256)


class Ragged(NamedTuple):
    """Numbers of the tokens of documents: all in a row, and how many each document has."""

    flat: np.ndarray
    lengths: np.ndarray


def number_tokens(documents: Iterable[list[str]]) -> tuple[list[str], Ragged]:
    """Return the different tokens, and the documents as positions in them."""
    numbers = defaultdict(count().__next__)
    ragged = _number(documents, lambda tokens: map(numbers.__getitem__, tokens))
    return list(numbers), ragged


def look_up_tokens(documents: Iterable[list[str]], vocabulary: dict[str, int]) -> Ragged:
    """Return the ids of the tokens of documents."""
    return _number(documents, lambda tokens: map(vocabulary.get, tokens, repeat(UNKNOWN_ID)))


def rank_tokens(
    tokens: list[str], documents: Ragged, max_tokens: int | None, min_documents: int
) -> tuple[dict[str, int], Ragged]:
    """Return the vocabulary and the documents in its ids.

    Parameters
    ----------
    tokens : list of str
        The different tokens.
    documents : Ragged
        Documents as positions in `tokens`.
    max_tokens : int or None
        Bounds all ids, the two reserved ones included.
    min_documents : int
        Number of documents that a token of the vocabulary is in at least.
    """
    counts = np.bincount(documents.flat, minlength=len(tokens))
    # Python sorts strings by code point; NumPy's strings would lose trailing null characters.
    order = np.array(sorted(range(len(tokens)), key=tokens.__getitem__), dtype=np.intp)
    if min_documents > 1:
        order = order[_document_frequencies(documents, len(tokens))[order] >= min_documents]
    order = order[np.argsort(-counts[order], kind="stable")]
    if max_tokens is not None:
        order = order[: max_tokens - N_RESERVED]
    ids = np.full(len(tokens), UNKNOWN_ID, dtype=np.int32)
    ids[order] = np.arange(N_RESERVED, N_RESERVED + len(order), dtype=np.int32)
    vocabulary = {tokens[i]: number for number, i in enumerate(order.tolist(), N_RESERVED)}
    return vocabulary, documents._replace(flat=ids[documents.flat])


def documents_of(tokens: list[str], documents: Ragged) -> Iterator[list[str]]:
    """Return documents as lists of tokens, what `number_tokens` numbered."""
    numbers = iter(documents.flat.tolist())
    return ([tokens[i] for i in islice(numbers, n)] for n in documents.lengths.tolist())


def share_unknown(documents: Ragged) -> float:
    """Return the share of the tokens of documents that are not in the vocabulary."""
    return float(np.mean(documents.flat == UNKNOWN_ID)) if len(documents.flat) else 0.0


def length_of(lengths: np.ndarray) -> int:
    """Return the smallest of `LENGTHS` that holds 99 of 100 documents whole, else the last.

    Empty ones, such as missing cells, do not count.
    """
    lengths = lengths[lengths > 0]
    longest = np.quantile(lengths, 0.99, method="inverted_cdf") if len(lengths) else 0
    return next((length for length in LENGTHS if longest <= length), LENGTHS[-1])


def pad(documents: Ragged, max_len: int, padding: str, truncating: str) -> np.ndarray:
    """Return an array of shape (n_documents, max_len), int32."""
    flat, lengths = documents
    kept = np.minimum(lengths, max_len)
    if (lengths > max_len).any():
        first = np.zeros_like(lengths) if truncating == "post" else lengths - kept
        starts = np.cumsum(lengths) - lengths
        place = np.arange(len(flat)) - np.repeat(starts + first, lengths)
        flat = flat[(place >= 0) & (place < np.repeat(kept, lengths))]
    columns = np.arange(max_len)
    padded = (max_len - kept)[:, None]
    is_token = columns < kept[:, None] if padding == "post" else columns >= padded
    ids = np.full((len(lengths), max_len), PAD_ID, dtype=np.int32)
    ids[is_token] = flat
    return ids


def _number(documents: Iterable[list[str]], numbers_of) -> Ragged:
    flat: list[int] = []
    lengths: list[int] = []
    for tokens in documents:
        lengths.append(len(tokens))
        flat += numbers_of(tokens)
    return Ragged(np.array(flat, dtype=np.int32), np.array(lengths, dtype=np.intp))


def _document_frequencies(documents: Ragged, n_tokens: int) -> np.ndarray:
    """Return in how many documents each token is."""
    rows = np.repeat(np.arange(len(documents.lengths)), documents.lengths)
    pairs = np.unique(rows * n_tokens + documents.flat)
    return np.bincount(pairs % max(n_tokens, 1), minlength=n_tokens)
