"""Tables of every kind: a fit works, or an error of ours says what is wrong.

Never an error of TensorFlow, a hang, a changed input or a half-fitted estimator.
"""

import numpy as np
import pandas as pd
import pytest
from fuzz_cases import FUZZ, IMAGES, LABELS, TEXTS, check, column, table
from hypothesis import given
from hypothesis import strategies as st


def test_the_plain_table_works():
    assert check(*table())


@pytest.mark.parametrize("cell", IMAGES, ids=lambda c: str(type(c).__name__))
def test_one_odd_image(cell):
    X, y = table()
    images = X["image"].to_numpy(object, copy=True)
    images[3] = cell
    X["image"] = pd.Series(images, dtype=object)
    check(X, y)


@pytest.mark.parametrize("cell", TEXTS, ids=lambda c: str(type(c).__name__))
def test_one_odd_text(cell):
    X, y = table()
    texts = X["text"].to_numpy(object, copy=True)
    texts[3] = cell
    X["text"] = pd.Series(texts, dtype=object)
    check(X, y)


@pytest.mark.parametrize("label", LABELS, ids=lambda c: str(type(c).__name__))
@pytest.mark.parametrize("column", [0, 1])
def test_one_odd_label(label, column):
    X, y = table()
    labels = y.iloc[:, column].to_numpy(object, copy=True)
    labels[3] = label
    y[y.columns[column]] = pd.Series(labels, dtype=object)
    check(X, y)


@FUZZ
@given(
    images=st.lists(st.sampled_from(range(len(IMAGES))), min_size=1, max_size=6),
    texts=st.lists(st.sampled_from(range(len(TEXTS))), min_size=1, max_size=6),
    labels=st.lists(st.sampled_from(range(len(LABELS))), min_size=1, max_size=6),
    n=st.integers(0, 6),
)
def test_tables_of_odd_cells(images, texts, labels, n):
    X = pd.DataFrame(
        {
            "image": column([IMAGES[i] for i in images], n, 0),
            "text": column([TEXTS[i] for i in texts], n, 1),
        },
        dtype=object,
    )
    y = np.empty((n, 2), object)
    y[:, 0] = column([LABELS[i] for i in labels], n, 0)
    y[:, 1] = column(["a", "b"], n, 0)
    check(X, y)


@FUZZ
@given(
    labels=st.lists(
        st.one_of(
            st.text(max_size=3),
            st.integers(-(2**70), 2**70),
            st.booleans(),
            st.floats(),
            st.none(),
            st.binary(max_size=2),
        ),
        min_size=8,
        max_size=8,
    )
)
def test_labels_of_any_kind(labels):
    X, _ = table()
    y = np.empty(8, object)
    y[:] = labels
    check(X, y)
