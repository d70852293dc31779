"""A column of token ids, whose largest one in fit is no limit."""

import numpy as np
import pytest

from skmtl.columns.text import UNKNOWN_ID, TextColumn


def column_of_ids(*, has_own_vocabulary):
    column = TextColumn.__new__(TextColumn)
    column.name, column.sequencer_ = "text", None
    column.has_own_vocabulary = has_own_vocabulary
    column.fit(np.array([[2, 3, 0], [4, 2, 2]]))
    return column


@pytest.mark.parametrize("as_cells", [False, True])
def test_ids_above_those_of_fit_are_unknown_words(as_cells):
    column = column_of_ids(has_own_vocabulary=False)
    assert column.n_tokens_ == 5
    ids = np.array([[4, 5, 10**12], [0, 3, 7]])
    cells = ids
    if as_cells:
        cells = np.empty(2, object)
        cells[:] = list(ids)
    expected = [[4, UNKNOWN_ID, UNKNOWN_ID], [0, 3, UNKNOWN_ID]]
    assert column.encode(cells).values.tolist() == expected


def test_a_backbone_with_its_vocabulary_gets_ids_as_they_are():
    column = column_of_ids(has_own_vocabulary=True)
    assert column.encode(np.array([[4, 5, 7]])).values.tolist() == [[4, 5, 7]]


def test_another_number_of_ids_is_named():
    column = column_of_ids(has_own_vocabulary=False)
    with pytest.raises(ValueError, match="must have the 3 token ids a row of fit; got 2"):
        column.encode(np.array([[1, 2]]))
