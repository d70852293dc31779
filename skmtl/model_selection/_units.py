"""Rows with the same labels as one unit that has many copies."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from skmtl.data.labels import read_labels
from skmtl.metrics._label_kinds import kind_of_labels, tag_indicators

N_BINS = 10  # of numbers
MOST_TAGS = 50  # of a task; rarer ones are not spread
# many different whole numbers that are rare are put into bins like fractions
MOST_WHOLE_NUMBERS, ROWS_PER_VALUE = 30, 5


class Units(NamedTuple):
    """What is dealt out to folds: kinds of rows, or groups of rows.

    Parameters
    ----------
    of_row : ndarray of int, shape (n_samples,)
        Unit of each row.
    classes : csr_array of shape (n_units, n_classes_total)
        How many labels of each class of each task one copy of the unit holds.
    copies : ndarray of int, shape (n_units,)
        How many copies there are.
    """

    of_row: np.ndarray
    classes: sparse.csr_array
    copies: np.ndarray


def encode_labels(y, *, missing_label=None) -> np.ndarray:
    """Return labels as class numbers per task; a missing label is one more class.

    Parameters
    ----------
    y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels. A missing one is None, NaN or NA.
    missing_label : object, optional
        A label that means *missing* too.

    Returns
    -------
    ndarray of int, shape (n_samples, n_codes)
        Class numbers from 0, in the order of first appearance: a column per task, and one per
        frequent tag. Numbers are put into ten classes of equal size.
    """
    columns = read_labels(y, missing_label=missing_label).columns
    codes = [code for column in columns for code in _codes(column)]
    return np.stack(codes, axis=1).astype(np.intp)


def _codes(column) -> list[np.ndarray]:
    """Return the class numbers of one task."""
    labels = column.labels
    kind = kind_of_labels(labels) if len(labels) else "class"
    if kind == "tags":
        tags, (indicators,) = tag_indicators(labels)
        frequent = np.argsort(-indicators.sum(0), kind="stable")[:MOST_TAGS]
        found = np.full((len(column.values), max(1, len(frequent))), 2)
        found[column.is_labelled] = indicators[:, frequent] if tags else 0
        return list(found.T)
    cells = column.with_none()
    if labels.dtype.kind in "iuf" and kind == "class":
        n_values = len(np.unique(labels))
        is_rare = n_values > MOST_WHOLE_NUMBERS and n_values > len(labels) / ROWS_PER_VALUE
        kind = "number" if is_rare else "class"
    if kind == "number":
        ranks = pd.Series(labels.astype(float)).rank(method="min").to_numpy()
        cells[column.is_labelled] = np.floor((ranks - 1) * N_BINS / len(labels)).astype(int)
    return [pd.factorize(cells, use_na_sentinel=False)[0]]


def row_units(codes) -> Units:
    """Return one unit per distinct combination of labels.

    Parameters
    ----------
    codes : ndarray of int, shape (n_samples, n_tasks)
        Class numbers.

    Returns
    -------
    Units
        Sorted by the task with the most classes first, so that dealing them in turn is even.
    """
    by_size = np.argsort(-(codes.max(axis=0)), kind="stable")
    kinds, of_row, copies = np.unique(
        codes[:, by_size], axis=0, return_inverse=True, return_counts=True
    )
    return Units(of_row.ravel(), _one_hot(kinds), copies)


def group_units(codes, groups) -> Units:
    """Return one unit per group, with a class that counts the rows.

    Parameters
    ----------
    codes : ndarray of int, shape (n_samples, n_tasks)
        Class numbers.
    groups : array-like of shape (n_samples,)
        Group of each row.

    Returns
    -------
    Units
        One copy each, in the order of first appearance.
    """
    of_row = pd.factorize(np.asarray(groups))[0]
    if (of_row < 0).any():
        raise ValueError(f"groups has a missing value in row {int(np.argmin(of_row))}.")
    n_groups = of_row.max() + 1
    rows = sparse.csr_array(
        (np.ones(len(of_row)), (of_row, np.arange(len(of_row)))), (n_groups, len(of_row))
    )
    counted = np.column_stack([codes, np.zeros(len(codes), dtype=np.intp)])
    return Units(of_row, (rows @ _one_hot(counted)).tocsr(), np.ones(n_groups, dtype=np.intp))


def _one_hot(codes):
    starts = np.concatenate([[0], np.cumsum(codes.max(axis=0) + 1)])
    n, n_tasks = codes.shape
    return sparse.csr_array(
        (np.ones(n * n_tasks), (codes + starts[:-1]).ravel(), np.arange(n + 1) * n_tasks),
        shape=(n, starts[-1]),
    )
