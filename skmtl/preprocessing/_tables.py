"""jieba's data files as plain tables, read without importing jieba.

Importing jieba adds a handler to a logger, makes a global tokenizer and, with some versions of
setuptools, warns; its cache file in the temporary directory is trusted unchecked. The two data
files need none of that.
"""

import hashlib
import json
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

# jieba 0.42.1. Another package under the same name (jieba-py) carries other tables.
DICTIONARY_SHA256 = "7197c3211ddd98962b036cdf40324d1ea2bfaa12bd028e68faa70111a88e12a8"
HMM_SHA256 = "9404a341870348774b0f2d3b1c5262a228829c4e78a1eebefc37f060dc039c3f"


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
    if not isinstance(dictionary, str | os.PathLike):
        raise TypeError(
            "dictionary must be None or the path of a file in jieba's format; "
            f"got {type(dictionary).__name__}: {dictionary!r}."
        )
    path = Path(dictionary).resolve()
    if not path.is_file():
        raise ValueError(f"dictionary must be the path of a file; {str(dictionary)!r} is none.")
    status = path.stat()
    return str(path), status.st_mtime_ns, status.st_size


@lru_cache(maxsize=2)
def load_words(key: tuple | None) -> WordTable:
    """Read a dictionary, given by `dictionary_key`: lines ``word frequency [tag]``."""
    if key is None:
        data = _read_jieba("dict.txt")
        digest = _checked_digest(data, DICTIONARY_SHA256)
        name = "jieba's dictionary"
    else:
        data = Path(key[0]).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        name = f"dictionary {key[0]!r}"
    frequencies, total = _parse_words(data, name)
    return WordTable(frequencies, total, digest)


@lru_cache(maxsize=1)
def load_hmm() -> HmmTable:
    """Read jieba's hidden Markov model of characters that form no known word."""
    files = [_read_jieba("finalseg", f"prob_{part}.py") for part in ("start", "trans", "emit")]
    _checked_digest(b"".join(files), HMM_SHA256)
    # Each file is one dict literal, which differs from JSON by its quotes only: no code is run.
    texts = [data.decode() for data in files]
    return HmmTable(*(json.loads(text[text.index("{") :].replace("'", '"')) for text in texts))


def _parse_words(data: bytes, name: str) -> tuple[dict[str, int], int]:
    frequencies: dict[str, int] = {}
    total = 0
    for number, line in enumerate(_decoded_lines(data, name), 1):
        word, _, rest = line.strip().partition(" ")
        count = rest.partition(" ")[0]
        if not (word and count.isascii() and count.isdecimal()):
            raise ValueError(
                f"{name}, line {number}: must be 'word frequency [tag]' with an integer "
                f"frequency >= 0; got {line!r}."
            )
        frequencies[word] = int(count)
        total += int(count)
    if total == 0:
        raise ValueError(f"{name} must have a word with a frequency >= 1; it has none.")
    for word in list(frequencies):
        for stop in range(1, len(word)):
            frequencies.setdefault(word[:stop], 0)
    return frequencies, total


def _decoded_lines(data: bytes, name: str) -> list[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        line = data.split(b"\n")[number - 1]
        raise ValueError(f"{name}, line {number}: must be UTF-8; got {line!r}.") from error
    return text.removesuffix("\n").split("\n")


def _read_jieba(*parts: str) -> bytes:
    spec = find_spec("jieba")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("The package jieba is missing: pip install jieba==0.42.1")
    return Path(spec.submodule_search_locations[0], *parts).read_bytes()


def _checked_digest(data: bytes, expected: str) -> str:
    digest = hashlib.sha256(data).hexdigest()
    if digest != expected:
        raise ImportError(
            "The installed package jieba does not carry the tables of jieba 0.42.1 (jieba-py "
            "installs under the same name): pip install --force-reinstall jieba==0.42.1"
        )
    return digest
