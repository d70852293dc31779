"""Private attributes of a ColumnTransformer, computed again."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer

from skmtl._runtime.sklearn_columns import columns_of, restore_columns

X = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0], "c": [5.0, 6.0]})
PARTS = [("one", FunctionTransformer(), ["c", "a"]), ("none", "drop", []), ("two", "drop", ["b"])]
PRIVATE = ("_columns", "_remainder", "_transformer_to_input_indices")


@pytest.mark.parametrize("remainder", ["drop", "passthrough", FunctionTransformer()])
@pytest.mark.parametrize("table", [X, X.to_numpy()], ids=["frame", "array"])
def test_private_attributes_follow_from_the_others(remainder, table):
    parts = PARTS if table is X else [("one", "passthrough", [2, 0]), ("two", "drop", [1])]
    fitted = ColumnTransformer(parts[:1], remainder=remainder).fit(table)
    restored = ColumnTransformer(parts[:1], remainder=remainder)
    names = set(vars(fitted)) - set(PRIVATE)
    vars(restored).update({name: vars(fitted)[name] for name in names})
    restore_columns(restored)
    for name in PRIVATE:
        assert vars(restored)[name] == vars(fitted)[name], name
    assert columns_of(restored, "one") == [2, 0]
    np.testing.assert_array_equal(restored.transform(table), fitted.transform(table))


def rename(fitted):
    fitted.transformers_[0] = ("other", *fitted.transformers_[0][1:])


def drop_a_part(fitted):
    fitted.transformers_.pop()


def revive(fitted):
    fitted.transformers_[1] = ("none", FunctionTransformer(), [])


def forget_a_name(fitted):
    fitted.feature_names_in_ = np.array(["a", "b", "x"], dtype=object)


def spoil_a_parameter(fitted):
    fitted.sparse_threshold = "x"


@pytest.mark.parametrize("spoil", [rename, drop_a_part, revive, forget_a_name, spoil_a_parameter])
def test_what_disagrees_is_refused(spoil):
    fitted = ColumnTransformer(PARTS).fit(X)
    restore_columns(fitted)
    spoil(fitted)
    with pytest.raises(
        ValueError, match=r"not the same|zip\(\)|not (a column|columns)|sparse_threshold"
    ):
        restore_columns(fitted)
