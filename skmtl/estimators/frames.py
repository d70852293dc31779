"""Predictions and the training history as data frames."""

import pandas as pd

from skmtl.data.frames import as_pandas


def history_frame(history) -> pd.DataFrame:
    """Return a training history as a frame with one row per epoch.

    Parameters
    ----------
    history : dict of str to list of float
        One number per epoch.

    Examples
    --------
    >>> history_frame({"loss": [2.0, 1.5]})
           loss
    epoch
    1       2.0
    2       1.5
    """
    frame = pd.DataFrame({name: pd.Series(values) for name, values in history.items()})
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="epoch")
    return frame


def predicted_frame(tasks, outputs, X, *, proba) -> pd.DataFrame:
    """Return predictions, or probabilities, as a frame.

    Parameters
    ----------
    tasks : Tasks
        Names and kinds.
    outputs : list of ndarray of shape (n_samples, n_outputs)
        Outputs of the network for each task.
    X : table
        Gives the index, if it is a frame.
    proba : bool
        Whether to return probabilities.
    """
    index = index_of(X)
    triples = list(zip(tasks.names, tasks.kinds, outputs, strict=True))
    if not proba:
        columns = {name: kind.predict(values) for name, kind, values in triples}
        return pd.DataFrame(columns, index=index)
    columns = {}
    for name, kind, values in triples:
        for position, label in enumerate(kind.output_names):
            columns[name, label] = kind.in_units(values)[:, position]
    frame = pd.DataFrame(columns, index=index)
    frame.columns = pd.MultiIndex.from_tuples(list(columns), names=["task", "label"])
    return frame


def index_of(X) -> pd.Index | None:
    """Return the index of a frame, or None for other tables."""
    rows = as_pandas(X)
    return rows.index if isinstance(rows, pd.DataFrame | pd.Series) else None
