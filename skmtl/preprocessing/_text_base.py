"""What all text transformers share: reading of texts, the name of the column, tags."""

from abc import ABC

import numpy as np

from skmtl._runtime.checks import check_choice
from skmtl.preprocessing._column_base import OneColumnTransformer
from skmtl.preprocessing._text import TextColumn, check_texts, read_text_column


class TextTransformer(OneColumnTransformer, ABC):
    """Transformer of one column of texts, with a parameter `missing`."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.missing == "empty"
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _check_parameters(self):
        check_choice("missing", self.missing, ("raise", "empty"))

    def _read(self, X, *, tokens: bool) -> TextColumn:
        """Return the column with checked cells; `tokens` allows lists of tokens."""
        self._check_parameters()
        column = read_text_column(X)
        return column._replace(cells=check_texts(column.cells, self.missing, tokens=tokens))

    def _set_column(self, column: TextColumn) -> None:
        """Store what scikit-learn calls the features seen in fit: one column of texts."""
        self.n_features_in_ = 1
        vars(self).pop("feature_names_in_", None)
        if column.name is not None:
            self.feature_names_in_ = np.asarray([column.name], dtype=object)

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

    def _numbered_names(self, input_features, n_names) -> np.ndarray:
        """Return the name of the column with each number, ``"text_0"`` and so on."""
        name = self._column_name(input_features)
        return np.asarray([f"{name}_{place}" for place in range(n_names)], dtype=object)
