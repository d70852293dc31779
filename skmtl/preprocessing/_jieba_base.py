"""What the three text transformers share: parameters, reading of texts, the fingerprint."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skmtl.preprocessing._cutter import Cutter
from skmtl.preprocessing._text import TextColumn, check_texts, read_text_column


class JiebaTransformer(TransformerMixin, BaseEstimator, ABC):
    """Transformer of one column of texts; subclasses store the parameters read here."""

    @abstractmethod
    def fit(self, X, y=None):
        """Learn from the texts `X` and return self.

        Parameters
        ----------
        X : table with one column of texts, or list of them
            The texts.
        y : None
            Not used.

        Returns
        -------
        self
        """

    @abstractmethod
    def transform(self, X):
        """Return the features of the texts `X`.

        Parameters
        ----------
        X : table with one column of texts, or list of them
            The texts.

        Returns
        -------
        ndarray of shape (n_samples, ...), sparse matrix, list or DataFrame
            One entry per row.
        """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = self.missing == "empty"
        tags.transformer_tags.preserves_dtype = []
        tags.no_validation = True
        return tags

    def __setstate__(self, state):
        super().__setstate__(state)
        if getattr(self, "segmenter_fingerprint_", None) is not None:
            # This process may segment otherwise than the one that fitted: look once.
            self._is_fingerprint_unchecked = True

    def _cutter(self) -> Cutter:
        return Cutter(
            engine=self.engine,
            mode=self.mode,
            hmm=self.hmm,
            user_words=self.user_words,
            dictionary=self.dictionary,
            normalize=self.normalize,
            lowercase=self.lowercase,
            stop_words=self.stop_words,
            keep_whitespace=self.keep_whitespace,
            keep_punctuation=self.keep_punctuation,
        )

    def _read(self, X, *, tokens: bool) -> TextColumn:
        """Return the column with checked cells; `tokens` allows lists of tokens."""
        if self.missing not in ("raise", "empty"):
            raise ValueError(f"missing must be one of 'raise', 'empty'; got {self.missing!r}.")
        column = read_text_column(X)
        return column._replace(cells=check_texts(column.cells, self.missing, tokens=tokens))

    def _cut_cells(self, cells: list, cut) -> Iterator[list[str]]:
        """Yield the tokens of each cell; a list of tokens is taken as it is."""
        return (cut(cell) if type(cell) is str else cell for cell in cells)

    def _fingerprint_of(self, cells: list, cutter: Cutter) -> str | None:
        """Return the fingerprint to store at fit: None where all cells came as tokens."""
        self.__dict__.pop("_is_fingerprint_unchecked", None)
        return cutter.fingerprint() if str in set(map(type, cells)) else None

    def _set_column(self, column: TextColumn) -> None:
        """Store what scikit-learn calls the features seen in fit: one column of texts."""
        self.n_features_in_ = 1
        if column.name is not None:
            self.feature_names_in_ = np.asarray([column.name], dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _column_name(self, input_features) -> str:
        """Return the name of the text column: the one given, the one seen in fit, or "text"."""
        seen = getattr(self, "feature_names_in_", None)
        if input_features is None:
            return "text" if seen is None else seen[0]
        if len(input_features) != 1:
            raise ValueError(
                f"input_features must have length 1, one text column; got {input_features!r}."
            )
        if seen is not None and input_features[0] != seen[0]:
            raise ValueError(
                f"input_features must be [{seen[0]!r}] as seen in fit; got {input_features!r}."
            )
        return input_features[0]

    def _check_fingerprint(self, cutter: Cutter) -> None:
        """Warn, once after unpickling, where words differ from those that were fitted."""
        if not self.__dict__.pop("_is_fingerprint_unchecked", False):
            return
        current = cutter.fingerprint()
        if current != self.segmenter_fingerprint_:
            warnings.warn(
                f"This {type(self).__name__} was fitted with another segmentation "
                f"(fingerprint {self.segmenter_fingerprint_[:12]}, here {current[:12]}), so "
                "words may be cut differently and miss the vocabulary. Install the versions "
                "of the fit, or fit again.",
                stacklevel=3,
            )
