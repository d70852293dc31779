"""The engine "jieba": jieba's algorithm over its own tables, without its global state."""

import re
from math import inf, log

from skmtl.preprocessing._hmm import CharacterModel
from skmtl.preprocessing._segmenter import BLOCK_CHARACTERS, Segmenter, remember, tables_digest
from skmtl.preprocessing._tables import WordTable

BLOCK = re.compile(f"([{BLOCK_CHARACTERS}]+)")
NEWLINE = re.compile("(\r\n)")
LETTER = re.compile("[a-zA-Z0-9]")


class JiebaSegmenter(Segmenter):
    """Most probable path through the words of the dictionary, then the character model.

    Parameters
    ----------
    table : WordTable
        Shared with other segmenters, so it is not changed.
    model : CharacterModel
        Splits the runs of characters that the path leaves single.
    user_words : sequence of (str, int or None)
        Added in order, as jieba's ``add_word`` does; frequency 0 removes a word.
    """

    def __init__(self, table: WordTable, model: CharacterModel, user_words=()):
        self._model = model
        self._forced_apart = {word for word, count in user_words if count == 0}
        self._frequencies, total = _with_user_words(table, user_words)
        log_total = log(total)
        # A prefix that is no word goes on with the search but never wins.
        log_of = {count: log(count) - log_total for count in set(self._frequencies.values()) - {0}}
        log_of[0] = -inf
        self._score = {word: log_of[count] for word, count in self._frequencies.items()}.get
        self._floor = log(1) - log_total
        self._memo: dict[str, list[str]] = {}
        self.digest = tables_digest(table.digest, user_words)

    def cut(self, text: str, hmm: bool) -> list[str]:
        """Return the words of `text`; joined, they are `text`."""
        return _cut_text(text, self._cut_block_hmm if hmm else self._cut_block)

    def has_word(self, word: str) -> bool:
        """Return whether the dictionary has `word` with a positive frequency."""
        return self._frequencies.get(word, 0) > 0

    def _cut_block_hmm(self, block: str) -> list[str]:
        ends = best_path(block, self._score, self._floor)
        words = []
        length = len(block)
        start = 0
        while start < length:
            stop = ends[start]
            if stop - start > 1:
                words.append(block[start:stop])
                start = stop
                continue
            while stop < length and ends[stop] == stop + 1:
                stop += 1
            if stop - start == 1:
                words.append(block[start])
            else:
                words += self._split_run(block[start:stop])
            start = stop
        return words

    def _cut_block(self, block: str) -> list[str]:
        return _join_letters(block, best_path(block, self._score, self._floor))

    def _split_run(self, run: str) -> list[str]:
        """Return the words of at least two characters that the path left single."""
        words = self._memo.get(run)
        if words is None:
            words = list(run) if self.has_word(run) else self._modelled(run)
            remember(self._memo, run, len(run), words)
        return words

    def _modelled(self, run: str) -> list[str]:
        words = []
        for word in self._model.split(run):
            # jieba forces removed words apart only where Chinese characters are modelled.
            if word in self._forced_apart and not word[0].isascii():
                words += word
            else:
                words.append(word)
        return words


def best_path(block: str, score, floor: float) -> list[int]:
    """Return for each position of `block` where the best word that starts there ends.

    `score` gives the log probability of a word, -inf for a prefix of words, None for neither;
    `floor` is the score of a character that starts no word. The sums run from right to left and
    a tie goes to the longer word, as in jieba.
    """
    length = len(block)
    block += "\n"  # in no word, so that the search stops at the end of the block
    route = [0.0] * (length + 1)
    ends = [0] * length
    for start in range(length - 1, -1, -1):
        best = -inf
        end = stop = start + 1
        value = score(block[start])
        while value is not None:
            value += route[stop]
            if value >= best:
                best = value
                end = stop
            stop += 1
            value = score(block[start:stop])
        if best == -inf:
            end = start + 1
            best = floor + route[end]
        route[start] = best
        ends[start] = end
    return ends


def _with_user_words(table: WordTable, user_words) -> tuple[dict[str, int], int]:
    """Return the frequencies and their total after jieba's ``add_word`` for each user word."""
    if not user_words:
        return table.frequencies, table.total
    frequencies, total = dict(table.frequencies), table.total
    for word, count in user_words:
        if count is None:
            count = _suggested_frequency(word, frequencies, total)
        frequencies[word] = count
        total += count  # jieba does not take back the count that the word had before
        for stop in range(1, len(word)):
            frequencies.setdefault(word[:stop], 0)
    return frequencies, total


def _suggested_frequency(word: str, frequencies: dict[str, int], total: int) -> int:
    """Return the smallest frequency with which the path keeps `word` whole, as jieba reckons it."""
    log_total = log(total)

    def score(part):
        count = frequencies.get(part)
        if count is None:
            return None
        return log(count) - log_total if count else -inf

    def cut_block(block):
        return _join_letters(block, best_path(block, score, log(1) - log_total))

    probability = 1.0
    for part in _cut_text(word, cut_block):
        probability *= frequencies.get(part, 1) / total
    return max(int(probability * total) + 1, frequencies.get(word, 1))


def _cut_text(text: str, cut_block) -> list[str]:
    words = []
    for index, part in enumerate(BLOCK.split(text)):
        if index % 2:
            words += cut_block(part)
        elif "\r\n" in part:
            for i, piece in enumerate(NEWLINE.split(part)):
                words += [piece] if i % 2 else piece
        else:
            words += part
    return words


def _join_letters(block: str, ends: list[int]) -> list[str]:
    """Return the words of the path; without the model, single letters and digits are joined."""
    words = []
    length = len(block)
    start = 0
    while start < length:
        stop = ends[start]
        if stop - start == 1 and LETTER.match(block[start]):
            while stop < length and ends[stop] == stop + 1 and LETTER.match(block[stop]):
                stop += 1
        words.append(block[start:stop])
        start = stop
    return words
