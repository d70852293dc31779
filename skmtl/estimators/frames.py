"""Predictions as frames: the index of the rows, the names of tasks and classes."""

import pandas as pd

from skmtl.data.frames import as_pandas


def predicted_frame(tasks, outputs, X, *, proba) -> pd.DataFrame:
    """Return predictions, or probabilities, as a frame.

    Parameters
    ----------
    tasks : Tasks
        Names and kinds.
    outputs : list of ndarray of shape (n_samples, n_outputs)
        What the network says of each task.
    X : table
        Gives the index, if it is a frame.
    proba : bool
        Whether to return probabilities.
    """
    rows = as_pandas(X)
    index = rows.index if isinstance(rows, pd.DataFrame | pd.Series) else None
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
