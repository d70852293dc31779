"""Weights of rows, labels and tasks, matched to the tasks by name where they have names."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from skmtl.data.frames import as_pandas
from skmtl.exceptions import describe


def by_task_name(values, names, *, parameter, default=None):
    """Return what a container holds for each task, in the order of the tasks.

    A dict and a Series are matched by their keys, a DataFrame by its columns; what has no names is
    returned as it is, to be read by position.

    Parameters
    ----------
    values : object
        A dict, Series or DataFrame (also of polars or pyarrow), or any other object.
    names : sequence of str
        The tasks.
    parameter : str
        Name of the parameter, for error texts.
    default : object, optional
        For tasks that `values` does not name; by default it must name all.

    Returns
    -------
    list, DataFrame or `values` itself
        A list for a dict or a Series, a DataFrame with its columns in order for a DataFrame.

    Raises
    ------
    ValueError
        If an unknown task is named, or one is missing and there is no default.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl.data.weights import by_task_name
    >>> by_task_name(pd.Series({"b": 0.0, "a": 1.0}), ["a", "b"], parameter="loss_weights")
    [1.0, 0.0]
    """
    values, names = as_pandas(values), list(names)
    if isinstance(values, pd.Series | pd.DataFrame):
        labels = values.columns if isinstance(values, pd.DataFrame) else values.index
        if isinstance(labels, pd.RangeIndex):
            return values.tolist() if isinstance(values, pd.Series) else values
        if not labels.is_unique:
            raise ValueError(f"{parameter} names a task more than once: {list(labels)}.")
    elif isinstance(values, Mapping):
        labels = list(values)
    else:
        return values
    unknown = [label for label in labels if str(label) not in names]
    missing = [name for name in names if name not in set(map(str, labels))]
    if unknown:
        raise ValueError(f"{parameter} names unknown tasks {unknown}; tasks: {names}.")
    if missing and (default is None or isinstance(values, pd.DataFrame)):
        raise ValueError(f"{parameter} does not name the tasks {missing}; tasks: {names}.")
    if isinstance(values, pd.DataFrame):
        return values.set_axis(map(str, labels), axis=1)[names]
    found = {str(label): value for label, value in values.items()}
    return [found.get(name, default) for name in names]


def read_sample_weight(sample_weight, names, n_rows, places=None) -> np.ndarray:
    """Return sample weights, a column for each task.

    Parameters
    ----------
    sample_weight : float, array-like or DataFrame of shape (n_samples,) or (n_samples, n_tasks)
        Weights of rows, or of single labels; finite and not negative. The columns of a DataFrame
        are matched to the tasks by name.
    names : sequence of str
        The tasks.
    n_rows : int
        Number of rows.
    places : sequence of int, optional
        The column of `y` that each task stands in, and so its column among weights without names;
        by default the tasks stand in their order.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_tasks)

    Raises
    ------
    ValueError
        If the shape or a weight is wrong, or a column is no task.

    Examples
    --------
    >>> from skmtl.data.weights import read_sample_weight
    >>> read_sample_weight([1, 2], ["a", "b"], 2).tolist()
    [[1.0, 1.0], [2.0, 2.0]]
    """
    names = list(names) if places is None else [names[task] for task in np.argsort(places)]
    values = as_pandas(sample_weight)
    if isinstance(values, pd.DataFrame):
        values = by_task_name(values, names, parameter="sample_weight")
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"sample_weight must be numbers; got {describe(sample_weight)}.") from None
    if array.ndim == 0:
        array = np.full(n_rows, float(array))
    shape = (n_rows, len(names))
    if array.shape not in (shape[:1], shape):
        raise ValueError(f"sample_weight.shape == {array.shape}, expected {shape[:1]} or {shape}!")
    bad = ~np.isfinite(array) | (array < 0)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"sample_weight must be finite and not negative; got {array[place]} in row {place[0]}."
        )
    array = np.broadcast_to(array if array.ndim == 2 else array[:, np.newaxis], shape)
    return array if places is None else array[:, places]
