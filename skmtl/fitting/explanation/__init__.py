"""What columns, words and regions of images contribute to what a network predicts."""

import pandas as pd

from skmtl.fitting.explanation.columns import explain_columns
from skmtl.fitting.explanation.regions import explain_regions
from skmtl.fitting.explanation.words import explain_words


def explain_table(
    fitted, table, index, *, by, task=None, label=None, column=None, feature_cache=None
) -> pd.DataFrame:
    """Return what columns, words or regions contribute, one contribution a row.

    Parameters
    ----------
    fitted : FittedNetwork
        What to explain.
    table : Table
        Rows as `fitted.reader` reads them.
    index : Index
        The names of the rows.
    by : {"column", "word", "region"}
        What contributes.
    task : str, optional
        The only task.
    label : object, optional
        The only class or tag of the task.
    column : object, optional
        The only text or image column, of words and regions.
    feature_cache : object, optional
        Where features of frozen backbones are looked up; only used to explain columns.

    Raises
    ------
    ValueError
        If a task, a label or a column is unknown.
    """
    if by == "column":
        if column is not None:
            raise ValueError(f"column={column!r} is for by='word' and by='region'.")
        features = fitted.features(table, feature_cache)
        return explain_columns(fitted, features, index, task=task, label=label)
    explain = explain_words if by == "word" else explain_regions
    return explain(fitted, table.read(), index, task=task, label=label, column=column)


__all__ = ["explain_table"]
