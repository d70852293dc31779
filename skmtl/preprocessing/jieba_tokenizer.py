"""JiebaTokenizer: texts to lists of words."""

import numpy as np

from skmtl.preprocessing._jieba_base import JiebaTransformer


class JiebaTokenizer(JiebaTransformer):
    """Cut Chinese texts into words, as jieba 0.42.1 does.

    Stateless: `fit` checks its input and learns nothing, and a pickle holds the parameters only.

    Parameters
    ----------
    engine : {"auto", "jieba", "rjieba"}, default="auto"
        ``"jieba"`` is jieba's algorithm over jieba's tables; ``"auto"`` gives the same words,
        faster where the package rjieba is installed; ``"rjieba"`` is faster still and differs
        from jieba in rare near-ties of its character model.
    mode : {"default", "search"}, default="default"
        ``"search"`` puts before each long word the words of 2 and 3 characters within it.
    hmm : bool, default=True
        Whether characters that form no known word are joined by a hidden Markov model.
    user_words : None, dict of str to (int or None), or iterable of str, default=None
        Words to add: a dict from words to frequencies, or lines ``word [frequency] [tag]`` as
        in jieba's user dictionaries. Without a frequency, one is chosen that keeps the word
        whole; frequency 0 takes a word out. Needs jieba's tables, so ``"auto"`` uses them.
    dictionary : None or path, default=None
        A dictionary file to use instead of jieba's: UTF-8 lines ``word frequency [tag]``.
    normalize : {None, "NFKC"}, default=None
        Unicode normalisation before the cut; NFKC makes full-width letters plain.
    lowercase : bool, default=False
        Whether tokens are made lower-case after the cut (the dictionary knows "T恤").
    stop_words : None or collection of str, default=None
        Tokens to leave out. Keep it None for models of word order or TF-IDF unless measured.
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
        engine="auto",
        mode="default",
        hmm=True,
        user_words=None,
        dictionary=None,
        normalize=None,
        lowercase=False,
        stop_words=None,
        keep_whitespace=False,
        keep_punctuation=True,
        missing="raise",
        output="list",
    ):
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

    def fit(self, X, y=None):  # noqa: ARG002
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
        self._check_output()
        self._cutter()
        self._set_column(self._read(X, tokens=False))
        return self

    def transform(self, X):
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
        self._check_output()
        cutter = self._cutter()
        column = self._read(X, tokens=False)
        result = np.empty(len(column.cells), dtype=object)
        for row, text in enumerate(column.cells):
            tokens = cutter.cut(text)
            result[row] = tokens if self.output == "list" else " ".join(tokens)
        return result.reshape(-1, 1) if column.is_table else result

    def get_feature_names_out(self, input_features=None):
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

    def _check_output(self):
        if self.output not in ("list", "str"):
            raise ValueError(f"output must be one of 'list', 'str'; got {self.output!r}.")
        if self.output == "str" and self.keep_whitespace:
            raise ValueError("output='str' cannot tell kept whitespace apart; use output='list'.")
