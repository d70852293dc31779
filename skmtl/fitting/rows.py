"""The rows of a fit: as given, with encoded labels, and those that are held out."""

from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing

from skmtl._runtime.checks import as_number
from skmtl.data import as_table, check_column_names
from skmtl.data.frames import as_pandas
from skmtl.labels import label_weights
from skmtl.training.loop import LabelledTable
from skmtl.training.plan import shuffled


class RawRows(NamedTuple):
    """Rows as `fit` takes them.

    Parameters
    ----------
    X : table, as `as_table` returns it
        Columns as in `fit`.
    y : array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels.
    sample_weight : array-like or None
        Weights of rows, or of single labels.
    """

    X: Any
    y: Any
    sample_weight: Any = None

    def take(self, rows) -> "RawRows":
        """Return some rows."""
        parts = (self.X, as_pandas(self.y), as_pandas(self.sample_weight))
        is_scalar = np.ndim(self.sample_weight) == 0  # one weight for all rows, or none
        taken = [_safe_indexing(part, rows) for part in parts[: 2 if is_scalar else 3]]
        return RawRows(*taken, *([self.sample_weight] if is_scalar else []))


def given_rows(estimator, X, y, sample_weight) -> RawRows | None:
    """Return the validation rows that the user gives, or None.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its columns are known.
    X, y, sample_weight
        The parameters `X_val`, `y_val` and `sample_weight_val` of `fit`.

    Raises
    ------
    TypeError, ValueError
        If one of them is missing, or the columns are not those of `fit`.
    """
    if X is None and y is None:
        if sample_weight is not None:
            raise ValueError("sample_weight_val weighs the rows of X_val and y_val: give them too.")
        return None
    if X is None or y is None:
        there, missing = ("y_val", "X_val") if X is None else ("X_val", "y_val")
        raise ValueError(f"{there} needs {missing}: validation rows have columns and labels.")
    with of_validation_rows():
        X = as_table(X)
        check_column_names(estimator, X, reset=False)
    return RawRows(X, y, sample_weight)


@contextmanager
def of_validation_rows():
    """Let errors say that they are about the validation rows, not the training rows."""
    try:
        yield
    except (TypeError, ValueError) as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"In the validation rows (X_val, y_val): {error}") from error


def labelled_rows(estimator, table, tasks, raw, balance=None) -> tuple:
    """Return rows with their labels and weights, and the encoded labels.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its `class_weight` is read.
    table : Table
        The columns, as arrays.
    tasks : Tasks
        Names and kinds.
    raw : RawRows
        Labels and weights.
    balance : Targets, optional
        Labels that "balanced" class weights are computed from; by default those of the rows.

    Returns
    -------
    rows : LabelledTable
    targets : Targets

    Raises
    ------
    TypeError, ValueError
        If a label or a weight is wrong, or their number is not the number of rows.
    """
    targets = tasks.encode(raw.y)
    n_rows = len(targets.values)
    if n_rows != table.n_samples:
        raise ValueError(
            f"X and y must have the same number of rows; got {table.n_samples} and {n_rows}."
        )
    weights = label_weights(
        targets,
        tasks,
        sample_weight=raw.sample_weight,
        class_weight=estimator.class_weight,
        balance=balance,
    )
    return LabelledTable(table, targets.values, weights), targets


def held_out_rows(estimator, rows, rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and those to hold out, stratified by the first task.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its `validation_fraction` is read.
    rows : LabelledTable
        All rows.
    rng : numpy.random.Generator
        Source of the choice.

    Raises
    ------
    ValueError
        If there are too few rows, or `validation_fraction` is not between 0 and 1.
    """
    share = as_number(
        "validation_fraction", estimator.validation_fraction, low=0, high=1, closed="neither"
    )
    n_rows = len(rows.targets)
    n_validation = max(1, round(share * n_rows))
    if n_rows - n_validation < 1:
        raise ValueError(
            "early_stopping and tune_thresholds need at least 2 rows to hold out "
            f"validation_fraction={share}; got {n_rows}."
        )
    strata = np.where(rows.weights[:, 0] > 0, rows.targets[:, 0], -1)
    order = shuffled(np.arange(n_rows), strata, rng)
    return np.sort(order[n_validation:]), np.sort(order[:n_validation])
