"""Intervals and tests for scores of overlapping training sets, and for many techniques."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def corrected_standard_error(values, test_share):
    r"""Standard error of a mean over cross-validation runs, corrected for shared training rows.

    .. math:: \sqrt{\left(\frac{1}{J} + \frac{n_{test}}{n_{train}}\right) \hat\sigma^2}

    over the :math:`J` runs (Nadeau and Bengio 2003, "Inference for the generalization error";
    for repeated folds, Bouckaert and Frank 2004). The uncorrected :math:`1/J` takes the runs for
    independent, which training sets with common rows are not.

    Parameters
    ----------
    values : array-like of shape (n_runs,)
        Scores, or differences of paired scores.
    test_share : float
        Test rows per training row.

    Returns
    -------
    float
        NaN for fewer than two runs.
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2:
        return float("nan")
    return float(np.sqrt((1 / len(values) + test_share) * values.var(ddof=1)))


def corrected_interval(
    values: ArrayLike, test_share: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Confidence interval of the mean score, with the corrected standard error.

    Parameters
    ----------
    values : array-like of shape (n_runs,)
        Scores, or differences of paired scores.
    test_share : float
        Test rows per training row.
    confidence : float, default=0.95
        Coverage.

    Returns
    -------
    low : float
        Lower end; NaN for fewer than two runs.
    high : float
        Upper end.

    Examples
    --------
    >>> from skmtl.comparison import corrected_interval
    >>> [round(end, 3) for end in corrected_interval([0.8, 0.9, 0.85], test_share=0.5)]
    [0.654, 1.046]
    """
    error = corrected_standard_error(values, test_share)
    if np.isnan(error):
        return float("nan"), float("nan")
    half = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1) * error)
    mean = float(np.mean(values))
    return mean - half, mean + half


def corrected_t_test(differences: ArrayLike, test_share: float) -> float:
    """Two-sided p-value of the mean difference of paired scores being 0.

    Parameters
    ----------
    differences : array-like of shape (n_runs,)
        Differences of scores on the same splits.
    test_share : float
        Test rows per training row; 0 is the paired t-test.

    Returns
    -------
    float
        NaN for fewer than two runs.

    Examples
    --------
    >>> from skmtl.comparison import corrected_t_test
    >>> differences = [0.02, 0.01, 0.03, 0.02, 0.01]
    >>> round(corrected_t_test(differences, test_share=0), 4)
    0.0086
    >>> round(corrected_t_test(differences, test_share=0.25), 4)
    0.0327
    """
    error = corrected_standard_error(differences, test_share)
    if np.isnan(error):
        return float("nan")
    mean = float(np.mean(differences))
    if error <= 1e-12 * max(abs(mean), 1.0):  # equal differences up to rounding
        return 1.0 if abs(mean) <= 1e-12 else 0.0
    return float(2 * stats.t.sf(abs(mean) / error, len(differences) - 1))


def holm(p_values: ArrayLike) -> np.ndarray:
    """Correct p-values for their number (Holm 1979).

    Parameters
    ----------
    p_values : array-like of shape (n_tests,)
        NaN is no test: it stays, and does not count.

    Returns
    -------
    ndarray of shape (n_tests,)
        Corrected p-values: rejecting those below a level keeps the probability of any false
        rejection below it.

    Examples
    --------
    >>> from skmtl.comparison import holm
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    corrected = np.full_like(p_values, np.nan)
    order = [i for i in np.argsort(p_values, kind="stable") if not np.isnan(p_values[i])]
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected
