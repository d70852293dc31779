"""What a task gains beside one other, predicted from what it gains beside all of them."""

import numpy as np
import pandas as pd

_SLOPE = 0.05  # score per unit of cosine


def predicted_gains(gains, cosines):
    """Return what each task gains beside each other one, by the rule in `task_gains`.

    Parameters
    ----------
    gains : Series of shape (n_tasks,)
        Gain of each task beside all others.
    cosines : DataFrame of shape (n_tasks, n_tasks) or None
        Mean cosines between task gradients; without them nothing is predicted.

    Returns
    -------
    DataFrame of shape (n_tasks, n_tasks)
        A row per task, a column per other task; NaN on the diagonal.
    """
    tasks = list(gains.index)
    if cosines is None:
        return pd.DataFrame(np.nan, tasks, tasks)
    matrix = cosines.loc[tasks, tasks].to_numpy(float, copy=True)
    np.fill_diagonal(matrix, np.nan)
    above = matrix - np.nanmean(matrix, axis=1, keepdims=True)
    shares = gains.to_numpy()[:, None]
    return pd.DataFrame(shares + _SLOPE * above, tasks, tasks)
