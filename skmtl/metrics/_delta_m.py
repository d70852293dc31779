"""Relative gain over a baseline, averaged over the tasks."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np


def delta_m(
    scores: Mapping[str, Any], baseline: Mapping[str, Any], *, lower_is_better: Collection[str] = ()
) -> float:
    r"""Mean relative gain over a baseline, the :math:`\Delta_m` of multi-task learning.

    .. math:: \Delta_m = \frac{1}{T} \sum_{t=1}^{T} (-1)^{l_t} \frac{M_t - B_t}{|B_t|}

    with :math:`l_t = 1` where a lower value is better (Maninis, Radosavovic and Kokkinos 2019,
    arXiv:1904.08918). The absolute value is for negated losses such as ``neg_log_loss``, where
    higher is better.

    Parameters
    ----------
    scores : mapping of str to float
        Score of each task.
    baseline : mapping of str to float
        Score of each task under the baseline, usually one network per task.
    lower_is_better : collection of str
        Tasks whose score is an error or a loss.

    Returns
    -------
    float
        The mean gain as a fraction: 0.02 is two per cent better than the baseline.

    Raises
    ------
    ValueError
        If the two do not score the same tasks, or a baseline is 0.
    TypeError
        If one of them is not a mapping.

    Examples
    --------
    >>> from skmtl.metrics import delta_m
    >>> round(delta_m({"group": 0.9, "subgroup": 0.6}, {"group": 0.8, "subgroup": 0.6}), 4)
    0.0625
    >>> round(delta_m({"depth": 0.4}, {"depth": 0.5}, lower_is_better=["depth"]), 4)
    0.2
    """
    for name, value in (("scores", scores), ("baseline", baseline)):
        if not isinstance(value, Mapping):
            raise TypeError(f"{name} must map each task to its score; got {value!r}.")
    if set(scores) != set(baseline) or not scores:
        raise ValueError(
            "scores and baseline must score the same tasks, at least one; "
            f"got {list(scores)} and {list(baseline)}."
        )
    unknown = [task for task in lower_is_better if task not in scores]
    if unknown:
        raise ValueError(f"lower_is_better names unknown tasks {unknown}; known: {list(scores)}.")
    zero = [task for task in baseline if baseline[task] == 0]
    if zero:
        raise ValueError(f"The relative gain needs a baseline other than 0; got 0 for {zero}.")
    gains = [
        (-1 if task in lower_is_better else 1)
        * (scores[task] - baseline[task])
        / abs(baseline[task])
        for task in scores
    ]
    return float(np.mean(gains))
