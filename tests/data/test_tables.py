"""Any X as a table: what is none, and what to make of it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from skmtl.data.tables import as_table, check_column_names, split_table

IMAGES, TEXTS = np.zeros((6, 4, 4, 3), np.uint8), ["a", "b"] * 3


@pytest.mark.parametrize(
    "X",
    [
        [IMAGES, TEXTS],
        [TEXTS, list(IMAGES)],
        (pd.Series(TEXTS), IMAGES),
        [[b"\x89PNG"] * 6, TEXTS],
        [IMAGES],
    ],
    ids=["array", "list", "series", "bytes", "one"],
)
def test_a_list_of_columns_is_explained(X):
    match = rf"X is a list of {len(X)} columns; it must have a row per sample.*pandas\.DataFrame"
    with pytest.raises(ValueError, match=match):
        as_table(X)


def test_a_list_of_records_is_explained():
    records = pd.DataFrame({"text": TEXTS, "n": range(6)}).to_dict("records")
    with pytest.raises(ValueError, match=r"X is a list of records.*pandas\.DataFrame\(X\)"):
        as_table(records)


@pytest.mark.parametrize(
    "X",
    [
        list(IMAGES),
        list(IMAGES[..., 0]),
        TEXTS,
        [["a", "b"], ["c"]],
        [["cat.png", "b"], ["c"]],
        [np.array([1, 2]), np.array([3])],
        [{"bytes": b"x", "path": None}, {"path": "x.png"}],
        ["cat.png", "dog.png"],
    ],
)
def test_lists_of_cells_stay_what_they_are(X):
    assert as_table(X) is X
    assert len(split_table(X).columns) == 1


class Dataset:
    """An iterable with a length, as of TensorFlow."""

    def __len__(self):
        return 6

    def __iter__(self):
        return iter(TEXTS)


@pytest.mark.parametrize("X", [Dataset(), {"text": TEXTS}, iter(TEXTS), "text", None, 3, {1, 2}])
def test_what_is_no_table_is_named(X):
    with pytest.raises(ValueError, match=rf"X must be a table: .*; got {type(X).__name__}"):
        split_table(as_table(X))


def test_a_column_that_is_not_there_is_explained():
    X, estimator = pd.DataFrame({"image": [1], "text": ["a"]}), BaseEstimator()
    check_column_names(estimator, X, reset=True)
    with pytest.raises(ValueError, match=r"no row has is X\.assign\(image=None\)"):
        check_column_names(estimator, X[["text"]], reset=False)
