"""Intervals and tests against known results."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from skmtl.comparison import corrected_interval, corrected_t_test, holm

scores = st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=2, max_size=20)


@given(scores)
def test_without_overlap_it_is_the_paired_t_test(differences):
    assume(np.ptp(differences) >= 1e-3)
    expected = stats.ttest_1samp(differences, 0.0)
    assert corrected_t_test(differences, 0) == pytest.approx(expected.pvalue)
    low, high = corrected_interval(differences, 0, 0.9)
    interval = expected.confidence_interval(0.9)
    assert (low, high) == pytest.approx((interval.low, interval.high))


@given(scores, st.floats(0.01, 1))
def test_overlap_widens_the_interval_and_raises_the_p_value(differences, share):
    assume(np.ptp(differences) >= 1e-3)
    low, high = corrected_interval(differences, share)
    plain_low, plain_high = corrected_interval(differences, 0)
    n = len(differences)
    assert high - low == pytest.approx((plain_high - plain_low) * np.sqrt(1 + n * share))
    assert corrected_t_test(differences, share) >= corrected_t_test(differences, 0)


def test_a_worked_example():
    # Nadeau & Bengio's statistic by hand: mean 0.018, variance 7e-5, (1/5 + 1/4) -> 3.2071
    differences = [0.02, 0.01, 0.03, 0.02, 0.01]
    expected = 2 * stats.t.sf(0.018 / np.sqrt((0.2 + 0.25) * 7e-5), 4)
    assert corrected_t_test(differences, 0.25) == pytest.approx(expected)


@pytest.mark.parametrize("share", [0, 0.25])
def test_the_interval_holds_zero_exactly_when_the_test_does_not_reject(share):
    rng = np.random.default_rng(0)
    for _ in range(200):
        differences = rng.normal(0.5, 1, size=8)
        low, high = corrected_interval(differences, share, 0.95)
        assert (low > 0 or high < 0) == (corrected_t_test(differences, share) < 0.05)


def test_the_correction_keeps_the_false_positive_rate_where_rows_overlap():
    """The mean of normal rows, estimated on folds: two equal learners differ by noise alone."""
    rng = np.random.default_rng(0)
    rejections = np.zeros(2)
    n_rows, n_folds, n_repeats, n_tables = 60, 3, 3, 300
    for _ in range(n_tables):
        target = rng.normal(size=n_rows)
        helpers = rng.normal(size=(2, n_rows))  # two useless predictors
        differences = []
        for _ in range(n_repeats):
            fold = rng.permutation(n_rows) % n_folds
            for f in range(n_folds):
                train, test = fold != f, fold == f
                losses = []
                for x in helpers:
                    slope = (x[train] @ target[train]) / (x[train] @ x[train])
                    losses.append(np.mean((target[test] - slope * x[test]) ** 2))
                differences.append(losses[0] - losses[1])
        for i, share in enumerate((0, 1 / (n_folds - 1))):
            rejections[i] += corrected_t_test(differences, share) < 0.05
    naive, corrected = rejections / n_tables
    assert naive > 0.1
    assert corrected < 0.08


def test_equal_differences():
    assert corrected_t_test([0.0, 0.0, 0.0], 0.5) == 1.0
    assert corrected_t_test([0.1, 0.1, 0.1], 0.5) == 0.0
    assert corrected_interval([0.1, 0.1], 0.5) == pytest.approx((0.1, 0.1))


def test_one_run_says_nothing_about_spread():
    assert np.isnan(corrected_t_test([0.3], 0.5))
    assert np.isnan(corrected_interval([0.3], 0.5)).all()
    assert np.isnan(corrected_t_test([], 0.5))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_what_the_step_down_procedure_rejects(p_values):
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for rank, i in enumerate(np.argsort(p_values, kind="stable")):
            if p_values[i] * (len(p_values) - rank) > level:
                break
            rejected.add(int(i))
        assert {i for i, p in enumerate(holm(p_values)) if p <= level} == rejected


def test_holm_of_a_published_example():
    # p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") in R
    np.testing.assert_allclose(holm([0.01, 0.02, 0.03, 0.04, 0.05]), [0.05, 0.08, 0.09, 0.09, 0.09])


def test_holm_skips_what_is_no_test():
    np.testing.assert_allclose(holm([np.nan, 0.02, 0.03]), [np.nan, 0.04, 0.04])
