"""From the parameters of a text transformer to a function from texts to tokens."""

import re
import unicodedata
from functools import lru_cache

from skmtl.preprocessing._segment import fingerprint, get_segmenter
from skmtl.preprocessing._segmenter import BLOCK_CHARACTERS

CHARACTERS_PER_TOKEN = 2  # of Chinese text it is 1.6
OUTSIDE_BLOCK = re.compile(f"[^{BLOCK_CHARACTERS}]")
# Everything that `\s` matches, which is what jieba calls whitespace.
WHITESPACE = frozenset(filter(str.isspace, map(chr, range(0x3001)))) | {"\r\n"}
# All of Unicode's punctuation and symbols but So, where emoji are.
PUNCTUATION = frozenset(("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk"))


class Cutter:
    """Cuts texts as a `JiebaTokenizer` says; made for one call, so it is never pickled.

    Parameters
    ----------
    tokenizer : JiebaTokenizer
        Its parameters, which are right, and the words that it read in `fit` if it is fitted.
    """

    def __init__(self, tokenizer):
        user_words, stop_words = tokenizer.read_words()
        self._normalize = tokenizer.normalize
        self._lowercase = tokenizer.lowercase
        # words that are written otherwise than the texts here could never match
        user_words = tuple((self._normalized(word), count) for word, count in user_words)
        self._dropped = set(map(self._normalized, stop_words))
        if self._lowercase:
            self._dropped = {word.lower() for word in self._dropped}
        if not tokenizer.keep_whitespace:
            self._dropped |= WHITESPACE
        self._keep_punctuation = tokenizer.keep_punctuation
        self._segmenter = get_segmenter(tokenizer.engine, user_words, tokenizer.dictionary)
        self._mode, self._hmm = tokenizer.mode, tokenizer.hmm
        is_search = tokenizer.mode == "search"
        self._segment = self._segmenter.cut_for_search if is_search else self._segmenter.cut

    def _normalized(self, text: str) -> str:
        return text if self._normalize is None else unicodedata.normalize(self._normalize, text)

    def cut(self, text: str) -> list[str]:
        """Return the tokens of `text`."""
        return self._tokens(self._normalized(text))

    def cut_head(self, text: str, n_tokens: int) -> list[str]:
        """Return the first tokens of `text`, reading little more of it than they span."""
        text = self._normalized(text)
        step = CHARACTERS_PER_TOKEN * n_tokens
        if len(text) <= step:
            return self._tokens(text)[:n_tokens]
        tokens: list[str] = []
        start = 0
        while start < len(text) and len(tokens) < n_tokens:
            stop = _next_break(text, start + step)
            tokens += self._tokens(text[start:stop])
            start = stop
        return tokens[:n_tokens]

    def cut_tail(self, text: str, n_tokens: int) -> list[str]:
        """Return the last tokens of `text`, reading little more of it than they span."""
        text = self._normalized(text)
        step = CHARACTERS_PER_TOKEN * n_tokens
        if len(text) <= step:
            return self._tokens(text)[-n_tokens:]
        parts: list[list[str]] = []
        n_found = 0
        stop = len(text)
        while stop > 0 and n_found < n_tokens:
            start = _previous_break(text, stop - step)
            parts.append(self._tokens(text[start:stop]))
            n_found += len(parts[-1])
            stop = start
        tokens = [token for part in reversed(parts) for token in part]
        return tokens[-n_tokens:]

    def fingerprint(self) -> str:
        """Return a digest of what the segmenter does to some probe texts."""
        return fingerprint(self._segmenter, self._mode, self._hmm)

    def _tokens(self, text: str) -> list[str]:
        tokens = self._segment(text, self._hmm)
        if self._lowercase:
            # after the segmentation, since the dictionary has words such as "T恤"
            tokens = [token.lower() for token in tokens]
        if self._dropped and not self._dropped.isdisjoint(tokens):
            tokens = [token for token in tokens if token not in self._dropped]
        if not self._keep_punctuation:
            tokens = [token for token in tokens if not _is_punctuation(token)]
        return tokens


def _next_break(text: str, position: int) -> int:
    """Return the first place from `position` on where jieba's blocks allow a cut."""
    found = OUTSIDE_BLOCK.search(text, position)
    if found is None:
        return len(text)
    is_newline = text.startswith("\r\n", found.start())
    return found.end() + is_newline


def _previous_break(text: str, position: int) -> int:
    """Return the last place up to `position` where jieba's blocks allow a cut."""
    while position > 0 and not OUTSIDE_BLOCK.match(text, position):
        position -= 1
    if position <= 0:
        return 0
    # At the start of a character outside the blocks, but not inside "\r\n".
    return position - text.startswith("\r\n", position - 1)


@lru_cache(maxsize=10_000)
def _is_punctuation(token: str) -> bool:
    return all(unicodedata.category(character) in PUNCTUATION for character in token)
