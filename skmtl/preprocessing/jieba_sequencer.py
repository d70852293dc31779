"""JiebaSequencer: texts to padded sequences of word ids."""

from collections.abc import Iterable
from functools import partial
from numbers import Integral, Real
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.checks import as_count, as_number, check_choice, is_auto
from skmtl._runtime.types import Rows
from skmtl.preprocessing._characters import with_characters
from skmtl.preprocessing._cutter import Cutter
from skmtl.preprocessing._jieba_base import JiebaTransformer
from skmtl.preprocessing._vocabulary import (
    N_RESERVED,
    PAD_ID,
    UNKNOWN_ID,
    Ragged,
    documents_of,
    length_of,
    look_up_tokens,
    number_tokens,
    pad,
    rank_tokens,
    share_unknown,
)

UNKNOWN_TOKEN = "[UNK]"
# Share of the words of the texts that may lie outside the vocabulary before "auto" adds characters.
MOST_LEFT_OUT = 0.02


class JiebaSequencer(JiebaTransformer):
    """Cut Chinese texts into words and turn the words into ids of one length.

    Id 0 is padding, id 1 a token out of the vocabulary, and words have ids from 2 on, as have
    characters beside them (`char_ngrams`).

    Parameters
    ----------
    tokenizer : JiebaTokenizer, default=None
        How texts are cut into words; None is ``JiebaTokenizer()``. Its parameters are reached as
        ``tokenizer__mode``; its `missing` and `output` do not matter here.
    missing : {"raise", "empty"}, default="raise"
        Whether None, NaN or NA is an error or a row of padding.
    max_tokens : None or int >= 2, default=None
        Largest number of ids, the two reserved ones included; the most frequent words stay.
    min_df : int >= 1 or float in [0, 1], default=1
        Smallest number (int) or share (float) of texts that a word of the vocabulary is in.
    char_ngrams : {"auto", 0, 1, 2}, default="auto"
        Longest run of Chinese characters that is a token beside the words: 0 for words alone, 1
        for the characters of each longer word, 2 also for pairs of neighbouring characters,
        inside and across words. Of a word out of the vocabulary its characters stay. All tokens
        count in `max_tokens`, `min_df` and `max_len`; a Chinese text has two to four times as
        many of them as words. "auto" is 1 where `max_tokens` or `min_df` leaves out more than
        2 % of the words of the texts, each counted as often as it occurs, and else 0.
    max_len : "auto" or int >= 1, default="auto"
        Number of ids a text gets. "auto" is the smallest of 16, 32, 64, 128 and 256 that holds 99
        of 100 texts of `fit` whole, and 256 where none does: a network computes padding, too, and
        the step between two lengths is so wide that folds of a table mostly have the same one.
    padding : {"post", "pre"}, default="post"
        Side on which shorter texts are padded.
    truncating : {"post", "pre"}, default="post"
        Side on which longer texts are cut off.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Ids of the words, by count in the texts of `fit` (whole texts, also where they are longer
        than `max_len_`), then by word: the order of the rows does not matter.
    max_len_ : int
        Number of ids a text gets.
    char_ngrams_ : int
        Longest run of characters that is a token.
    n_tokens_ : int
        Number of ids of the vocabulary, which is one more than the largest one; an embedding of
        this size takes every text, also those with words that are not in the rows of `fit`.
    tokenizer_ : JiebaTokenizer
        The fitted copy of `tokenizer`, which cuts the texts.
    segmenter_fingerprint_ : str or None
        Digest of what the segmenter did at fit; None if all texts came as lists of tokens.
        After unpickling it is compared once, and a difference warns.
    n_features_in_ : int
        1, the number of text columns.
    feature_names_in_ : ndarray of shape (1,), dtype object
        Name of the column; only where `fit` saw a table with column names.

    See Also
    --------
    JiebaTokenizer : Texts to lists of words, which this class takes too.

    Examples
    --------
    >>> from skmtl.preprocessing import JiebaSequencer
    >>> sequencer = JiebaSequencer(max_len=5)
    >>> sequencer.fit_transform(["我爱北京", "我来到北京清华大学"])
    array([[3, 6, 2, 0, 0],
           [3, 4, 2, 5, 0]], dtype=int32)
    >>> sequencer.transform([["我", "爱", "上海"]])
    array([[3, 6, 1, 0, 0]], dtype=int32)
    >>> JiebaSequencer(char_ngrams=1).fit(["我爱北京"]).transform(["东北"])[0, :3]
    array([1, 3, 1], dtype=int32)
    """

    def __init__(
        self,
        *,
        tokenizer: Any = None,
        missing: Literal["raise", "empty"] = "raise",
        max_tokens: int | None = None,
        min_df: int | float = 1,
        char_ngrams: Literal["auto", 0, 1, 2] = "auto",
        max_len: int | Literal["auto"] = "auto",
        padding: Literal["post", "pre"] = "post",
        truncating: Literal["post", "pre"] = "post",
    ) -> None:
        self.tokenizer = tokenizer
        self.missing = missing
        self.max_tokens = max_tokens
        self.min_df = min_df
        self.char_ngrams = char_ngrams
        self.max_len = max_len
        self.padding = padding
        self.truncating = truncating

    def fit(self, X: Rows, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the vocabulary.

        Parameters
        ----------
        X : array-like of (str or list of str) of shape (n_samples,) or (n_samples, 1)
            Texts, or their tokens, which are taken as they are.
        y : None
            Ignored.

        Returns
        -------
        JiebaSequencer
            The object itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a text is not allowed; the text names the parameter or the row.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Rows, y: Any = None) -> np.ndarray:  # noqa: ARG002
        """Learn the vocabulary and return the ids; texts are cut only once.

        Parameters
        ----------
        X : array-like of (str or list of str) of shape (n_samples,) or (n_samples, 1)
            Texts, or their tokens, which are taken as they are.
        y : None
            Ignored.

        Returns
        -------
        ndarray of shape (n_samples, n_ids), dtype int32
            Ids.
        """
        return self._pad(self._fit(X))

    def transform(self, X: Rows) -> np.ndarray:
        """Return the ids of the words of texts.

        Of a text longer than `max_len_` only about the part that is kept is cut into words.

        Parameters
        ----------
        X : array-like of (str or list of str) of shape (n_samples,) or (n_samples, 1)
            Texts, or their tokens, which are taken as they are.

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
        cells = self._read(X, tokens=True).cells
        if str not in set(map(type, cells)):
            return self._pad(look_up_tokens(_tokens(cells, self.char_ngrams_), self.vocabulary_))
        cutter = Cutter(self.tokenizer_)
        self._check_fingerprint(cutter)
        cut = cutter.cut_head if self.truncating == "post" else cutter.cut_tail
        documents = self._cut_cells(cells, partial(cut, n_tokens=self.max_len_))
        documents = _tokens(documents, self.char_ngrams_)
        return self._pad(look_up_tokens(documents, self.vocabulary_))

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Return the words of ids, with the characters beside them.

        Parameters
        ----------
        X : array-like of int of shape (n_samples, n_ids)
            Ids; padding is left out, and id 1 becomes ``"[UNK]"``.

        Returns
        -------
        ndarray of shape (n_samples,), dtype object
            A list of words per row.

        Raises
        ------
        ValueError
            If an id is not below `n_tokens_`, or `X` is not two-dimensional.
        """
        check_is_fitted(self)
        ids = np.asarray(X)
        if ids.ndim != 2:
            raise ValueError(f"X must be of shape (n_samples, n_ids); got shape {ids.shape}.")
        if ids.size and not np.issubdtype(ids.dtype, np.integer):
            raise ValueError(f"X must hold integer ids; got dtype {ids.dtype}.")
        if ids.size and not (ids.min() >= 0 and ids.max() < self.n_tokens_):
            raise ValueError(
                f"X must hold ids from 0 to {self.n_tokens_ - 1}; got {ids.min()} to {ids.max()}."
            )
        words = {number: token for token, number in self.vocabulary_.items()}
        words[UNKNOWN_ID] = UNKNOWN_TOKEN
        documents = np.empty(len(ids), dtype=object)
        for row, numbers in enumerate(ids.tolist()):
            documents[row] = [words[number] for number in numbers if number != PAD_ID]
        return documents

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
        """
        check_is_fitted(self)
        return self._numbered_names(input_features, self.max_len_)

    def _fit(self, X) -> Ragged:
        """Learn from texts and return their ids, whole."""
        column, tokenizer = self._read(X, tokens=True), self._new_tokenizer()
        cutter = Cutter(tokenizer)
        min_documents = self.min_df
        if not isinstance(self.min_df, Integral):
            min_documents = int(np.ceil(self.min_df * len(column.cells)))
        rank = partial(rank_tokens, max_tokens=self.max_tokens, min_documents=min_documents)
        size = 0 if is_auto(self.char_ngrams) else self.char_ngrams
        words, documents = number_tokens(_tokens(self._cut_cells(column.cells, cutter.cut), size))
        vocabulary, ids = rank(words, documents)
        if is_auto(self.char_ngrams) and share_unknown(ids) > MOST_LEFT_OUT:
            size = 1
            cut = documents_of(words, documents)
            vocabulary, ids = rank(*number_tokens(_tokens(cut, size)))
        self._set_column(column)
        self.char_ngrams_ = size
        self.tokenizer_ = tokenizer
        self.vocabulary_ = vocabulary
        self.n_tokens_ = len(vocabulary) + N_RESERVED
        self.max_len_ = length_of(ids.lengths) if is_auto(self.max_len) else int(self.max_len)
        self.segmenter_fingerprint_ = self._fingerprint_of(column.cells, cutter)
        return ids

    def _pad(self, documents: Ragged) -> np.ndarray:
        return pad(documents, self.max_len_, self.padding, self.truncating)

    def _check_parameters(self):
        super()._check_parameters()
        if not is_auto(self.max_len):
            as_count("max_len", self.max_len, also='"auto" or ')
        if self.max_tokens is not None:
            as_count("max_tokens", self.max_tokens, N_RESERVED)
        if isinstance(self.min_df, Real) and not isinstance(self.min_df, Integral):
            as_number("min_df", self.min_df, low=0, high=1)
        else:
            as_count("min_df", self.min_df, 1)
        check_choice("char_ngrams", self.char_ngrams, ("auto", 0, 1, 2))
        check_choice("padding", self.padding, ("post", "pre"))
        check_choice("truncating", self.truncating, ("post", "pre"))


def _tokens(documents: Iterable[list[str]], size: int) -> Iterable[list[str]]:
    """Return documents with their runs of up to `size` characters beside the words."""
    return (with_characters(words, size) for words in documents) if size else documents
