"""The transformers of scikit-learn that a model file may hold, and what each learns in a fit.

A new transformer is an entry in `TRANSFORMERS` and one in `STATE`, its number of output columns in
`_widths.py`, and in `_transformer_checks.py` what lengths alone do not say. Only what can be stored
as plain values and checked has a place here. What is left out of a fitted transformer, it computes
from the rest.
"""

from typing import Annotated, NotRequired

import numpy as np
import sklearn
from sklearn import feature_selection
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.frozen import FrozenEstimator
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skmtl.exceptions import ModelFileError, shortened

TRANSFORMERS = (
    Binarizer, CountVectorizer, FeatureUnion, FrozenEstimator, FunctionTransformer,
    HashingVectorizer, KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, MissingIndicator, Normalizer,
    OneHotEncoder, OrdinalEncoder, PCA, PolynomialFeatures, PowerTransformer, QuantileTransformer,
    RobustScaler, SelectKBest, SimpleImputer, StandardScaler, TfidfTransformer, TfidfVectorizer,
    TruncatedSVD, VarianceThreshold,
)  # fmt: skip
VECTORIZERS = (CountVectorizer, HashingVectorizer)  # and TfidfVectorizer, a CountVectorizer
SCORE_FUNCTIONS = {
    name: getattr(feature_selection, name)
    for name in (
        "chi2",
        "f_classif",
        "f_regression",
        "mutual_info_classif",
        "mutual_info_regression",
        "r_regression",
    )
}

_N = "n_features_in_"
_Vector = Annotated[np.ndarray, "f", _N]
_Count = int | float | Annotated[np.ndarray, "iuf", _N]
_INPUT = {_N: int, "feature_names_in_": NotRequired[np.ndarray]}
_MEANS = {"scale_": _Vector | None, "n_samples_seen_": _Count}
_CATEGORIES = {
    **_INPUT,
    "categories_": list[np.ndarray],
    "_infrequent_enabled": bool,
    "_infrequent_indices": NotRequired[list[np.ndarray | None]],
}
_WORDS = {"vocabulary_": dict[str, int], "fixed_vocabulary_": bool}


def _components(n) -> dict:
    names = ("explained_variance_", "explained_variance_ratio_", "singular_values_")
    return {
        **_INPUT,
        "components_": Annotated[np.ndarray, "f", n, _N],
        **dict.fromkeys(names, Annotated[np.ndarray, "f", n]),
    }


STATE = {
    "Binarizer": _INPUT,
    "CountVectorizer": _WORDS,
    "FunctionTransformer": _INPUT,
    "KBinsDiscretizer": {
        **_INPUT,
        "n_bins_": Annotated[np.ndarray, "iu", _N],
        "bin_edges_": Annotated[np.ndarray, "O", _N],
        "_encoder": NotRequired[OneHotEncoder],
    },
    "MaxAbsScaler": {**_INPUT, "max_abs_": _Vector, "scale_": _Vector, "n_samples_seen_": _Count},
    "MinMaxScaler": {
        **_INPUT,
        **{f"{name}_": _Vector for name in ("scale", "min", "data_min", "data_max", "data_range")},
        "n_samples_seen_": _Count,
    },
    "MissingIndicator": {
        **_INPUT,
        "_n_features": int,
        "_precomputed": bool,
        "features_": Annotated[np.ndarray, "iu", "n_missing"],
    },
    "Normalizer": _INPUT,
    "OneHotEncoder": {**_CATEGORIES, "drop_idx_": Annotated[np.ndarray, "O", _N] | None},
    "OrdinalEncoder": _CATEGORIES,
    "PCA": {
        **_components("n_components_"),
        "n_components_": int,
        "n_samples_": int,
        "mean_": _Vector,
        "noise_variance_": float,
        "_fit_svd_solver": str,
    },
    "PolynomialFeatures": {
        **_INPUT,
        "_min_degree": int,
        "_max_degree": int,
        "n_output_features_": int,
        "_n_out_full": int,
    },
    "PowerTransformer": {
        **_INPUT,
        "lambdas_": _Vector,
        "_scaler": NotRequired[StandardScaler],
    },
    "QuantileTransformer": {
        **_INPUT,
        "n_quantiles_": int,
        "quantiles_": Annotated[np.ndarray, "f", "n_quantiles_", _N],
        "references_": Annotated[np.ndarray, "f", "n_quantiles_"],
    },
    "RobustScaler": {**_INPUT, "center_": _Vector | None, "scale_": _Vector | None},
    "SelectKBest": {**_INPUT, "scores_": _Vector, "pvalues_": _Vector | None},
    "SimpleImputer": {
        **_INPUT,
        "statistics_": Annotated[np.ndarray, "iufO", _N],
        "_fit_dtype": np.dtype,
        "indicator_": MissingIndicator | None,
    },
    "StandardScaler": {**_INPUT, **_MEANS, "mean_": _Vector | None, "var_": _Vector | None},
    "TfidfTransformer": {**_INPUT, "idf_": NotRequired[_Vector]},
    "TfidfVectorizer": {**_WORDS, "_tfidf": TfidfTransformer},
    "TruncatedSVD": _components("n_components"),
    "VarianceThreshold": {**_INPUT, "variances_": _Vector},
}


def minor_version() -> str:
    """Return the version of scikit-learn, up to its second number."""
    return ".".join(sklearn.__version__.split(".")[:2])


def check_version(name, made_for):
    """Refuse what another minor version of scikit-learn has learned: its attributes differ."""
    if made_for != minor_version():
        raise ModelFileError(
            f"its fitted {name} is of scikit-learn {shortened(made_for)}, here is "
            f"{minor_version()}, and what a fitted one holds differs between them: install that "
            "version, or fit and save again with this one"
        )
