"""jieba's tables: frequencies of words, and a hidden Markov model of characters."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from skmtl._runtime.jieba_private import DICTIONARY_SHA256, read_dictionary, read_model
from skmtl.preprocessing._word_lists import decode_lines


class WordTable(NamedTuple):
    """Word frequencies of one dictionary; a prefix that is no word has frequency 0."""

    frequencies: dict[str, int]
    total: int
    digest: str


class HmmTable(NamedTuple):
    """Log probabilities of the states B, M, E, S (begin, middle, end, single)."""

    start: dict[str, float]
    transition: dict[str, dict[str, float]]
    emission: dict[str, dict[str, float]]


def dictionary_key(dictionary) -> tuple | None:
    """Return what identifies the dictionary file now: None for jieba's own."""
    if dictionary is None:
        return None
    path = Path(dictionary).resolve()
    if not path.is_file():
        raise ValueError(f"dictionary must be the path of a file; {str(dictionary)!r} is none.")
    status = path.stat()
    return str(path), status.st_mtime_ns, status.st_size


@lru_cache(maxsize=2)
def load_words(key: tuple | None) -> WordTable:
    """Read a dictionary, given by `dictionary_key`: lines ``word frequency [tag]``."""
    if key is None:
        data, digest, name = read_dictionary(), DICTIONARY_SHA256, "jieba's dictionary"
    else:
        data = Path(key[0]).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        name = f"dictionary {key[0]!r}"
    frequencies, total = _parse_words(data, name)
    return WordTable(frequencies, total, digest)


@lru_cache(maxsize=1)
def load_hmm() -> HmmTable:
    """Read jieba's hidden Markov model of characters that form no known word."""
    # Each file is one dict literal, which differs from JSON by its quotes only: no code is run.
    texts = [data.decode() for data in read_model()]
    return HmmTable(*(json.loads(text[text.index("{") :].replace("'", '"')) for text in texts))


def _parse_words(data: bytes, name: str) -> tuple[dict[str, int], int]:
    frequencies: dict[str, int] = {}
    total = 0
    for number, line in enumerate(decode_lines(data, name), 1):
        word, _, rest = line.strip().partition(" ")
        count = rest.partition(" ")[0]
        if not (word and count.isascii() and count.isdecimal()):
            raise ValueError(
                f"{name}, line {number}: must be 'word frequency [tag]' with an integer "
                "frequency >= 0."
            )
        frequencies[word] = int(count)
        total += int(count)
    if total == 0:
        raise ValueError(f"{name} must have a word with a frequency >= 1; it has none.")
    for word in list(frequencies):
        for stop in range(1, len(word)):
            frequencies.setdefault(word[:stop], 0)
    return frequencies, total
