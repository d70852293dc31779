"""What the transformers with a vocabulary of jieba's words share: a tokenizer, its fingerprint."""

import warnings
from abc import ABC
from collections.abc import Iterator
from typing import Any, Self

from sklearn.base import clone

from skmtl.exceptions import describe
from skmtl.preprocessing._cutter import Cutter
from skmtl.preprocessing._text_base import TextTransformer
from skmtl.preprocessing.jieba_tokenizer import JiebaTokenizer


class JiebaTransformer(TextTransformer, ABC):
    """Transformer of texts that a `JiebaTokenizer` cuts; `tokenizer` is a parameter."""

    def set_params(self, **params: Any) -> Self:
        """Set parameters; those of the tokenizer as ``tokenizer__mode``, also where it is None.

        Parameters
        ----------
        **params : dict
            Parameters by name.

        Returns
        -------
        self
        """
        is_tokenizer_set = self.tokenizer is not None or "tokenizer" in params
        if not is_tokenizer_set and any(name.startswith("tokenizer__") for name in params):
            params = {"tokenizer": JiebaTokenizer(), **params}
        return super().set_params(**params)

    def __setstate__(self, state):
        super().__setstate__(state)
        if getattr(self, "segmenter_fingerprint_", None) is not None:
            # this process may segment otherwise than the one that fitted: look once
            self._is_fingerprint_unchecked = True

    def _new_tokenizer(self) -> JiebaTokenizer:
        """Return a fitted copy of the tokenizer, which holds the words of its files."""
        tokenizer = JiebaTokenizer() if self.tokenizer is None else self.tokenizer
        if not isinstance(tokenizer, JiebaTokenizer):
            raise TypeError(
                f"tokenizer must be None or a JiebaTokenizer; got {describe(tokenizer)}."
            )
        return clone(tokenizer).fit([])

    def _cut_cells(self, cells: list, cut) -> Iterator[list[str]]:
        """Yield the tokens of each cell; a list of tokens is taken as it is."""
        return (cut(cell) if type(cell) is str else cell for cell in cells)

    def _fingerprint_of(self, cells: list, cutter: Cutter) -> str | None:
        """Return the fingerprint to store at fit: None where all cells came as tokens."""
        vars(self).pop("_is_fingerprint_unchecked", None)
        return cutter.fingerprint() if str in set(map(type, cells)) else None

    def _check_fingerprint(self, cutter: Cutter) -> None:
        """Warn, once after unpickling, where words differ from those that were fitted."""
        if not vars(self).pop("_is_fingerprint_unchecked", False):
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
