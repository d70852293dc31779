"""The closed list of classes that a model file may name."""

from functools import cache
from typing import Any, Literal, NotRequired

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from skmtl import aggregation, preprocessing, sharing, weighting
from skmtl._runtime.storage.kinds import is_of_kind, mismatch
from skmtl.exceptions import ModelFileError, shortened
from skmtl.persistence import _transformers
from skmtl.preprocessing._vocabulary import N_RESERVED

_SPECIAL_TOKENS = {"[UNK]", "[CLS]", "[SEP]"}

_COLUMN = {"n_features_in_": Literal[1], "feature_names_in_": NotRequired[np.ndarray]}
_WORDS = {
    **_COLUMN,
    "tokenizer_": preprocessing.JiebaTokenizer,
    "segmenter_fingerprint_": str | None,
    "vocabulary_": dict[str, int],
}
ESTIMATORS = ("MultiTaskClassifier", "MultiTaskRegressor", "MultiTaskEstimator")
# what each class has learned in a fit, and of which kind it is; all others have learned nothing
STATE = {
    **{
        name: {"n_features_in_": int, "feature_names_in_": NotRequired[np.ndarray]}
        for name in ESTIMATORS
    },
    "ImageLoader": _COLUMN,
    "ImageNormalizer": {
        **_COLUMN,
        "mean_": NotRequired[np.ndarray],
        "std_": NotRequired[np.ndarray],
    },
    "JiebaTokenizer": {
        **_COLUMN,
        "user_words_": tuple[tuple[str, int | None], ...],
        "stop_words_": tuple[str, ...],
    },
    "JiebaSequencer": {
        **_WORDS,
        "n_tokens_": int,
        "max_len_": int,
        "char_ngrams_": int,
    },
    "JiebaVectorizer": {**_WORDS, "idf_": np.ndarray | None},
    "WordPieceSequencer": {
        **_COLUMN,
        "vocabulary_": dict[str, int],
        "n_tokens_": int,
        "max_len_": int,
        "_form": Literal["NFKC"] | None,
        "_has_words": bool,
        "_lowercase": bool,
        "_strip_accents": bool,
    },
    "ColumnTransformer": {
        "n_features_in_": int,
        "feature_names_in_": NotRequired[np.ndarray],
        "transformers_": list[tuple[str, Any, Any]],
        "output_indices_": NotRequired[dict[str, slice]],
        "sparse_output_": NotRequired[bool],
    },
    **_transformers.STATE,
}
# parameters that name places of one machine to write to
_LEFT_OUT = {
    "Pipeline": ("memory",),
    **dict.fromkeys(ESTIMATORS, ("checkpoint_path", "feature_cache")),
}


@cache
def known_classes() -> dict:
    """Return the classes by name: our own, and common ones of scikit-learn."""
    from skmtl import estimators

    found = [getattr(estimators, name) for name in ESTIMATORS]
    found += [Pipeline, ColumnTransformer, *_transformers.TRANSFORMERS]
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


def is_versioned(name) -> bool:
    """Return whether what a class has learned depends on the version of scikit-learn."""
    return name in STATE and class_of(name).__module__.startswith("sklearn.")


def check_state(estimator, state):
    """Refuse learned attributes that no fit leaves.

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
    if "feature_names_in_" in state:
        names = state["feature_names_in_"].tolist()
        if not is_of_kind(names, list[str]) or len(set(names)) != state["n_features_in_"]:
            raise ModelFileError(
                f"its {name} has the columns {shortened(names)}, and {state['n_features_in_']}"
            )
    if name == "ImageNormalizer" and estimator.scaling == "standardize":
        _check_moments(state)
    if state.get("max_len_", 3) < (3 if name == "WordPieceSequencer" else 1):
        raise ModelFileError(f"its {name} makes texts of {state['max_len_']} ids")
    if "vocabulary_" in state:
        vocabulary = state["vocabulary_"]
        _check_vocabulary(name, vocabulary, state.get("n_tokens_", len(vocabulary)))
    if name == "JiebaVectorizer":
        shape = np.shape(state["idf_"])
        if shape != ((len(state["vocabulary_"]),) if estimator.weighting == "tfidf" else ()):
            raise ModelFileError(f"its JiebaVectorizer has weights of the shape {shape}")


def _check_moments(state):
    moments = [state.get("mean_"), state.get("std_")]
    shape = np.shape(moments[0])
    if (
        not is_of_kind(moments, list[np.ndarray])
        or len(shape) != 1
        or any(part.shape != shape or part.dtype.kind != "f" for part in moments)
    ):
        raise ModelFileError("its ImageNormalizer has no mean and deviation for each channel")


def _check_vocabulary(name, vocabulary, n_tokens):
    """Refuse ids beyond the last one: compiled code of a sparse matrix writes out of bounds."""
    first = N_RESERVED if name == "JiebaSequencer" else 0
    ids = sorted(vocabulary.values())
    is_dense = name != "WordPieceSequencer"  # whose file may have a token twice
    if (
        len(set(ids)) < len(ids)
        or (ids and (ids[0] < first or ids[-1] >= n_tokens))
        or (is_dense and len(ids) + first != n_tokens)
    ):
        raise ModelFileError(f"the vocabulary of its {name} has other ids than {n_tokens} tokens")
    missing = _SPECIAL_TOKENS - vocabulary.keys()
    if name == "WordPieceSequencer" and missing:
        raise ModelFileError(f"the vocabulary of its {name} has no {sorted(missing)}")
