"""JiebaVectorizer: texts to sparse TF-IDF or counts of words."""

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.checks import as_count, check_choice
from skmtl._runtime.types import Rows
from skmtl.exceptions import describe
from skmtl.preprocessing._cutter import Cutter
from skmtl.preprocessing._jieba_base import JiebaTransformer


class JiebaVectorizer(JiebaTransformer):
    """Cut Chinese texts into words and weigh the words: the features of linear baselines.

    Words of one character are kept (scikit-learn's default pattern drops them, and they are half
    of all Chinese words).

    Parameters
    ----------
    tokenizer : JiebaTokenizer, default=None
        How texts are cut into words; None is ``JiebaTokenizer()``. Its parameters are reached as
        ``tokenizer__mode``; its `missing` and `output` do not matter here.
    missing : {"raise", "empty"}, default="raise"
        Whether None, NaN or NA is an error or a row of zeros.
    weighting : {"tfidf", "count"}, default="tfidf"
        Scikit-learn's TF-IDF with rows of Euclidean length 1, or plain counts.
    ngram_range : tuple of (int, int), default=(1, 1)
        Smallest and largest number of neighbouring words that make a feature.
    min_df : int or float, default=1
        Smallest number (int) or share (float) of texts that a feature is in.
    max_df : int or float, default=1.0
        Largest number (int) or share (float) of texts that a feature is in.
    max_features : None or int >= 1, default=None
        Keep only the most frequent features.
    sublinear_tf : bool, default=False
        Whether TF-IDF counts ``1 + log(count)``.

    Attributes
    ----------
    vectorizer_ : TfidfVectorizer or CountVectorizer
        Takes lists of tokens.
    vocabulary_ : dict of str to int
        Column of each feature, in the order of their names.
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
    JiebaSequencer : Texts to padded word ids, which keep the order of the words.

    Examples
    --------
    >>> from skmtl.preprocessing import JiebaVectorizer
    >>> vectorizer = JiebaVectorizer(weighting="count")
    >>> vectorizer.fit_transform(["我爱北京", "北京，北京！"]).toarray()
    array([[1, 1, 1, 0, 0],
           [2, 0, 0, 1, 1]])
    >>> vectorizer.get_feature_names_out().tolist()
    ['北京', '我', '爱', '！', '，']
    """

    def __init__(
        self,
        *,
        tokenizer: Any = None,
        missing: Literal["raise", "empty"] = "raise",
        weighting: Literal["tfidf", "count"] = "tfidf",
        ngram_range: tuple[int, int] = (1, 1),
        min_df: int | float = 1,
        max_df: int | float = 1.0,
        max_features: int | None = None,
        sublinear_tf: bool = False,
    ) -> None:
        self.tokenizer = tokenizer
        self.missing = missing
        self.weighting = weighting
        self.ngram_range = ngram_range
        self.min_df = min_df
        self.max_df = max_df
        self.max_features = max_features
        self.sublinear_tf = sublinear_tf

    def fit(self, X: Rows, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the vocabulary and the weights of its words.

        Parameters
        ----------
        X : array-like of (str or list of str) of shape (n_samples,) or (n_samples, 1)
            Texts, or their tokens, which are taken as they are.
        y : None
            Ignored.

        Returns
        -------
        JiebaVectorizer
            The object itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a text is not allowed, or no text has a word.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Rows, y: Any = None) -> csr_matrix:  # noqa: ARG002
        """Learn the vocabulary and return the features; texts are cut only once.

        Parameters
        ----------
        X : array-like of (str or list of str) of shape (n_samples,) or (n_samples, 1)
            Texts, or their tokens, which are taken as they are.
        y : None
            Ignored.

        Returns
        -------
        csr_matrix of shape (n_samples, n_features)
            TF-IDF or counts.
        """
        return self._fit(X)

    def transform(self, X: Rows) -> csr_matrix:
        """Return the features of texts.

        Parameters
        ----------
        X : array-like of (str or list of str) of shape (n_samples,) or (n_samples, 1)
            Texts, or their tokens, which are taken as they are.

        Returns
        -------
        csr_matrix of shape (n_samples, n_features)
            TF-IDF or counts.

        Raises
        ------
        ValueError, TypeError
            If a text is not allowed; the text names the row.
        """
        check_is_fitted(self)
        cells = self._read(X, tokens=True).cells
        if not cells:
            return csr_matrix((0, len(self.vocabulary_)), dtype=self.vectorizer_.dtype)
        cutter = Cutter(self.tokenizer_)
        if str in set(map(type, cells)):
            self._check_fingerprint(cutter)
        return self.vectorizer_.transform(self._cut_cells(cells, cutter.cut))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Return the words, or n-grams of words joined by a space, of the columns.

        Parameters
        ----------
        input_features : array-like of str of shape (1,), default=None
            Name of the text column, which is checked and not part of the names.

        Returns
        -------
        ndarray of shape (n_features,), dtype object
            The names.
        """
        check_is_fitted(self)
        self._column_name(input_features)
        return self.vectorizer_.get_feature_names_out()

    def _fit(self, X):
        """Learn from texts and return their features."""
        column, tokenizer = self._read(X, tokens=True), self._new_tokenizer()
        cutter = Cutter(tokenizer)
        vectorizer = self._new_vectorizer()
        features = vectorizer.fit_transform(self._cut_cells(column.cells, cutter.cut))
        self._set_column(column)
        self.tokenizer_ = tokenizer
        self.vectorizer_ = vectorizer
        self.vocabulary_ = vectorizer.vocabulary_
        self.segmenter_fingerprint_ = self._fingerprint_of(column.cells, cutter)
        return features

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("weighting", self.weighting, ("tfidf", "count"))
        check_choice("sublinear_tf", self.sublinear_tf, (True, False))
        # the others are checked by scikit-learn, and of use in `fit` alone
        sizes = self.ngram_range
        if not isinstance(sizes, tuple | list) or len(sizes) != 2:
            raise TypeError(f"ngram_range must be a pair of ints; got {describe(sizes)}.")
        lowest, highest = (as_count("ngram_range", size) for size in sizes)
        if lowest > highest:
            raise ValueError(f"ngram_range must be in ascending order; got {sizes!r}.")

    def _new_vectorizer(self) -> CountVectorizer:
        options = {
            "tokenizer": _same,
            "preprocessor": _same,
            "token_pattern": None,
            "lowercase": False,
            "ngram_range": tuple(self.ngram_range),
            "min_df": self.min_df,
            "max_df": self.max_df,
            "max_features": self.max_features,
        }
        if self.weighting == "count":
            return CountVectorizer(**options)
        return TfidfVectorizer(**options, sublinear_tf=self.sublinear_tf)


def _same(tokens: list[str]) -> list[str]:
    """Return the tokens: scikit-learn's vectorizers take a function, and this one pickles."""
    return tokens
