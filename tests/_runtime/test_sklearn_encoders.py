"""Private attributes of encoders, computed again."""

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from skmtl._runtime.sklearn_encoders import (
    has_nan_last,
    n_encoded,
    n_polynomials,
    restore_transformer,
    validate_parameters,
)

X = np.array([["b", 1], ["a", 2], [np.nan, 2], ["b", 3], ["b", 2]] * 2, dtype=object)
PRIVATE = {
    "_default_to_infrequent_mappings",
    "_drop_idx_after_grouping",
    "_missing_indices",
    "_n_features_outs",
}
ENCODERS = [
    OneHotEncoder(),
    OneHotEncoder(drop="first"),
    OneHotEncoder(drop=["a", 3]),
    OneHotEncoder(min_frequency=4),
    OneHotEncoder(max_categories=2, drop="if_binary"),
    OrdinalEncoder(),
    OrdinalEncoder(min_frequency=4, encoded_missing_value=-1),
]


@pytest.mark.parametrize("encoder", ENCODERS, ids=repr)
def test_private_attributes_of_encoders_follow(encoder):
    fitted = encoder.fit(X)
    restored = type(encoder)(**encoder.get_params())
    vars(restored).update({k: v for k, v in vars(fitted).items() if k not in PRIVATE})
    restore_transformer(restored)
    for name in PRIVATE & vars(fitted).keys():
        np.testing.assert_equal(vars(restored)[name], vars(fitted)[name], err_msg=name)
    assert vars(restored).keys() >= vars(fitted).keys()
    if isinstance(encoder, OneHotEncoder):
        assert n_encoded(restored) == fitted.transform(X).shape[1]


def test_what_an_imputer_fills_in_has_the_dtype_of_fit():
    fitted = SimpleImputer().fit(np.ones((2, 2), np.float32))
    restored = SimpleImputer()
    vars(restored).update({k: v for k, v in vars(fitted).items() if k != "_fill_dtype"})
    restore_transformer(restored)
    assert vars(restored)["_fill_dtype"] == np.float32
    assert vars(restored).keys() >= vars(fitted).keys()


def test_other_transformers_are_left_alone():
    scaler = StandardScaler()
    restore_transformer(scaler)
    restore_transformer(OneHotEncoder())
    assert vars(scaler) == vars(StandardScaler())


@pytest.mark.parametrize("degree", [0, 2, (2, 3)])
@pytest.mark.parametrize("interaction_only", [False, True])
def test_numbers_of_polynomials(degree, interaction_only):
    some = PolynomialFeatures(degree, interaction_only=interaction_only).fit(np.ones((1, 4)))
    assert n_polynomials(some) == (some.n_output_features_, some._n_out_full)
    assert some.transform(np.ones((1, 4))).shape[1] == n_polynomials(some)[0]


def test_nan_is_the_last_category():
    assert has_nan_last(np.array([1.0, np.nan]))
    assert has_nan_last(np.array(["a", np.nan], object))
    assert not has_nan_last(np.array(["a", "nan"]))
    assert not has_nan_last(np.array([1, 2]))


def test_parameters_are_checked_by_scikit_learn():
    validate_parameters(StandardScaler())
    with pytest.raises(ValueError, match="'copy' parameter"):
        validate_parameters(StandardScaler(copy="x"))
