"""A column of texts, or of their token ids."""

from typing import ClassVar, final

import keras
import numpy as np
from keras import ops
from sklearn.base import clone

from skmtl.backbones._token_networks import TOKEN_NETWORKS
from skmtl.backbones.text import build_text_backbone, describe_text_backbone, n_ids_of
from skmtl.columns._base import ColumnKind
from skmtl.columns._parameters import backbone_branch, check_pooling
from skmtl.columns._spec import BranchSpec
from skmtl.data import Modality
from skmtl.data.cells import is_missing
from skmtl.exceptions import describe
from skmtl.preprocessing import JiebaSequencer, WordPieceSequencer

POOLINGS = ("mean", "max", "cls")
UNKNOWN_ID = 1  # in every sequencer


@final
class TextColumn(ColumnKind):
    """Turns cells into token ids of one length; see `ColumnKind`."""

    kind: ClassVar[str] = "text"

    def __init__(self, name, options):
        self.name = name
        self.sequencer_ = _sequencer(options)
        self.has_own_vocabulary = _has_own_vocabulary(options.get("text_backbone"))
        self.n_ids_ = n_ids_of(options.get("text_backbone"))
        self.shape_ = None
        self.dtype_ = "int32"
        self.n_tokens_ = None

    @property
    def words(self) -> dict | None:
        """Ids of the words, None where the cells are token ids."""
        return None if self.sequencer_ is None else self.sequencer_.vocabulary_

    def fit(self, cells) -> Modality:
        """Learn the vocabulary."""
        first = cells if cells.ndim == 2 else next((c for c in cells if not is_missing(c)), None)
        if isinstance(first, np.ndarray) and first.dtype.kind in "iu":
            self.sequencer_ = None
            ids = _checked_ids(self.name, cells)
            self.n_tokens_ = int(ids.max(initial=UNKNOWN_ID)) + 1
        else:
            ids = self.sequencer_.fit_transform(cells)
            self.n_tokens_ = self.sequencer_.n_tokens_
        self._check_highest(ids)
        self.shape_ = ids.shape[1:]
        modality = _with_tokens(ids)
        if not modality.present.any():
            raise ValueError(f"X: column {self.name!r} has no cell that is not missing.")
        return modality

    def encode(self, cells) -> Modality:
        """Return the token ids of other cells; an id above those of `fit` is an unknown word."""
        if self.sequencer_ is not None:
            if cells.ndim == 2:
                raise ValueError(
                    f"X: column {self.name!r} held texts in fit, so it must hold texts; "
                    f"got token ids: {describe(cells)}."
                )
            ids = self.sequencer_.transform(cells)
            self._check_highest(ids)
            return _with_tokens(ids)
        ids = _checked_ids(self.name, cells)
        if cells.ndim == 2 and len(ids) and ids.shape[1:] != self.shape_:
            raise ValueError(
                f"X: column {self.name!r} must have the {self.shape_[0]} token ids a row of fit; "
                f"got {ids.shape[1]}."
            )
        fixed = np.zeros((len(ids), *self.shape_), np.int32)
        n_kept = min(ids.shape[1], self.shape_[0])
        fixed[:, :n_kept] = ids[:, :n_kept]
        if not self.has_own_vocabulary:
            fixed[fixed >= self.n_tokens_] = UNKNOWN_ID
        self._check_highest(fixed)
        return _with_tokens(fixed)

    def _check_highest(self, ids):
        """Raise for ids beyond the user's Embedding layer: some backends would not notice them."""
        if self.n_ids_ is None or ids.max(initial=0) < self.n_ids_:
            return
        row = int(np.argmax(ids.max(axis=1) >= self.n_ids_))
        raise ValueError(
            f"X: column {self.name!r}, row {row} has the token id {ids[row].max()}; the Embedding "
            f"layer of text_backbone has input_dim={self.n_ids_}, so ids must be below that: give "
            "it a larger input_dim, or map other ids to that of unknown words."
        )

    def branch(self, name, options, *, straight) -> BranchSpec:
        """Return the specification of the branch; see `ColumnKind`."""
        backbone = options.get("text_backbone")
        backbone_options = options.routed("text_backbone")
        info = describe_text_backbone(backbone, options=backbone_options)
        has_vectors = backbone_options.get("vectors") is not None
        return backbone_branch(
            self,
            name,
            options,
            info=info,
            backbone=backbone,
            backbone_options=backbone_options,
            pooling=check_pooling(options, info, POOLINGS),
            straight=straight,
            vocabulary_size=self.n_tokens_,
            words=self.words if has_vectors else None,
            # one vector for all rare words says nothing about a text; but where the user gives
            # token ids, 1 may be a word
            skips_unknown=backbone == "mean_embedding" and self.sequencer_ is not None,
        )

    @staticmethod
    def encoder(spec) -> keras.Model:
        """Return backbone and pooling as one model, from token ids to a vector."""
        backbone = build_text_backbone(
            spec.backbone,
            vocabulary_size=spec.vocabulary_size,
            max_len=spec.input_shape[0],
            options=dict(spec.backbone_options),
            words=spec.words,
        )
        shape = backbone.input_shape[1:]
        ids = keras.Input(shape, dtype=spec.input_dtype, name=spec.modality)
        x = backbone(ids)
        if len(x.shape) == 3:
            first = UNKNOWN_ID + 1 if spec.skips_unknown else 1
            x = _pool_tokens(x, ids, spec.pooling, first)
        return keras.Model(ids, x, name=f"{spec.modality}_encoder")

    def preprocessing(self) -> dict:
        """Return how texts become token ids."""
        known = {"padding": 0, "missing": "zeros, and has_<branch> = 0"}
        if self.sequencer_ is None:
            return known
        return known | {
            "tokenizer": type(self.sequencer_).__name__,
            "parameters": self.sequencer_.get_params() | {"max_len": self.shape_[0]},
            "vocabulary": self.sequencer_.vocabulary_,
        }

    def describe(self) -> str:
        """Describe the vocabulary and the length of the texts."""
        return f"{self.n_tokens_:,} tokens, {self.shape_[0]} a text"


def _sequencer(options):
    """Return the tokenizer: the parameter's, or the one that the text backbone was trained with."""
    tokenizer, backbone = options.get("tokenizer"), options.get("text_backbone")
    if tokenizer is None and isinstance(backbone, str):
        info = describe_text_backbone(backbone, options=options.routed("text_backbone"))
        if info.tokenizer is not None:
            tokenizer = WordPieceSequencer(vocabulary=info.tokenizer)
    tokenizer = JiebaSequencer() if tokenizer is None else clone(tokenizer)
    return tokenizer.set_params(**{**options.routed("tokenizer"), "missing": "empty"})


def _has_own_vocabulary(backbone) -> bool:
    """Return whether a backbone knows ids that no row of `fit` has, as pretrained ones do."""
    return not (isinstance(backbone, str) and backbone in TOKEN_NETWORKS)


def _with_tokens(ids) -> Modality:
    # a text without any token counts as missing
    return Modality.of_table(ids, (ids != 0).any(axis=1))


def _checked_ids(name, cells) -> np.ndarray:
    """Return token ids ``(n_samples, max_len)`` of an array, or of a column of 1-D arrays."""
    ids = cells if cells.ndim == 2 else _stacked_ids(name, cells)
    if ids.dtype.kind not in "iu":
        raise ValueError(f"X: column {name!r}: token ids must be integers; got {describe(ids)}.")
    if ids.size and ids.min() < 0:
        raise ValueError(
            f"X: column {name!r}: token ids must not be negative; got {ids.min()} in row "
            f"{int(np.argmin(ids.min(axis=1)))}."
        )
    return np.minimum(ids, np.iinfo(np.int32).max).astype(np.int32)


def _stacked_ids(name, column) -> np.ndarray:
    """Stack 1-D id arrays of one column, padded with 0 to the longest."""
    width = max((len(cell) for cell in column if not is_missing(cell)), default=1)
    ids = np.zeros((len(column), width), np.int64)
    for row, cell in enumerate(column):
        if is_missing(cell):
            continue
        if not isinstance(cell, np.ndarray) or cell.dtype.kind not in "iu" or cell.ndim != 1:
            raise TypeError(
                f"X: column {name!r}, row {row} must be a 1-D array of token ids, as in the first "
                f"row; got {describe(cell)}."
            )
        ids[row, : len(cell)] = cell
    return ids


def _pool_tokens(x, ids, pooling, first=1):
    """Pool token vectors ``(n, max_len, d)`` over the ids from `first` on; 0 is padding."""
    if pooling == "cls":
        return x[:, 0]
    present = ops.cast(ids >= first, x.dtype)
    if pooling == "max":
        mask = ops.expand_dims(present, -1)
        # padding must not win, and an empty text gives zeros
        return ops.max(x * mask + (mask - 1.0) * 1e4, axis=1) * ops.max(mask, axis=1)
    # as a matrix product: a product and its sum would pass over the vectors twice
    total = ops.squeeze(ops.matmul(ops.expand_dims(present, 1), x), axis=1)
    return total / ops.maximum(ops.sum(present, axis=1, keepdims=True), 1.0)
