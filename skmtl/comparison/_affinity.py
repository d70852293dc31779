"""What a task gains beside one other, predicted from what it gains beside all of them."""

import numpy as np
import pandas as pd

from skmtl.metrics._task_view import find_attribute


def falls_of(model):
    """Return how far the training loss of each task falls, by task in "falls".

    Parameters
    ----------
    model : estimator
        Fitted; without a `history_`, no task is named.

    Returns
    -------
    dict
    """
    history = find_attribute(model, "history_") or {}
    losses = {
        name: history.get(f"{name}_loss") for name in find_attribute(model, "task_names_") or ()
    }
    return {"falls": {name: values[0] - values[-1] for name, values in losses.items() if values}}


def predicted_gains(gains, falls):
    """Share out what each task gains beside all others, by the rule in `task_gains`.

    Parameters
    ----------
    gains : Series of shape (n_tasks,)
        Gain of each task beside all others.
    falls : Series of shape (n_tasks,) or None
        How far the training loss of each task falls; without them nothing is predicted.

    Returns
    -------
    DataFrame of shape (n_tasks, n_tasks)
        A row per task, a column per other task; NaN on the diagonal.
    """
    tasks = list(gains.index)
    if falls is None:
        return pd.DataFrame(np.nan, tasks, tasks)
    force = np.tile(np.maximum(falls.loc[tasks].to_numpy(float), 1e-9), (len(tasks), 1))
    np.fill_diagonal(force, np.nan)
    shares = force / np.nansum(force, axis=1, keepdims=True)
    return pd.DataFrame(gains.to_numpy()[:, None] * shares, tasks, tasks)
