"""Whether what a transformer of scikit-learn has learned belongs together.

Kinds and lengths are declared in `_transformers.py`. Here is what these do not say: whatever
compiled code takes for granted, such as positions within a sparse matrix, and which parameters need
which attributes.
"""

import math
import re

import numpy as np

from skmtl._runtime.sklearn_encoders import (
    has_nan_last,
    n_polynomials,
    validate_parameters,
)
from skmtl._runtime.storage.kinds import is_of_kind
from skmtl.exceptions import ModelFileError, shortened
from skmtl.persistence._transformers import STATE, VECTORIZERS

_MAX_PATTERN = 200  # characters of a regular expression: compiling a long one may take minutes
_MAX_DEGREE = 20  # of polynomials, whose number would take long to compute
_MAX_LABEL = 2**60  # of a category: larger whole numbers may share one hash
# the attribute that a parameter needs
_NEEDED = {
    "PowerTransformer": {"standardize": "_scaler"},
    "RobustScaler": {"with_centering": "center_", "with_scaling": "scale_"},
    "SimpleImputer": {"add_indicator": "indicator_"},
    "StandardScaler": {"with_mean": "mean_", "with_std": "scale_"},
    "TfidfTransformer": {"use_idf": "idf_"},
}


def check_transformer(estimator, state):
    """Refuse a transformer of scikit-learn that could not transform.

    Parameters
    ----------
    estimator : one of `TRANSFORMERS`
        With what it has learned.
    state : dict
        What it has learned; empty before a fit.

    Raises
    ------
    ModelFileError
        If its attributes disagree with each other or with its parameters.
    ValueError
        If a parameter is wrong.
    """
    name = type(estimator).__name__
    if not state and name in STATE:
        return
    validate_parameters(estimator)
    _check_dtype(name, getattr(estimator, "dtype", None))
    if state.get("n_features_in_", 1) < 1:
        raise ModelFileError(f"its {name} has {state['n_features_in_']} columns")
    for parameter, attribute in _NEEDED.get(name, {}).items():
        if getattr(estimator, parameter) and state.get(attribute) is None:
            raise ModelFileError(f"its {name} has {parameter}=True, but no {attribute}")
    if isinstance(estimator, VECTORIZERS):
        _check_texts(name, estimator)
    if name in _CHECKS:
        _CHECKS[name](estimator, state)


def _require(is_right, estimator, what):
    if not is_right:
        raise ModelFileError(f"{what} of its {type(estimator).__name__} disagree")


def _check_dtype(name, dtype):
    if dtype is not None and np.dtype(dtype).kind not in "biuf":
        raise ModelFileError(f"its {name} has the dtype {shortened(dtype)}, which is no number")


def _check_texts(name, vectorizer):
    pattern, ngrams = vectorizer.token_pattern, vectorizer.ngram_range
    stop_words = vectorizer.stop_words
    if pattern is not None and len(pattern) > _MAX_PATTERN:
        raise ModelFileError(
            f"its {name} has a token_pattern of {len(pattern)} characters; at most {_MAX_PATTERN} "
            "are allowed"
        )
    if pattern is not None and _n_groups(pattern) > 1:
        raise ModelFileError(f"its {name} has the token_pattern {shortened(pattern)}")
    if pattern is None and vectorizer.analyzer == "word":
        raise ModelFileError(f"its {name} has no token_pattern")
    if not is_of_kind(ngrams, tuple[int, int]) or not 1 <= ngrams[0] <= ngrams[1]:
        raise ModelFileError(f"its {name} has the ngram_range {shortened(ngrams)}")
    if not is_of_kind(stop_words, str | list[str] | None):
        raise ModelFileError(f"its {name} has stop words that are no texts")


def _n_groups(pattern) -> float:
    try:
        return re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError):
        return math.inf


def _check_words(vectorizer, state):
    name, vocabulary = type(vectorizer).__name__, vectorizer.vocabulary_
    _require(vocabulary, vectorizer, "vocabulary and columns")
    if name == "TfidfVectorizer":
        n_weights = getattr(state["_tfidf"], "n_features_in_", None)
        _require(n_weights == len(vocabulary), vectorizer, "vocabulary and weights")


def _check_encoder(encoder, state):
    categories = encoder.categories_
    _require(len(categories) == encoder.n_features_in_, encoder, "columns and categories")
    for some in categories:
        _require(_are_categories(some), encoder, "categories and their order")
    grouped, is_grouped = state.get("_infrequent_indices"), state["_infrequent_enabled"]
    _require(is_grouped == (grouped is not None), encoder, "infrequent categories")
    is_ordinal = type(encoder).__name__ == "OrdinalEncoder"
    for indices, some in zip(grouped or (), categories, strict=is_grouped):
        n_known = len(some) - (is_ordinal and has_nan_last(some))
        is_right = indices is None or _are_positions(indices, n_known)
        _require(is_right, encoder, "infrequent categories")
    dropped = state.get("drop_idx_")
    if dropped is not None:
        is_right = is_of_kind(dropped.tolist(), list[int | None]) and all(
            one is None or 0 <= one < len(some)
            for one, some in zip(dropped, categories, strict=True)
        )
        _require(is_right, encoder, "dropped categories")
    if is_ordinal:
        _check_codes(encoder)


def _check_codes(encoder):
    """Refuse a code that the dtype of the output does not hold."""
    is_used = encoder.handle_unknown == "use_encoded_value"
    codes = [encoder.unknown_value] * is_used
    codes += [encoder.encoded_missing_value] * any(map(has_nan_last, encoder.categories_))
    _require(is_of_kind(codes, list[float]), encoder, "handle_unknown and unknown_value")
    for code in codes:
        is_held = np.dtype(encoder.dtype).kind == "f" or code == code
        _require(is_held, encoder, "dtype and codes")
        np.full(1, code, encoder.dtype)  # a ValueError where it is too large


def _are_categories(some) -> bool:
    """Return whether each is there once, and numbers are in order: they are found by bisection."""
    if some.ndim != 1 or not len(some) or some.dtype.kind not in "biufUO":
        return False
    values = some.tolist()
    if some.dtype.kind == "U":
        return len(set(values)) == len(values)
    if some.dtype.kind == "O":
        return (
            is_of_kind(values, list[str | float | bool | None])
            and all(abs(v) < _MAX_LABEL for v in values if isinstance(v, int))
            and len(set(values)) == len(values)
            and sum(v != v for v in values) < 2
        )
    known = some[:-1] if has_nan_last(some) else some
    return bool((known[1:] > known[:-1]).all() and (known == known).all())


def _are_positions(indices, n) -> bool:
    """Return whether these are positions among `n`, each once, in order."""
    return (
        indices.ndim == 1
        and indices.dtype.kind in "iu"
        and len(indices) > 0
        and indices[0] >= 0
        and indices[-1] < n
        and bool((indices[1:] > indices[:-1]).all())
    )


def _check_bins(discretizer, state):
    n_bins, edges = discretizer.n_bins_, discretizer.bin_edges_
    for n, some in zip(n_bins, edges, strict=True):
        is_right = isinstance(some, np.ndarray) and some.dtype.kind == "f"
        _require(is_right and n >= 1 and some.shape == (n + 1,), discretizer, "edges and bins")
    if discretizer.encode == "ordinal":
        return
    encoder = state.get("_encoder")
    known = [some.tolist() for some in getattr(encoder, "categories_", ())]
    _require(known == [list(range(n)) for n in n_bins], discretizer, "bins and categories")
    is_plain = encoder.drop_idx_ is None and not vars(encoder)["_infrequent_enabled"]
    is_sparse = discretizer.encode == "onehot"
    _require(is_plain and encoder.sparse_output == is_sparse, discretizer, "encode and encoder")


def _check_imputer(imputer, state):
    fill = state["_fit_dtype"]
    _require(fill.kind in "iufO", imputer, "dtypes")
    values = imputer.statistics_
    if values.dtype.kind == "O":
        _require(is_of_kind(values.tolist(), list[str | float | bool | None]), imputer, "values")
    if fill.kind != "O":  # a text is no number
        _require(is_of_kind(values.tolist(), list[float | bool | None]), imputer, "values")
    if imputer.indicator_ is not None:
        flags = vars(imputer.indicator_)
        is_right = flags.get("n_features_in_") == imputer.n_features_in_
        _require(is_right and flags["_precomputed"], imputer, "columns and their indicator")


def _check_indicator(indicator, state):
    n, features = indicator.n_features_in_, indicator.features_
    is_right = not len(features) or _are_positions(features, n)
    _require(is_right and state["_n_features"] == n, indicator, "columns")


def _check_polynomials(transformer, state):
    lowest, highest = state["_min_degree"], state["_max_degree"]
    _require(0 <= lowest <= highest <= _MAX_DEGREE, transformer, f"degrees up to {_MAX_DEGREE}")
    numbers = transformer.n_output_features_, state["_n_out_full"]
    _require(numbers == n_polynomials(transformer), transformer, "degrees and columns")


def _check_power(transformer, state):
    if transformer.standardize:
        n = getattr(state["_scaler"], "n_features_in_", None)
        _require(n == transformer.n_features_in_, transformer, "columns and their scaler")


def _check_quantiles(transformer, _state):
    _require(transformer.n_quantiles_ >= 1, transformer, "quantiles")


_CHECKS = {
    "CountVectorizer": _check_words,
    "KBinsDiscretizer": _check_bins,
    "MissingIndicator": _check_indicator,
    "OneHotEncoder": _check_encoder,
    "OrdinalEncoder": _check_encoder,
    "PolynomialFeatures": _check_polynomials,
    "PowerTransformer": _check_power,
    "QuantileTransformer": _check_quantiles,
    "SimpleImputer": _check_imputer,
    "TfidfVectorizer": _check_words,
}
