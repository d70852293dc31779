"""scikit-learn's own checks of the classifier; the transformers' run beside their tests."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from skmtl import MultiTaskClassifier

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "A weight of 2 and a repeated row give the same objective, but rows are dealt into "
        "minibatches, so the steps of the optimizer differ."
    ),
}


@parametrize_with_checks(
    [MultiTaskClassifier()], expected_failed_checks=lambda _: EXPECTED_FAILURES
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
