"""Two tables that share no row, as one table with missing cells."""

from typing import Any

import pandas as pd

from skmtl.exceptions import describe


def join_unpaired(*tables: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stack tables of different modalities and tasks into one.

    A column that a table does not have is missing in its rows: a missing modality in `X`, a missing
    label in `y`. Nothing is matched, copied or invented.

    Parameters
    ----------
    *tables : tuple (X, y)
        `X` and `y` are DataFrames (or named Series) of the same length. `X` has the columns that
        the rows have ("image", "text"), `y` the tasks that they are labelled for.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_modalities)
        The rows of all tables, in order; None where a cell is missing.
    y : DataFrame of shape (n_samples, n_tasks)
        None where a label is missing.

    Raises
    ------
    TypeError
        If a table is no pair of frames.
    ValueError
        If `X` and `y` of a table differ in length, or no table is given.

    Examples
    --------
    >>> import pandas as pd
    >>> digits = pd.DataFrame({"image": ["0.png", "1.png"]}), pd.DataFrame({"digit": [0, 1]})
    >>> topics = pd.DataFrame({"text": ["球赛"]}), pd.DataFrame({"topic": ["sport"]})
    >>> X, y = join_unpaired(digits, topics)
    >>> X.shape, y["digit"].tolist()
    ((3, 2), [0, 1, None])
    """
    if not tables:
        raise ValueError("join_unpaired needs at least one (X, y) pair; got none.")
    pairs = [_checked(position, table) for position, table in enumerate(tables)]
    return _stack([X for X, _ in pairs]), _stack([y for _, y in pairs])


def _checked(position, table):
    if not isinstance(table, tuple) or len(table) != 2:
        raise TypeError(f"table {position} must be a pair (X, y); got {describe(table)}.")
    frames = []
    for name, part in zip("Xy", table, strict=True):
        if isinstance(part, pd.Series) and part.name is not None:
            part = part.to_frame()
        if not isinstance(part, pd.DataFrame):
            raise TypeError(
                f"{name} of table {position} must be a DataFrame or a named Series; "
                f"got {describe(part)}."
            )
        frames.append(part)
    if len(frames[0]) != len(frames[1]):
        raise ValueError(
            f"X and y of table {position} must have the same number of rows; "
            f"got {len(frames[0])} and {len(frames[1])}."
        )
    return tuple(frames)


def _stack(frames) -> pd.DataFrame:
    columns = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    return pd.DataFrame({name: _joined(name, frames) for name in columns}, columns=columns)


def _joined(name, frames) -> pd.Series:
    """Return a column of all frames, None where one lacks it; categories stay categories."""
    cells = []
    for frame in frames:
        cells += frame[name].tolist() if name in frame else [None] * len(frame)
    parts = [frame[name] for frame in frames if name in frame]
    if not all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
        return pd.Series(cells, dtype=object)
    categories = dict.fromkeys(one for part in parts for one in part.cat.categories)
    return pd.Series(pd.Categorical(cells, list(categories)))
