"""Strata of numbers and tags."""

import numpy as np
import pandas as pd
import pytest

from skmtl.model_selection import MultiTaskStratifiedKFold, cross_val_predict
from skmtl.model_selection._units import MOST_TAGS, encode_labels


def test_numbers_are_put_into_ten_classes_and_whole_numbers_where_most_are_rare():
    rng = np.random.default_rng(0)
    y = pd.DataFrame(
        {"f": rng.normal(size=100), "i": rng.permutation(100), "c": rng.integers(0, 3, 100)}
    )
    y.loc[3, "f"] = np.nan
    codes = encode_labels(y)
    assert [len(np.unique(column)) for column in codes.T] == [11, 10, 3]
    lowest = y["f"].rank().to_numpy() <= 9
    assert len(np.unique(codes[lowest, 0])) == 1


def test_folds_have_their_share_of_large_numbers_and_of_every_tag():
    rng = np.random.default_rng(1)
    n_rows = 120
    tags = [
        [t for t, p in zip("abc", (0.5, 0.2, 0.1), strict=True) if rng.random() < p]
        for _ in range(n_rows)
    ]
    y = pd.DataFrame({"price": np.exp(rng.normal(size=n_rows) * 2)})
    y["tags"] = tags
    X = np.zeros((n_rows, 1))
    large = y["price"].rank(pct=True).to_numpy() > 0.9
    for _, test in MultiTaskStratifiedKFold(4).split(X, y):
        assert abs(large[test].sum() - large.sum() / 4) <= 1
        for tag in "abc":
            has = np.array([tag in cell for cell in tags])
            assert abs(has[test].sum() - has.sum() / 4) <= 2


def test_only_frequent_tags_are_spread():
    cells = pd.Series([[str(i), "all"] for i in range(80)], dtype=object)
    codes = encode_labels(cells)
    assert codes.shape == (80, MOST_TAGS)
    assert encode_labels(pd.Series([[], None], dtype=object)).ravel().tolist() == [0, 2]


def test_predictions_over_folds_hold_tags_and_numbers():
    class Model:
        task_names_ = ("price", "tags")

        def get_params(self, deep=False):  # noqa: ARG002
            return {}

        def fit(self, X, y):  # noqa: ARG002
            return self

        def predict(self, X):
            found = np.empty((len(X), 2), object)
            for row in range(len(X)):
                found[row, 0], found[row, 1] = float(X[row, 0]), ("a",)
            return found

    X = np.arange(8.0)[:, None]
    y = pd.DataFrame({"price": X[:, 0] / 3})
    y["tags"] = [["a"], []] * 4
    found = cross_val_predict(Model(), X, y, cv=2)
    assert found["price"].tolist() == X[:, 0].tolist()
    assert found["tags"].tolist() == [("a",)] * 8
    with pytest.raises(ValueError, match="Task 'price' has numbers, which have no probabilities"):
        cross_val_predict(Model(), X, y, cv=2, method="predict_proba")
