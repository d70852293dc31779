"""A table of labels as one column and one mask per task."""

from typing import NamedTuple

import numpy as np
import pandas as pd


class TaskLabels(NamedTuple):
    """The labels of one task.

    Parameters
    ----------
    name : str
        The task.
    values : ndarray of shape (n_samples,)
        Labels; what stands in a missing one is undefined.
    labelled : ndarray of bool, shape (n_samples,)
        False where the label is missing.
    """

    name: str
    values: np.ndarray
    labelled: np.ndarray


def split_tasks(y, *, missing_label=None, parameter="y") -> list[TaskLabels]:
    """Return the columns of `y`, each with its mask.

    Parameters
    ----------
    y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels. Columns of an array are named ``"task_0"``, ``"task_1"``, and so on; what is 1-D
        and has no name is ``"y"``.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.
    parameter : str
        What the error text calls `y`.

    Returns
    -------
    list of TaskLabels
        In the order of the columns.
    """
    if isinstance(y, pd.DataFrame):
        columns = [(name, y.iloc[:, i]) for i, name in enumerate(y.columns)]
    elif isinstance(y, pd.Series):
        columns = [("y" if y.name is None else y.name, y)]
    else:
        table = y if isinstance(y, np.ndarray) else np.asarray(y, dtype=object)
        if table.ndim not in (1, 2):
            raise ValueError(
                f"{parameter} must have one column per task, or be 1-D; "
                f"got an array of shape {table.shape}."
            )
        if table.ndim == 1:
            columns = [("y", pd.Series(table))]
        else:
            columns = [(f"task_{i}", pd.Series(column)) for i, column in enumerate(table.T)]
    if not columns:
        raise ValueError(f"{parameter} must have at least one column; got none.")
    return [_task_labels(str(name), column, missing_label) for name, column in columns]


def as_label_array(column) -> np.ndarray:
    """Return labels as scikit-learn's metrics take them: numbers as numbers, text as objects."""
    return pd.Series(column, dtype=object).infer_objects().to_numpy()


def _task_labels(name, column, missing_label):
    labelled = ~column.isna().to_numpy(dtype=bool)
    values = column.to_numpy(dtype=object)
    if missing_label is not None and not pd.isna(missing_label):
        labelled &= np.fromiter((v != missing_label for v in values), bool, len(values))
    return TaskLabels(name, values, labelled)
