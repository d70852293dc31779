"""What fitted transformers of scikit-learn keep privately, computed from what a file holds of them.

scikit-learn computes these attributes in the midst of `fit`. A test that restores fitted
transformers fails loudly if scikit-learn renames them.
"""

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder


def validate_parameters(estimator):
    """Raise scikit-learn's own error, a `ValueError`, if a parameter is wrong."""
    if hasattr(estimator, "_parameter_constraints"):
        estimator._validate_params()


def has_nan_last(categories) -> bool:
    """Return whether the last category is NaN, where scikit-learn puts it."""
    return isinstance(categories[-1], float | np.floating) and bool(np.isnan(categories[-1]))


def restore_transformer(transformer):
    """Give a fitted SimpleImputer, OneHotEncoder or OrdinalEncoder what follows from the rest.

    Parameters
    ----------
    transformer : transformer
        Of any class; an encoder has its parameters, ``categories_``, ``_infrequent_enabled``,
        ``_infrequent_indices`` where that is true, and ``drop_idx_``, all of them checked.
    """
    if isinstance(transformer, SimpleImputer) and hasattr(transformer, "statistics_"):
        transformer._fill_dtype = transformer._fit_dtype
    is_encoder = isinstance(transformer, OneHotEncoder | OrdinalEncoder)
    if is_encoder and hasattr(transformer, "categories_"):
        _restore_encoder(transformer)


def _restore_encoder(encoder):
    is_ordinal = isinstance(encoder, OrdinalEncoder)
    categories = encoder.categories_
    missing = {
        i: len(some) - 1 for i, some in enumerate(categories) if is_ordinal and has_nan_last(some)
    }
    mappings = [None] * len(categories)
    if encoder._infrequent_enabled:
        for i, infrequent in enumerate(encoder._infrequent_indices):
            if infrequent is not None:
                mappings[i] = _grouped(len(categories[i]) - (i in missing), infrequent)
        encoder._default_to_infrequent_mappings = mappings
    if is_ordinal:
        encoder._missing_indices = missing
        return
    dropped = encoder.drop_idx_
    if dropped is not None:
        groups = [
            one if one is None or mapping is None else mapping[one]
            for one, mapping in zip(dropped, mappings, strict=True)
        ]
        dropped = np.array(groups, dtype=object)
    encoder._drop_idx_after_grouping = dropped
    encoder._n_features_outs = encoder._compute_n_features_outs()


def n_encoded(encoder) -> int:
    """Return the number of columns that a fitted OneHotEncoder gives."""
    return sum(encoder._n_features_outs)


def n_polynomials(transformer) -> tuple:
    """Return the numbers of terms of a PolynomialFeatures: of its output, and from degree 0 on."""
    highest, options = (
        transformer._max_degree,
        {
            "interaction_only": transformer.interaction_only,
            "include_bias": transformer.include_bias,
        },
    )
    return tuple(
        transformer._num_combinations(
            n_features=transformer.n_features_in_, min_degree=lowest, max_degree=highest, **options
        )
        for lowest in (transformer._min_degree, 0)
    )


def _grouped(n_categories, infrequent) -> np.ndarray:
    """Return the group of each category: the frequent ones in order, then all others together."""
    is_frequent = np.ones(n_categories, bool)
    is_frequent[infrequent] = False
    mapping = np.full(n_categories, is_frequent.sum(), np.int64)
    mapping[is_frequent] = np.arange(is_frequent.sum())
    return mapping
