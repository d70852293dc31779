"""Lists of words as parameters: user_words and stop_words, in memory or in a file."""

import os
import re
from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path

from skmtl._runtime.checks import refuse_iterator
from skmtl.exceptions import describe

# jieba's format of a line; a word may have blanks in it, as in jieba's example "Edu Trust认证 2000"
_LINE = re.compile(r"(.+?)(?:\s+([0-9]+))?(?:\s+([a-z]+))?")


def parse_user_words(user_words) -> tuple[tuple[str, int | None], ...]:
    """Return pairs of word and frequency; None asks for the frequency that keeps it whole.

    Parameters
    ----------
    user_words : None, mapping of str to (int or None), iterable of str, or path
        Lines, or a file of them, in the format of jieba's user dictionaries:
        ``word [frequency] [tag]``.

    Raises
    ------
    TypeError, ValueError
        If an entry is malformed; the text names it.
    """
    if isinstance(user_words, Mapping):
        return tuple(_check_pair(word, count) for word, count in user_words.items())
    pairs = []
    for line in _read_lines("user_words", user_words, "a mapping of words to frequencies, "):
        match = _LINE.fullmatch(line.strip())
        if match is not None:  # an empty line
            word, count, _ = match.groups()
            pairs.append((word, None if count is None else int(count)))
    return tuple(pairs)


def parse_stop_words(stop_words) -> tuple[str, ...]:
    """Return the words of a collection or of a file, without the ends of their lines.

    A word of line ends alone stays, as a token that may be dropped.
    """
    if isinstance(stop_words, Mapping):
        raise TypeError(f"stop_words must not be a mapping; got {describe(stop_words)}.")
    lines = _read_lines("stop_words", stop_words, "")
    words = [line.rstrip("\r\n") or line for line in lines]
    return tuple(sorted(set(filter(None, words))))


def decode_lines(content: bytes, name: str) -> list[str]:
    """Return the lines of a file; its contents are in no error, since a model may name any file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{name}, line {number}: must be UTF-8.") from None
    return text.removesuffix("\n").split("\n")


def _read_lines(parameter, value, also) -> list[str]:
    """Return lines in memory or of a file, without a byte order mark."""
    if value is None:
        return []
    if isinstance(value, str | os.PathLike):
        path = Path(value)
        if not path.is_file():
            raise ValueError(
                f"{parameter} must be None, {also}a collection of str or the path of a file; there "
                f"is no file {str(value)!r}. A single word is written as a list of one."
            )
        return [line for line in decode_lines(path.read_bytes(), parameter) if line.strip()]
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise TypeError(
            f"{parameter} must be None, {also}a collection of str or the path of a file; got "
            f"{describe(value)}."
        )
    refuse_iterator(parameter, value)
    lines = list(value)
    for number, line in enumerate(lines, 1):
        if not isinstance(line, str):
            raise TypeError(f"{parameter} line {number} must be a str; got {describe(line)}.")
    return [line.lstrip("\ufeff") for line in lines]


def _check_pair(word, count) -> tuple[str, int | None]:
    if not isinstance(word, str):
        raise TypeError(f"user_words must map str; got {describe(word)}.")
    if not word or word != word.strip():
        raise ValueError(f"user_words must map words without blanks around them; got {word!r}.")
    if count is None:
        return word, None
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise TypeError(f"user_words[{word!r}] must be an int or None; got {count!r}.")
    if count < 0:
        raise ValueError(f"user_words[{word!r}] must be >= 0; got {count!r}.")
    return word, int(count)
