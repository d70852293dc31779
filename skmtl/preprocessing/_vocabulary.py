"""From lists of tokens to a vocabulary, and to a padded array of its ids."""

from collections import Counter
from itertools import chain, repeat

import numpy as np

PAD_ID = 0
UNKNOWN_ID = 1
N_RESERVED = 2


def learn_vocabulary(documents: list[list[str]], max_tokens, min_documents: int) -> dict[str, int]:
    """Return ids from 2 on, by count (the most frequent first), then by token.

    `max_tokens` bounds all ids, the two reserved ones included; None is no bound.
    """
    counts = Counter(chain.from_iterable(documents))
    if min_documents > 1:
        frequencies = Counter(chain.from_iterable(map(set, documents)))
        counts = {token: n for token, n in counts.items() if frequencies[token] >= min_documents}
    tokens = sorted(counts, key=lambda token: (-counts[token], token))
    if max_tokens is not None:
        tokens = tokens[: max_tokens - N_RESERVED]
    return {token: number for number, token in enumerate(tokens, N_RESERVED)}


def encode(
    documents: list[list[str]], vocabulary: dict[str, int], max_len: int, padding, truncating
) -> np.ndarray:
    """Return ids of shape (n_documents, max_len), int32, padded and cut to one length."""
    if truncating == "post":
        documents = [tokens[:max_len] for tokens in documents]
    else:
        documents = [tokens[-max_len:] for tokens in documents]
    lengths = np.fromiter(map(len, documents), dtype=np.intp, count=len(documents))
    flat = np.fromiter(
        map(vocabulary.get, chain.from_iterable(documents), repeat(UNKNOWN_ID)),
        dtype=np.int32,
        count=int(lengths.sum()),
    )
    places = np.arange(max_len)
    if padding == "post":
        is_token = places < lengths[:, None]
    else:
        is_token = places >= max_len - lengths[:, None]
    ids = np.full((len(documents), max_len), PAD_ID, dtype=np.int32)
    ids[is_token] = flat
    return ids
