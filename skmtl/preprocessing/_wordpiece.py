"""BERT's way of cutting texts into pieces of words, and the files that its vocabulary is in."""

import json
import unicodedata
from pathlib import Path
from typing import NamedTuple

MAX_CHARACTERS = 100  # longer "words" are unknown, as in BERT
_CHINESE = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPieces(NamedTuple):
    """A vocabulary and how texts have to be prepared for it."""

    tokens: tuple[str, ...]
    lowercase: bool
    strip_accents: bool
    n_positions: int | None  # the longest text that the backbone beside it takes; None if unsaid


def read_word_pieces(source) -> WordPieces:
    """Return the vocabulary of a BERT folder, file or KerasHub preset.

    Parameters
    ----------
    source : str or path
        A folder with ``vocab.txt`` (Hugging Face), a file of one token per line, or whatever
        ``keras_hub.tokenizers.Tokenizer.from_preset`` takes.

    Returns
    -------
    WordPieces

    Raises
    ------
    ValueError
        If there is no such vocabulary, or it is none of word pieces.
    """
    path = Path(source)
    file = path / "vocab.txt" if path.is_dir() else path
    if file.is_file():
        config = {}
        if (file.parent / "tokenizer_config.json").is_file():
            config = json.loads((file.parent / "tokenizer_config.json").read_text("utf-8"))
        lowercase = config.get("do_lower_case", True)
        strip_accents = config.get("strip_accents")
        text = file.read_bytes().decode("utf-8")
        # not splitlines(): a token may be a line separator of Unicode
        tokens = [token.removesuffix("\r") for token in text.removesuffix("\n").split("\n")]
    else:
        tokens, lowercase, strip_accents = _from_hub(source)
    strip_accents = lowercase if strip_accents is None else strip_accents
    for place, token in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]")):
        if token not in tokens or (place == 0 and tokens[0] != token):
            raise ValueError(
                f"vocabulary must be one of word pieces with [PAD] first and [UNK], [CLS] and "
                f"[SEP] in it; {str(source)!r} has {len(tokens)} tokens, the first {tokens[:4]}."
            )
    return WordPieces(tuple(tokens), lowercase, strip_accents, _n_positions(path))


def _n_positions(folder):
    """Return what config.json says about the longest text, as Hugging Face or as KerasHub."""
    file = folder / "config.json"
    if not file.is_file():
        return None
    config = json.loads(file.read_text("utf-8"))
    of_backbone = config.get("config") if isinstance(config.get("config"), dict) else {}
    found = config.get("max_position_embeddings", of_backbone.get("max_sequence_length"))
    return found if isinstance(found, int) else None


def _from_hub(source):
    try:
        import keras_hub
    except ImportError as error:
        raise ValueError(
            f"vocabulary must be a folder with a vocab.txt, a file of tokens, or (with keras-hub "
            f"installed) a KerasHub preset; got {str(source)!r}."
        ) from error
    try:
        tokenizer = keras_hub.tokenizers.Tokenizer.from_preset(str(source))
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(
            f"vocabulary={str(source)!r} has neither a vocab.txt nor a KerasHub tokenizer: {error}"
        ) from error
    if not isinstance(tokenizer, keras_hub.tokenizers.WordPieceTokenizer):
        raise ValueError(
            f"vocabulary={str(source)!r} has a {type(tokenizer).__name__}; only vocabularies of "
            "word pieces, those of BERT and its relatives, can be read."
        )
    return list(tokenizer.get_vocabulary()), tokenizer.lowercase, tokenizer.strip_accents


def split_text(text, *, lowercase, strip_accents, split_chinese) -> list[str]:
    """Return the words of a text: split at whitespace, around punctuation and Chinese characters.

    Parameters
    ----------
    text : str
        The text.
    lowercase, strip_accents : bool
        Whether words are made lower-case and lose their accents.
    split_chinese : bool
        Whether every Chinese character is a word.

    Returns
    -------
    list of str
    """
    if lowercase:
        text = text.lower()
    if strip_accents:
        text = unicodedata.normalize("NFD", text)
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    characters = []
    for character in text:
        if character in "\t\n\r" or unicodedata.category(character) == "Zs":
            characters.append(" ")
        elif character in "\0\ufffd" or unicodedata.category(character)[0] == "C":
            continue
        elif _is_punctuation(character) or (split_chinese and is_chinese(character)):
            characters += (" ", character, " ")
        else:
            characters.append(character)
    return "".join(characters).split()


def is_chinese(character) -> bool:
    """Return whether a character is a Chinese one, in the blocks that BERT counts."""
    code = ord(character)
    return code >= 0x3400 and any(first <= code <= last for first, last in _CHINESE)


def _is_punctuation(character):
    # BERT counts all ASCII that is neither letter nor digit, such as $ and +
    if character < "\x80":
        return not character.isalnum()
    return unicodedata.category(character)[0] == "P"


def cut_word(word, ids, unknown) -> list[int]:
    """Return the ids of the longest pieces of a word, from the left.

    Wu et al. (2016), "Google's Neural Machine Translation System", arXiv:1609.08144.

    Parameters
    ----------
    word : str
        A word without whitespace.
    ids : dict of str to int
        Ids of the pieces; a piece that does not begin a word stands behind ``##``.
    unknown : int
        Id of a word that cannot be put together.

    Returns
    -------
    list of int
    """
    if len(word) > MAX_CHARACTERS:
        return [unknown]
    pieces, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        for stop in range(len(word), start, -1):
            piece = ids.get(prefix + word[start:stop])
            if piece is not None:
                break
        else:
            return [unknown]
        pieces.append(piece)
        start = stop
    return pieces
