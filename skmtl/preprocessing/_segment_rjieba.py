"""The engine on top of rjieba, a jieba in Rust: the same words as jieba, faster."""

import re

from skmtl._runtime.jieba_private import DICTIONARY_SHA256
from skmtl.preprocessing._hmm import CharacterModel
from skmtl.preprocessing._segmenter import BLOCK_CHARACTERS, Segmenter, remember, tables_digest

# Characters outside jieba's blocks that rjieba takes for Chinese, or refuses (lone surrogates),
# or that mark the ends of words below (the null character): each is a token by itself.
_APART = "[\\0\u3400-\u4dbf\u9fd6-\u9fff\uf900-\ufaff\ud800-\udfff\U00020000-\U0003ffff]"
APART = re.compile(f"({_APART})")
# Words in a row that are one character, or letters that rjieba joined: jieba models them as one
# run, because its dictionary has no longer word of ASCII letters and digits alone.
_SINGLE = rf"(?:[{BLOCK_CHARACTERS}]|[a-zA-Z0-9]+)\0"
RUN = re.compile(rf"(?<![^\0]){_SINGLE}(?:{_SINGLE})+")


class HybridSegmenter(Segmenter):
    """rjieba's path through the dictionary, jieba's model of characters: equal to jieba.

    Parameters
    ----------
    rjieba : rjieba.Jieba
        An object that no words are added to.
    model : CharacterModel
        Splits the runs of characters that the path leaves single.
    """

    digest = tables_digest(DICTIONARY_SHA256)

    def __init__(self, rjieba, model: CharacterModel):
        self._rjieba = rjieba
        self._model = model
        self._memo: dict[str, str] = {}

    def cut(self, text: str, hmm: bool) -> list[str]:
        """Return the words of `text`; joined, they are `text`."""
        if APART.search(text):
            return _cut_apart(text, hmm, self.cut)
        words = self._rjieba.cut(text, False)
        if not (hmm and words):
            return words
        marked = "\0".join(words) + "\0"
        words = RUN.sub(self._split_run, marked).split("\0")
        words.pop()
        return words

    def has_word(self, word: str) -> bool:
        """Return whether the dictionary has `word` with a positive frequency."""
        return self._rjieba.has_word(word)

    def _split_run(self, match: re.Match) -> str:
        marked = match.group()
        result = self._memo.get(marked)
        if result is None:
            run = marked.replace("\0", "")
            words = run if self.has_word(run) else self._model.split(run)
            result = "\0".join(words) + "\0"
            remember(self._memo, marked, len(run), result)
        return result


def _cut_apart(text: str, hmm: bool, cut) -> list[str]:
    words = []
    for index, part in enumerate(APART.split(text)):
        if index % 2:
            words.append(part)
        elif part:
            words += cut(part, hmm)
    return words
