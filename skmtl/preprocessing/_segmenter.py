"""The contract of a segmenter, and what every segmenter shares with jieba's blocks."""

import hashlib
from abc import ABC, abstractmethod

# jieba segments blocks of these characters; every other character is a token by itself
# (and "\r\n" is one token), so a text may be cut apart there without changing its tokens.
BLOCK_CHARACTERS = r"\u4e00-\u9fd5a-zA-Z0-9+#&._%\-"

MEMO_CHARACTERS = 8  # longer runs of single characters seldom come twice
MEMO_RUNS = 100_000


class Segmenter(ABC):
    """Text to words. Calls change nothing but memos, so threads may share a segmenter."""

    digest: str  # of the tables; equal where the words are meant to be equal

    @abstractmethod
    def cut(self, text: str, hmm: bool) -> list[str]:
        """Return the words of `text`; joined, they are `text`."""

    @abstractmethod
    def has_word(self, word: str) -> bool:
        """Return whether the dictionary has `word` with a positive frequency."""

    def cut_for_search(self, text: str, hmm: bool) -> list[str]:
        """Return the words of `text`, each after the words of 2 and 3 characters within it."""
        words = []
        for word in self.cut(text, hmm):
            length = len(word)
            if length > 2:
                words += filter(self.has_word, (word[i : i + 2] for i in range(length - 1)))
            if length > 3:
                words += filter(self.has_word, (word[i : i + 3] for i in range(length - 2)))
            words.append(word)
        return words


def tables_digest(dictionary_digest: str, user_words=()) -> str:
    """Return the digest of a segmenter that is exact over these tables."""
    return hashlib.sha256(ascii((dictionary_digest, tuple(user_words))).encode()).hexdigest()


def remember(memo: dict, key: str, run_length: int, value) -> None:
    """Keep the words of a short run; a full memo is emptied first."""
    if run_length <= MEMO_CHARACTERS:
        if len(memo) >= MEMO_RUNS:
            memo.clear()
        memo[key] = value
