"""scikit-learn's own checks of the estimators; the transformers' run beside their tests."""

import functools

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from skmtl import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "A weight of 2 and a repeated row give the same objective, but rows are dealt into "
        "minibatches, so the steps of the optimizer differ."
    ),
}


def check_name(check):
    """Return the name of a check, also of one that scikit-learn wraps."""
    while isinstance(check, functools.partial):
        check = check.func
    return getattr(check, "__name__", "check")


# parametrize_with_checks of scikit-learn 1.6 hands pytest a generator, which pytest 9 refuses
CHECKS = [
    pair
    for model in (MultiTaskClassifier(), MultiTaskRegressor(), MultiTaskEstimator())
    for pair in estimator_checks_generator(
        model, expected_failed_checks=EXPECTED_FAILURES, mark="xfail"
    )
]


@pytest.mark.slow  # nearly every check brings another shape, and a network is compiled for each
@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=check_name)
def test_scikit_learn_check(estimator, check):
    check(estimator)
