"""WordPieceSequencer: texts to the token ids of a BERT vocabulary."""

import unicodedata
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.checks import as_count, check_choice, is_auto
from skmtl._runtime.types import PathLike, Rows
from skmtl.preprocessing._text_base import TextTransformer
from skmtl.preprocessing._vocabulary import LENGTHS, length_of
from skmtl.preprocessing._wordpiece import cut_word, is_chinese, read_word_pieces, split_text
from skmtl.preprocessing.jieba_tokenizer import JiebaTokenizer

_MANY_WORDS = 1000


class WordPieceSequencer(TextTransformer):
    """Turn texts into the token ids that a BERT expects.

    A row is ``[CLS]``, the pieces of the text, ``[SEP]``, and 0 for padding; a text without any
    piece is a row of padding. Longer texts lose their end.

    Parameters
    ----------
    vocabulary : str or path
        A folder with ``vocab.txt`` (and ``tokenizer_config.json``, which says whether letters
        become lower-case), a file of one token per line, or a KerasHub preset.
    words : {"auto", "characters", "jieba"}, default="auto"
        What counts as a word of Chinese text: each character, as in most Chinese BERTs, or what
        `JiebaTokenizer` cuts. "auto" takes "jieba" if the vocabulary holds 1,000 Chinese words of
        two or more characters.
    normalize : {"auto", "NFKC", None}, default="auto"
        Unicode normalisation before the cut; NFKC makes full-width letters and punctuation plain.
        "auto" does so if the vocabulary has no full-width comma.
    prefix : str, default=""
        Text put before every text, such as the ``"query : "`` of E5 models.
    max_len : "auto" or int >= 3, default="auto"
        Number of ids that a text gets. "auto" is the smallest of 16, 32, 64, 128 and 256 that holds
        99 of 100 texts of `fit` whole, and 256 where none does; but never more than the
        ``config.json`` beside the vocabulary has positions for.
    missing : {"raise", "empty"}, default="raise"
        Whether None, NaN or NA is an error or a row of padding.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Id of each token.
    n_tokens_ : int
        Number of ids of the vocabulary, which is one more than the largest one.
    max_len_ : int
        Number of ids that a text gets.
    n_features_in_ : int
        1, the number of text columns.
    feature_names_in_ : ndarray of shape (1,), dtype object
        Name of the column; only where `fit` saw a table with column names.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from skmtl.preprocessing import WordPieceSequencer
    >>> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "北", "京", "be", "##i"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "vocab.txt")
    ...     _ = path.write_text("\\n".join(tokens), encoding="utf-8")
    ...     sequencer = WordPieceSequencer(vocabulary=path, max_len=7).fit([])
    >>> sequencer.transform(["北京 Bei", "?"])
    array([[2, 4, 5, 6, 7, 3, 0],
           [2, 1, 3, 0, 0, 0, 0]], dtype=int32)
    """

    def __init__(
        self,
        *,
        vocabulary: PathLike | None = None,
        words: Literal["auto", "characters", "jieba"] = "auto",
        normalize: Literal["auto", "NFKC"] | None = "auto",
        prefix: str = "",
        max_len: int | Literal["auto"] = "auto",
        missing: Literal["raise", "empty"] = "raise",
    ) -> None:
        self.vocabulary = vocabulary
        self.words = words
        self.normalize = normalize
        self.prefix = prefix
        self.max_len = max_len
        self.missing = missing

    def fit(self, X: Rows, y: Any = None) -> Self:  # noqa: ARG002
        """Read the vocabulary; of the texts only the length is learned.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,) or (n_samples, 1)
            Texts.
        y : None
            Ignored.

        Returns
        -------
        WordPieceSequencer
            The object itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a text is not allowed; the text names the parameter or the row.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Rows, y: Any = None) -> np.ndarray:  # noqa: ARG002
        """Do what `fit` and `transform` do; texts are cut only once.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,) or (n_samples, 1)
            Texts.
        y : None
            Ignored.

        Returns
        -------
        ndarray of shape (n_samples, n_ids), dtype int32
            Ids.
        """
        return self._framed(self._fit(X))

    def transform(self, X: Rows) -> np.ndarray:
        """Return the ids of the pieces of texts.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,) or (n_samples, 1)
            Texts.

        Returns
        -------
        ndarray of shape (n_samples, n_ids), dtype int32
            Ids.

        Raises
        ------
        ValueError, TypeError
            If a text is not allowed; the text names the row.
        """
        check_is_fitted(self)
        return self._framed(self._numbered(self._read(X, tokens=False).cells, self.max_len_))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Return a name per id: the text column's name and a number.

        Parameters
        ----------
        input_features : array-like of str of shape (1,), default=None
            Name of the column; None takes the one that `fit` saw, or ``"text"``.

        Returns
        -------
        ndarray of shape (n_ids,), dtype object
            ``"text_0"``, ``"text_1"`` and so on.

        Raises
        ------
        ValueError
            If there is more than one name.
        """
        check_is_fitted(self)
        return self._numbered_names(input_features, self.max_len_)

    def _fit(self, X) -> list[list[int]]:
        """Learn from texts and return the ids of their pieces, unframed."""
        column = self._read(X, tokens=False)
        if self.vocabulary is None:
            raise ValueError("vocabulary must be a folder, a file or a preset; got None.")
        pieces = read_word_pieces(self.vocabulary)
        self.vocabulary_ = {token: number for number, token in enumerate(pieces.tokens)}
        self.n_tokens_ = len(pieces.tokens)
        self._lowercase, self._strip_accents = pieces.lowercase, pieces.strip_accents
        self._form = self.normalize
        if self.normalize == "auto":
            self._form = None if "\uff0c" in self.vocabulary_ else "NFKC"
        self._has_words = self.words == "jieba"
        if self.words == "auto":
            n_words = sum(len(token) > 1 and all(map(is_chinese, token)) for token in pieces.tokens)
            self._has_words = n_words >= _MANY_WORDS
        if is_auto(self.max_len):
            most = min(LENGTHS[-1], pieces.n_positions or LENGTHS[-1])
            documents = self._numbered(column.cells, most)
            lengths = np.array([len(ids) + 2 if ids else 0 for ids in documents], np.intp)
            self.max_len_ = min(most, length_of(lengths))
        else:
            self.max_len_ = int(self.max_len)
            documents = self._numbered(column.cells, self.max_len_)
        self._set_column(column)
        return documents

    def _numbered(self, texts, max_len) -> list[list[int]]:
        """Return the ids of the pieces of each text, as many as `max_len` leaves room for."""
        cuts = {}
        prefix = self._pieces(self.prefix, cuts)
        if self._form is not None:
            texts = [unicodedata.normalize(self._form, text) for text in texts]
        documents = []
        for text in self._cut(texts, max_len):
            pieces = self._pieces(text, cuts)
            documents.append((prefix + pieces)[: max_len - 2] if pieces else [])
        return documents

    def _framed(self, documents) -> np.ndarray:
        """Return rows of ids: first, pieces, last, padding."""
        ids = np.zeros((len(documents), self.max_len_), np.int32)
        first, last = self.vocabulary_["[CLS]"], self.vocabulary_["[SEP]"]
        for row, pieces in enumerate(documents):
            if pieces:
                framed = [first, *pieces[: self.max_len_ - 2], last]
                ids[row, : len(framed)] = framed
        return ids

    def _cut(self, texts, max_len):
        """Put spaces between Chinese words, where the vocabulary is one of words."""
        if not self._has_words or not texts:
            return texts
        # a text gets at most max_len ids, and its words are hardly longer than ten characters
        texts = [text[: 10 * max_len] for text in texts]
        return JiebaTokenizer(output="str").transform(texts)

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("words", self.words, ("auto", "characters", "jieba"))
        check_choice("normalize", self.normalize, ("auto", "NFKC", None))
        if not is_auto(self.max_len):
            as_count("max_len", self.max_len, 3, also='"auto" or ')
        if not isinstance(self.prefix, str):
            raise TypeError(f"prefix must be a str; got {type(self.prefix).__name__}.")

    def _pieces(self, text, cuts) -> list[int]:
        unknown = self.vocabulary_["[UNK]"]
        result = []
        for word in split_text(
            text,
            lowercase=self._lowercase,
            strip_accents=self._strip_accents,
            split_chinese=not self._has_words,
        ):
            if word not in cuts:
                cuts[word] = cut_word(word, self.vocabulary_, unknown)
            result += cuts[word]
        return result
