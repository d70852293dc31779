"""JiebaTokenizer: texts to lists of words."""

import os
from collections.abc import Collection, Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from skmtl._runtime.checks import check_choice
from skmtl._runtime.types import PathLike, Rows
from skmtl.exceptions import describe
from skmtl.preprocessing._cutter import Cutter
from skmtl.preprocessing._segment import ENGINES
from skmtl.preprocessing._text_base import TextTransformer
from skmtl.preprocessing._word_lists import parse_stop_words, parse_user_words


class JiebaTokenizer(TextTransformer):
    """Cut Chinese texts into words, as jieba 0.42.1 does.

    `fit` learns nothing from texts; it reads the words of `user_words` and `stop_words`, which
    `transform` does by itself where nothing was fitted.

    Parameters
    ----------
    engine : {"auto", "jieba"}, default="auto"
        ``"jieba"`` is jieba's algorithm over jieba's tables; ``"auto"`` gives the same words,
        faster where the package rjieba is installed.
    mode : {"default", "search"}, default="default"
        ``"search"`` puts before each long word the words of 2 and 3 characters within it.
    hmm : bool, default=True
        Whether characters that form no known word are joined by a hidden Markov model.
    user_words : None, dict of str to (int or None), collection of str or path, default=None
        Words to add: a dict from words to frequencies, or lines ``word [frequency] [tag]`` as
        in jieba's user dictionaries, or the path of such a file (UTF-8), which `fit` reads.
        Without a frequency, one is chosen that keeps the word whole; frequency 0 takes a word
        out. Needs jieba's tables, so ``"auto"`` uses them.
    dictionary : None or path, default=None
        A dictionary file to use instead of jieba's: UTF-8 lines ``word frequency [tag]``.
    normalize : {None, "NFKC"}, default=None
        Unicode normalisation before the cut; NFKC makes full-width letters plain.
    lowercase : bool, default=False
        Whether tokens are made lower-case after the cut (the dictionary knows "T恤").
    stop_words : None, collection of str or path, default=None
        Tokens to leave out, or the path of a file with one a line (UTF-8), which `fit` reads.
        They are normalised and made lower-case as the texts are; ends of lines do not count.
        Keep it None for models of word order or TF-IDF unless measured.
    keep_whitespace : bool, default=False
        Whether tokens of whitespace are kept.
    keep_punctuation : bool, default=True
        Whether tokens of punctuation alone are kept. Emoji are no punctuation.
    missing : {"raise", "empty"}, default="raise"
        Whether None, NaN or NA is an error or an empty text.
    output : {"list", "str"}, default="list"
        Cells of the output: lists of tokens, or tokens joined by one space, for
        ``TfidfVectorizer(analyzer=str.split)`` and Keras' ``TextVectorization``.

    Attributes
    ----------
    user_words_ : tuple of (str, int or None)
        Words and frequencies of `user_words`.
    stop_words_ : tuple of str
        Words of `stop_words`.
    n_features_in_ : int
        1, the number of text columns.
    feature_names_in_ : ndarray of shape (1,), dtype object
        Name of the column; only where `fit` saw a table with column names.

    See Also
    --------
    JiebaSequencer : Texts to padded word ids.
    JiebaVectorizer : Texts to sparse TF-IDF or counts.

    Examples
    --------
    >>> from skmtl.preprocessing import JiebaTokenizer
    >>> JiebaTokenizer().fit_transform(["我来到北京清华大学", ""]).tolist()
    [['我', '来到', '北京', '清华大学'], []]
    >>> JiebaTokenizer(user_words=["来到北京"], output="str").fit_transform(["我来到北京"])
    array(['我 来到北京'], dtype=object)
    """

    def __init__(
        self,
        *,
        engine: Literal["auto", "jieba"] = "auto",
        mode: Literal["default", "search"] = "default",
        hmm: bool = True,
        user_words: Mapping[str, int | None] | Collection[str] | PathLike | None = None,
        dictionary: PathLike | None = None,
        normalize: Literal["NFKC"] | None = None,
        lowercase: bool = False,
        stop_words: Collection[str] | PathLike | None = None,
        keep_whitespace: bool = False,
        keep_punctuation: bool = True,
        missing: Literal["raise", "empty"] = "raise",
        output: Literal["list", "str"] = "list",
    ) -> None:
        self.engine = engine
        self.mode = mode
        self.hmm = hmm
        self.user_words = user_words
        self.dictionary = dictionary
        self.normalize = normalize
        self.lowercase = lowercase
        self.stop_words = stop_words
        self.keep_whitespace = keep_whitespace
        self.keep_punctuation = keep_punctuation
        self.missing = missing
        self.output = output

    def fit(self, X: Rows, y: Any = None) -> Self:  # noqa: ARG002
        """Check the parameters and the texts.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,) or (n_samples, 1)
            Texts.
        y : None
            Ignored.

        Returns
        -------
        JiebaTokenizer
            The object itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a text is not allowed; the text names the parameter or the row.
        """
        column = self._read(X, tokens=False)
        for name in ("user_words_", "stop_words_"):
            vars(self).pop(name, None)
        user_words, stop_words = self.read_words()
        Cutter(self)
        self.user_words_, self.stop_words_ = user_words, stop_words
        self._set_column(column)
        return self

    def read_words(self) -> tuple:
        """Return the user words and the stop words, as `fit` read them or as they are now.

        Returns
        -------
        tuple (user_words, stop_words)
            Pairs of word and frequency, and words.
        """
        if hasattr(self, "user_words_"):
            return self.user_words_, self.stop_words_
        return parse_user_words(self.user_words), parse_stop_words(self.stop_words)

    def transform(self, X: Rows) -> np.ndarray:
        """Cut texts.

        Parameters
        ----------
        X : array-like of str of shape (n_samples,) or (n_samples, 1)
            Texts.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, 1), dtype object
            A list of tokens per text, or the tokens joined by spaces; in the shape of `X`.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a text is not allowed; the text names the parameter or the row.
        """
        column = self._read(X, tokens=False)
        cutter = Cutter(self)
        result = np.empty(len(column.cells), dtype=object)
        for row, text in enumerate(column.cells):
            tokens = cutter.cut(text)
            result[row] = tokens if self.output == "list" else " ".join(tokens)
        return result.reshape(-1, 1) if column.is_table else result

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Return the name of the column, which keeps its name.

        Parameters
        ----------
        input_features : array-like of str of shape (1,), default=None
            Name of the column; None takes the one that `fit` saw, or ``"text"``.

        Returns
        -------
        ndarray of shape (1,), dtype object
            The name.
        """
        return np.asarray([self._column_name(input_features)], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags

    def __sklearn_is_fitted__(self):
        return True

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("engine", self.engine, ENGINES)
        check_choice("mode", self.mode, ("default", "search"))
        check_choice("normalize", self.normalize, (None, "NFKC"))
        for name in ("hmm", "lowercase", "keep_whitespace", "keep_punctuation"):
            check_choice(name, getattr(self, name), (True, False))
        if not isinstance(self.dictionary, str | os.PathLike | None):
            raise TypeError(
                "dictionary must be None or the path of a file in jieba's format; "
                f"got {describe(self.dictionary)}."
            )
        check_choice("output", self.output, ("list", "str"))
        if self.output == "str" and self.keep_whitespace:
            raise ValueError("output='str' cannot tell kept whitespace apart; use output='list'.")
