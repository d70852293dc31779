"""The sums of an epoch as the numbers of one row of `history_`."""

from itertools import combinations

import numpy as np


def epoch_logs(sums, task_names, heads, prefix="") -> dict:
    """Return the means of an epoch by name.

    Parameters
    ----------
    sums : dict of str to ndarray
        What `Program.run` or `Program.evaluate` returned.
    task_names : sequence of str
        Names of the tasks.
    heads : sequence of Head
        One per task; they name and compute the scores.
    prefix : str, default=""
        "val_" for validation.

    Returns
    -------
    dict of str to float
        "loss"; per task "<task>_loss", "<task>_<score>" and, from training, "<task>_loss_weight";
        with an aggregator "<task>_gradient_weight" and "<task>|<other>_gradient_cosine". NaN where
        nothing was labelled.
    """
    logs = {f"{prefix}loss": float(sums["loss"] / sums["n_rows"])}
    losses = _mean(sums["losses"], sums["n_labelled"])
    logs |= {f"{prefix}{name}_loss": float(x) for name, x in zip(task_names, losses, strict=True)}
    seen = zip(heads, sums["statistics"], sums["n_labelled"], strict=True)
    scores = [head.score(*one) for head, *one in seen]
    logs |= dict(zip(score_keys(task_names, heads, prefix), scores, strict=True))
    means = {}
    if "loss_weights" in sums:
        means["loss_weight"] = _mean(sums["loss_weights"], sums["n_present"])
    if "gradient_weights" in sums:
        means["gradient_weight"] = _mean(sums["gradient_weights"], sums["n_present"])
    for quantity, values in means.items():
        for name, value in zip(task_names, values, strict=True):
            logs[f"{prefix}{name}_{quantity}"] = float(value)
    if "cosines" in sums:
        cosines = _mean(sums["cosines"], sums["n_pairs"])
        for (i, a), (j, b) in combinations(enumerate(task_names), 2):
            logs[f"{prefix}{a}|{b}_gradient_cosine"] = float(cosines[i, j])
    return logs


def score_keys(task_names, heads, prefix="") -> list[str]:
    """Return the names of the scores of the tasks in the history."""
    return [
        f"{prefix}{name}_{head.score_name}" for name, head in zip(task_names, heads, strict=True)
    ]


def mean_task_score(logs, task_names, heads, prefix="") -> float:
    """Return the mean score over the tasks that have labels."""
    scores = [logs[key] for key in score_keys(task_names, heads, prefix)]
    return float(np.nanmean(scores)) if not np.isnan(scores).all() else float("nan")


def stopping_value(logs, key, task_names, heads) -> float:
    """Return what early stopping goes by: a higher one is better.

    Parameters
    ----------
    logs : dict of str to float
        Of an epoch.
    key : str or None
        One of `logs`; a loss counts negatively. None is the mean score on the validation rows.
    task_names, heads : sequence
        Names and heads of the tasks.

    Examples
    --------
    >>> stopping_value({"val_loss": 0.5}, "val_loss", ["a"], [None])
    -0.5
    """
    if key is None:
        return mean_task_score(logs, task_names, heads, "val_")
    return -logs[key] if key.endswith("loss") else logs[key]


def lengthened(history, new) -> dict:
    """Return the history of some epochs and of those after them; NaN where a number is missing.

    Examples
    --------
    >>> lengthened({"loss": [2.0]}, {"loss": [1.0], "val_loss": [3.0]})
    {'loss': [2.0, 1.0], 'val_loss': [nan, 3.0]}
    """
    n_before, n_new = (len(one.get("loss", ())) for one in (history, new))
    return {
        name: history.get(name, [float("nan")] * n_before) + new.get(name, [float("nan")] * n_new)
        for name in [*history, *(name for name in new if name not in history)]
    }


def _mean(total, count):
    return np.where(count > 0, total / np.maximum(count, 1e-12), np.nan)
