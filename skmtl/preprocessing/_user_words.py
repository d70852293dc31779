"""Reading and checking the parameter user_words."""

from collections.abc import Iterable, Mapping
from numbers import Integral


def parse_user_words(user_words) -> tuple[tuple[str, int | None], ...]:
    """Return pairs of word and frequency; None asks for the frequency that keeps it whole.

    Parameters
    ----------
    user_words : None, mapping of str to (int or None), or iterable of str
        Lines are in the format of jieba's user dictionaries: ``word [frequency] [tag]``.

    Raises
    ------
    TypeError, ValueError
        If an entry is malformed; the text quotes it.
    """
    if user_words is None:
        return ()
    if isinstance(user_words, Mapping):
        return tuple(_checked_pair(word, count) for word, count in user_words.items())
    if isinstance(user_words, str | bytes) or not isinstance(user_words, Iterable):
        raise TypeError(
            "user_words must be None, a mapping of words to frequencies or an iterable of "
            f"lines 'word [frequency] [tag]'; got {type(user_words).__name__}: {user_words!r}."
        )
    pairs = (_parse_line(number, line) for number, line in enumerate(user_words, 1))
    return tuple(pair for pair in pairs if pair is not None)


def _parse_line(number: int, line) -> tuple[str, int | None] | None:
    if not isinstance(line, str):
        raise TypeError(
            f"user_words line {number} must be a str; got {type(line).__name__}: {line!r}."
        )
    fields = line.lstrip("\ufeff").split()
    if not fields:
        return None
    word, *rest = fields
    count = None
    if rest and rest[0].isascii() and rest[0].isdecimal():
        count = int(rest.pop(0))
    if rest and rest[0].isascii() and rest[0].isalpha() and rest[0].islower():
        rest.pop(0)  # the part of speech; segmentation does not read it
    if rest:
        raise ValueError(
            f"user_words line {number} must be 'word [frequency] [tag]' with an integer "
            f"frequency >= 0 and a tag of lower-case letters; got {line!r}."
        )
    return word, count


def _checked_pair(word, count) -> tuple[str, int | None]:
    if not isinstance(word, str):
        raise TypeError(f"user_words must map str; got {type(word).__name__}: {word!r}.")
    if not word or len(word.split()) != 1 or word != word.strip():
        raise ValueError(f"user_words must map words without whitespace; got {word!r}.")
    if count is None:
        return word, None
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise TypeError(f"user_words[{word!r}] must be an int or None; got {count!r}.")
    if count < 0:
        raise ValueError(f"user_words[{word!r}] must be >= 0; got {count!r}.")
    return word, int(count)
