"""The input of the network: columns of X to pixels, token ids and numbers."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_array

from skmtl.data import Modality, Table, is_missing, split_columns
from skmtl.exceptions import describe
from skmtl.preprocessing import JiebaSequencer
from skmtl.preprocessing._read_images import ImageFormat, read_images


class InputEncoder:
    """Learn the shapes of a table and turn tables into arrays.

    Parameters
    ----------
    image_column, text_column : str or None
        Names of the columns, None to find them.
    image_size : tuple (height, width) or None
        Size that all images are brought to; None takes them as they are.
    tokenizer : JiebaSequencer, WordPieceSequencer or None
        Texts to token ids; None for a `JiebaSequencer`.
    tokenizer_options : dict, optional
        Parameters set on it.
    """

    def __init__(
        self,
        *,
        image_column=None,
        text_column=None,
        image_size=None,
        tokenizer=None,
        tokenizer_options=None,
    ):
        self.image_column = image_column
        self.text_column = text_column
        self.image_size = image_size
        self.tokenizer = tokenizer
        self.tokenizer_options = tokenizer_options or {}

    def fit_transform(self, X) -> Table:
        """Learn the modalities, their shapes and the vocabulary; return the arrays of X.

        Parameters
        ----------
        X : table
            See `skmtl.data.split_columns`.

        Returns
        -------
        Table

        Raises
        ------
        TypeError, ValueError
            If a column or a cell is not what it must be.
        """
        columns = self._columns(X)
        n_samples = _n_rows(columns)
        if n_samples == 0:
            raise ValueError(
                f"Found array with 0 sample(s) (shape={getattr(X, 'shape', (0,))}) while a minimum "
                "of 1 is required: X has no rows."
            )
        self.shapes_, self.dtypes_, self.sequencer_ = {}, {}, None
        self.vocabulary_size_ = None
        if "text" in columns:
            self._fit_text(columns["text"])
        modalities = {}
        for name, column in columns.items():
            modality = self._encode(name, column)
            if not modality.present.any():
                raise ValueError(f"X: column {name!r} has no cell that is not missing.")
            self.shapes_[name] = modality.values.shape[1:]
            self.dtypes_[name] = modality.values.dtype.name
            modalities[name] = modality
        return Table(n_samples, modalities)

    def transform(self, X) -> Table:
        """Return the arrays of a table with the columns seen in `fit_transform`."""
        columns = self._columns(X)
        if set(columns) != set(self.shapes_):
            raise ValueError(
                f"X must have the modalities seen in fit, {sorted(self.shapes_)}; "
                f"got {sorted(columns)}."
            )
        modalities = {}
        for name in self.shapes_:
            modality = self._encode(name, columns[name])
            shape, dtype = modality.values.shape[1:], modality.values.dtype
            if len(modality.values) and shape != self.shapes_[name]:
                raise ValueError(
                    f"X: {name} cells must have the shape seen in fit, {self.shapes_[name]}; "
                    f"got {shape}."
                )
            if len(modality.values) and dtype != self.dtypes_[name]:
                raise ValueError(
                    f"X: {name} cells must have the dtype seen in fit, {self.dtypes_[name]} "
                    f"(uint8 pixels are raw, float pixels normalised); got {dtype}."
                )
            if not len(modality.values):
                empty = np.empty((0, *self.shapes_[name]), self.dtypes_[name])
                modality = Modality(empty, modality.positions)
            modalities[name] = modality
        return Table(_n_rows(columns), modalities)

    def _columns(self, X) -> dict:
        columns = split_columns(X, image_column=self.image_column, text_column=self.text_column)
        if "numeric" in columns:
            with np.errstate(over="ignore"):  # what becomes infinite is an error right after
                columns["numeric"] = check_array(
                    columns["numeric"], dtype=np.float32, input_name="X", ensure_min_samples=0
                )
            if not len(columns["numeric"]):
                check_array(columns["numeric"], input_name="X")
        return columns

    def _encode(self, name, column) -> Modality:
        if name == "numeric":
            return Modality.of_rows(column)
        return self._encode_images(column) if name == "image" else self._encode_text(column)

    # -- images ----------------------------------------------------------------------------

    def _encode_images(self, column) -> Modality:
        seen = None
        if "image" in self.shapes_:
            seen = ImageFormat(self.shapes_["image"], self.dtypes_["image"])
        images = read_images(column, size=self.image_size, seen=seen)
        return Modality.of_rows(images.values, images.present)

    @property
    def words_(self):
        """Ids of the words, None where X holds token ids."""
        return None if self.sequencer_ is None else self.sequencer_.vocabulary_

    # -- texts -----------------------------------------------------------------------------

    def _fit_text(self, column):
        if column.dtype != object:
            self.vocabulary_size_ = int(_checked_ids(column).max(initial=1)) + 1
            return
        first = next((cell for cell in column if not is_missing(cell)), None)
        if isinstance(first, np.ndarray) and first.dtype.kind in "iu":
            ids = _stacked_ids(column)
            self.vocabulary_size_ = int(ids.max(initial=1)) + 1
            return
        prototype = JiebaSequencer() if self.tokenizer is None else clone(self.tokenizer)
        options = {**self.tokenizer_options, "missing": "empty"}
        self.sequencer_ = prototype.set_params(**options).fit(column)
        self.vocabulary_size_ = self.sequencer_.n_tokens_

    def _encode_text(self, column) -> Modality:
        if self.sequencer_ is not None:
            if column.dtype != object:
                raise ValueError(
                    "X: the text column held texts in fit, so it must hold texts; "
                    f"got token ids: {describe(column)}."
                )
            ids = self.sequencer_.transform(column)
        else:
            ids = _checked_ids(column) if column.dtype != object else _stacked_ids(column)
        if ids.size and ids.max() >= self.vocabulary_size_:
            row = int(np.argmax(ids.max(axis=1)))
            raise ValueError(
                f"X: text row {row} has the token id {ids.max()}; the largest one seen in fit is "
                f"{self.vocabulary_size_ - 1}."
            )
        present = (ids != 0).any(axis=1)  # a text without any token says nothing: it is missing
        return Modality.of_rows(ids if present.all() else ids[present], present)


def _n_rows(columns) -> int:
    return len(next(iter(columns.values())))


def _checked_ids(ids) -> np.ndarray:
    if ids.ndim != 2 or ids.dtype.kind not in "iu":
        raise ValueError(
            f"X: token ids must be integers of shape (n_samples, max_len); got {describe(ids)}."
        )
    if ids.size and ids.min() < 0:
        raise ValueError(f"X: token ids must not be negative; got {ids.min()}.")
    return ids.astype(np.int32)


def _stacked_ids(column) -> np.ndarray:
    """Stack 1-D id arrays of one column, padded with 0 to the longest."""
    width = max((len(cell) for cell in column if not is_missing(cell)), default=1)
    ids = np.zeros((len(column), width), np.int64)
    for row, cell in enumerate(column):
        if is_missing(cell):
            continue
        if not isinstance(cell, np.ndarray) or cell.dtype.kind not in "iu" or cell.ndim != 1:
            raise TypeError(
                f"X: text row {row} must be a 1-D array of token ids, as in the first row; "
                f"got {describe(cell)}."
            )
        ids[row, : len(cell)] = cell
    return _checked_ids(ids)
