"""The closed list of classes that a model file may name."""

from functools import cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skmtl import aggregation, preprocessing, sharing, weighting
from skmtl._runtime.storage.kinds import mismatch
from skmtl.exceptions import ModelFileError, shortened
from skmtl.preprocessing._vocabulary import N_RESERVED

_SPECIAL_TOKENS = {"[UNK]", "[CLS]", "[SEP]"}

_COLUMN = {"n_features_in_": int, "feature_names_in_": np.ndarray | None}
_WORDS = {
    **_COLUMN,
    "tokenizer_": preprocessing.JiebaTokenizer,
    "segmenter_fingerprint_": str | None,
    "vocabulary_": dict[str, int],
}
# what each class has learned in a fit, and of which kind it is; all others have learned nothing
STATE = {
    "MultiTaskClassifier": {
        "n_features_in_": int | None,
        "feature_names_in_": np.ndarray | None,
    },
    "ImageLoader": _COLUMN,
    "ImageNormalizer": {**_COLUMN, "mean_": np.ndarray | None, "std_": np.ndarray | None},
    "JiebaTokenizer": {
        **_COLUMN,
        "user_words_": tuple[tuple[str, int | None], ...],
        "stop_words_": tuple[str, ...],
    },
    "JiebaSequencer": {**_WORDS, "n_tokens_": int},
    "JiebaVectorizer": {**_WORDS, "idf_": np.ndarray | None},
    "WordPieceSequencer": {
        **_COLUMN,
        "vocabulary_": dict[str, int],
        "n_tokens_": int,
        "_form": str | None,
        "_has_words": bool,
        "_lowercase": bool,
        "_strip_accents": bool,
    },
    "ColumnTransformer": {
        "n_features_in_": int,
        "feature_names_in_": np.ndarray | None,
        "transformers_": list[tuple[str, Any, Any]] | None,
        "output_indices_": dict[str, slice] | None,
        "sparse_output_": bool | None,
        "_columns": list[Any] | None,
        "_name_to_fitted_passthrough": dict[str, Any] | None,
        "_n_features": int | None,
        "_remainder": tuple[str, Any, Any] | None,
        "_transformer_to_input_indices": dict[str, list[int]] | None,
    },
    "FunctionTransformer": {
        "n_features_in_": int | None,
        "feature_names_in_": np.ndarray | None,
    },
}
# parameters that name places of one machine to write to
_LEFT_OUT = {
    "Pipeline": ("memory",),
    "MultiTaskClassifier": ("checkpoint_path", "feature_cache"),
}


@cache
def known_classes() -> dict:
    """Return the classes by name: our own, and three of scikit-learn."""
    from skmtl.classifier import MultiTaskClassifier

    found = [MultiTaskClassifier, Pipeline, ColumnTransformer, FunctionTransformer]
    for package in (preprocessing, weighting, aggregation, sharing):
        found += [
            value
            for name in package.__all__
            if isinstance(value := getattr(package, name), type)
            and issubclass(value, BaseEstimator)
            and not getattr(value, "__abstractmethods__", None)
        ]
    return {value.__name__: value for value in found}


def class_name(thing) -> str | None:
    """Return the name under which a file may hold this object, None if it may not."""
    name = type(thing).__name__
    return name if known_classes().get(name) is type(thing) else None


def class_of(name):
    """Return the class of a name in a file."""
    if not isinstance(name, str) or name not in known_classes():
        raise ModelFileError(f"it names the class {shortened(name)}, which no model has")
    return known_classes()[name]


def left_out(name) -> tuple:
    """Return the parameters that are not saved."""
    return _LEFT_OUT.get(name, ())


def learned(estimator) -> dict:
    """Return what a fit has left in an estimator, by attribute."""
    known = STATE.get(type(estimator).__name__, {})
    return {name: value for name, value in vars(estimator).items() if name in known}


def check_state(estimator, state):
    """Refuse learned attributes that no fit leaves.

    Compiled code trusts what a vocabulary says: a column beyond the last one is written out of
    bounds by a sparse matrix.

    Raises
    ------
    ModelFileError
        If an attribute is unknown, missing or of another kind, or an id is out of range.
    """
    name = type(estimator).__name__
    if not state:
        return
    trouble = mismatch(state, STATE.get(name, {}))
    if trouble:
        raise ModelFileError(f"its {name} has attributes that no fit leaves: {trouble}")
    if "vocabulary_" not in state:
        return
    first = N_RESERVED if name == "JiebaSequencer" else 0
    ids = sorted(state["vocabulary_"].values())
    n_tokens = state.get("n_tokens_", len(ids))
    is_dense = name != "WordPieceSequencer"  # whose file may have a token twice
    if (
        len(set(ids)) < len(ids)
        or (ids and (ids[0] < first or ids[-1] >= n_tokens))
        or (is_dense and len(ids) + first != n_tokens)
    ):
        raise ModelFileError(f"the vocabulary of its {name} has other ids than {n_tokens} tokens")
    missing = _SPECIAL_TOKENS - state["vocabulary_"].keys()
    if name == "WordPieceSequencer" and missing:
        raise ModelFileError(f"the vocabulary of its {name} has no {sorted(missing)}")
