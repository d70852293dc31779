"""Chinese characters, and pairs of them, as tokens beside the words that they stand in."""

import re
from functools import lru_cache
from itertools import pairwise

CHINESE = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def with_characters(words: list[str], size: int) -> list[str]:
    """Return the words, each one after the characters and pairs of characters that end in it.

    What stands before a word depends on the word before it alone, so the tokens of some first or
    last words are the first or last tokens of the text.

    Parameters
    ----------
    words : list of str
        The words of a text.
    size : int
        1 for single characters, 2 for pairs as well, also across words.
    """
    tokens: list[str] = []
    last = ""
    for word in words:
        if size > 1 and _is_pair(last + word[:1]):
            tokens.append(last + word[:1])
        tokens += _inside(word, size)
        tokens.append(word)
        last = word[-1:]
    return tokens


@lru_cache(maxsize=50_000)
def _is_pair(characters: str) -> bool:
    return len(characters) > 1 and CHINESE.fullmatch(characters) is not None


@lru_cache(maxsize=50_000)
def _inside(word: str, size: int) -> tuple[str, ...]:
    """Return the characters and pairs inside a word that are not the word itself."""
    found = list(filter(CHINESE.fullmatch, word))
    if size > 1:
        found += filter(_is_pair, map("".join, pairwise(word)))
    return tuple(piece for piece in found if piece != word)
