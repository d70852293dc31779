"""How many columns a transformer gives, where that is known without a transform."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from skmtl._runtime.sklearn_columns import columns_of
from skmtl._runtime.sklearn_encoders import n_encoded
from skmtl.persistence._transformers import VECTORIZERS
from skmtl.preprocessing._column_base import OneColumnTransformer


def n_inputs(step) -> int | None:
    """Return the number of columns that a fitted step reads, None if it is not known."""
    if isinstance(step, FeatureUnion):
        known = [n for _, part in step.transformer_list if (n := n_inputs(part)) is not None]
        return known[0] if known else None
    if isinstance(step, Pipeline):
        return n_inputs(step.steps[0][1])
    return getattr(step, "n_features_in_", None)


def n_outputs(step, n_given=None) -> int | None:
    """Return the number of columns that a fitted step gives, None if it is not known.

    Parameters
    ----------
    step : transformer, "passthrough", "drop" or None
        As in a Pipeline or a FeatureUnion.
    n_given : int, default=None
        Number of columns that it gets.
    """
    if step is None or isinstance(step, str):
        return 0 if step == "drop" else n_given
    if isinstance(step, FrozenEstimator):
        return n_outputs(step.estimator, n_given)
    if isinstance(step, Pipeline):
        for _, part in step.steps:
            n_given = n_outputs(part, n_given)
        return n_given
    if isinstance(step, FeatureUnion):
        return _sum(n_outputs(part, n_given) for _, part in step.transformer_list)
    if isinstance(step, ColumnTransformer):
        parts = [(name, part) for name, part, _ in step.transformers_ if part != "drop"]
        return _sum(n_outputs(part) for name, part in parts if columns_of(step, name))
    if type(step).__name__ in _SAME:
        return getattr(step, "n_features_in_", n_given)
    width = _WIDTHS.get(type(step).__name__)
    return None if width is None else int(width(step))


def reads_series(step) -> bool | None:
    """Return whether a step reads a single column without its axis, None if it reads either."""
    if isinstance(step, Pipeline):
        return reads_series(step.steps[0][1])
    if isinstance(step, FeatureUnion):
        return any(reads_series(part) for _, part in step.transformer_list)
    if isinstance(step, FrozenEstimator):
        return reads_series(step.estimator)
    if step is None or isinstance(step, str | FunctionTransformer | OneColumnTransformer):
        return None
    return isinstance(step, VECTORIZERS)


def _sum(widths) -> int | None:
    widths = list(widths)
    return None if None in widths else sum(widths)


def _indicated(indicator) -> int:
    is_some = indicator.features == "missing-only"
    return len(indicator.features_) if is_some else indicator.n_features_in_


def _imputed(imputer) -> int:
    n = imputer.n_features_in_
    if not imputer.keep_empty_features:  # whose statistic is NaN
        n -= sum(value != value for value in imputer.statistics_.tolist())
    return n + (_indicated(imputer.indicator_) if imputer.add_indicator else 0)


_SAME = {
    "Binarizer",
    "FunctionTransformer",
    "MaxAbsScaler",
    "MinMaxScaler",
    "Normalizer",
    "OrdinalEncoder",
    "PowerTransformer",
    "QuantileTransformer",
    "RobustScaler",
    "StandardScaler",
    "TfidfTransformer",
}
_WIDTHS = {
    "CountVectorizer": lambda step: len(step.vocabulary_),
    "HashingVectorizer": lambda step: step.n_features,
    "JiebaSequencer": lambda step: step.max_len_,
    "JiebaVectorizer": lambda step: len(step.vocabulary_),
    "KBinsDiscretizer": lambda step: (
        step.n_features_in_ if step.encode == "ordinal" else step.n_bins_.sum()
    ),
    "MissingIndicator": _indicated,
    "OneHotEncoder": n_encoded,
    "PCA": lambda step: step.n_components_,
    "PolynomialFeatures": lambda step: step.n_output_features_,
    "SelectKBest": lambda step: (
        step.n_features_in_ if step.k == "all" else min(step.k, step.n_features_in_)
    ),
    "SimpleImputer": _imputed,
    "TfidfVectorizer": lambda step: len(step.vocabulary_),
    "TruncatedSVD": lambda step: len(step.components_),
    "VarianceThreshold": lambda step: np.sum(step.variances_ > step.threshold),
    "WordPieceSequencer": lambda step: step.max_len_,
}
