import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl.data import join_unpaired

CELLS = st.lists(st.integers() | st.text(), max_size=8)


@given(CELLS, CELLS)
def test_nothing_is_lost_and_nothing_is_invented(images, texts):
    first = pd.DataFrame({"image": pd.Series(images, dtype=object)})
    second = pd.DataFrame({"text": pd.Series(texts, dtype=object)})
    one = pd.DataFrame({"digit": pd.Series(images, dtype=object)})
    other = pd.DataFrame({"topic": pd.Series(texts, dtype=object)})
    X, y = join_unpaired((first, one), (second, other))
    assert X["image"].tolist() == images + [None] * len(texts)
    assert X["text"].tolist() == [None] * len(images) + texts
    assert y["digit"].tolist() == images + [None] * len(texts)
    assert y["topic"].tolist() == [None] * len(images) + texts


@given(st.lists(st.tuples(st.integers(), st.text()), max_size=8))
def test_splitting_a_paired_table_and_joining_it_back_loses_nothing(rows):
    X = pd.DataFrame(rows, columns=["image", "text"], dtype=object)
    y = pd.DataFrame({"a": [row[0] for row in rows]}, dtype=object)
    joined, _ = join_unpaired((X[["image"]], y), (X[["text"]], y))
    half = len(rows)
    assert joined["image"].tolist()[:half] == X["image"].tolist()
    assert joined["text"].tolist()[half:] == X["text"].tolist()


def test_bad_tables_are_named():
    X, y = pd.DataFrame({"image": [1]}), pd.Series([1], name="a")
    with pytest.raises(ValueError, match="at least one"):
        join_unpaired()
    with pytest.raises(TypeError, match="table 1 must be a pair"):
        join_unpaired((X, y), X)
    with pytest.raises(TypeError, match="y of table 0 must be a DataFrame or a named Series"):
        join_unpaired((X, [1]))
    with pytest.raises(ValueError, match=r"table 0 must have the same number of rows; got 1 and 2"):
        join_unpaired((X, pd.Series([1, 2], name="a")))


def test_categories_stay_categories():
    first = (pd.DataFrame({"k": pd.Categorical([3, 1])}), pd.DataFrame({"a": [0, 1]}))
    sizes = pd.Categorical(["s", "l"], ["s", "m", "l"])
    second = (pd.DataFrame({"x": [1.0, 2.0]}), pd.DataFrame({"size": sizes}))
    X, y = join_unpaired(first, second)
    assert X["k"].cat.categories.tolist() == [1, 3]
    assert y["size"].cat.categories.tolist() == ["s", "m", "l"]
    assert y["size"].tolist()[2:] == ["s", "l"]
