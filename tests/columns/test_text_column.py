"""A column of token ids, whose largest one in fit is no limit."""

import numpy as np
import pandas as pd
import pytest
from keras import Input, Model, Sequential, layers, ops

from skmtl import MultiTaskClassifier
from skmtl.backbones.text import n_ids_of
from skmtl.columns.text import UNKNOWN_ID, TextColumn, _pool_tokens


def column_of_ids(*, has_own_vocabulary):
    column = TextColumn.__new__(TextColumn)
    column.name, column.sequencer_ = "text", None
    column.has_own_vocabulary, column.n_ids_ = has_own_vocabulary, None
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


@pytest.mark.parametrize("as_cells", [False, True])
def test_ids_beyond_a_users_embedding_are_named(as_cells):
    backbone = Sequential([layers.Embedding(10, 2), layers.GlobalAveragePooling1D()])
    model = MultiTaskClassifier(text_backbone=backbone, epochs=1, random_state=0)
    ids = np.array([[1, 9, 0], [2, 3, 4]] * 4)
    X = pd.DataFrame({"text": list(ids)}) if as_cells else pd.DataFrame(ids).add_prefix("text_")
    wrong = X.copy()
    wrong.iloc[1, 0] = np.array([1, 10, 2]) if as_cells else 10
    message = r"column 'text', row 1 has the token id 10; .* has input_dim=10"
    with pytest.raises(ValueError, match=message):
        model.fit(wrong, [0, 1] * 4)
    model.fit(X, [0, 1] * 4)
    with pytest.raises(ValueError, match=message):
        model.predict(wrong)


def test_words_beyond_a_users_embedding_are_named():
    model = MultiTaskClassifier(text_backbone=layers.Embedding(3, 2), epochs=1)
    with pytest.raises(ValueError, match=r"row 2 has the token id 3; .* has input_dim=3"):
        model.fit([["a"], ["a"], ["b"], ["a"]], [0, 1, 0, 1])


def functional(layer):
    ids = Input((3,), dtype="int32")
    return Model(ids, layer(ids))


N_IDS = [
    (layers.Embedding(7, 2), 7),
    (Sequential([Input((3,)), layers.Embedding(7, 2)]), 7),
    (functional(layers.Embedding(7, 2)), 7),
    (functional(layers.Rescaling(2)), None),
    (Sequential([]), None),
    ("bigru", None),
    (None, None),
]


@pytest.mark.parametrize(("backbone", "n_ids"), N_IDS)
def test_ids_that_a_backbone_takes(backbone, n_ids):
    assert n_ids_of(backbone) == n_ids


def test_another_number_of_ids_is_named():
    column = column_of_ids(has_own_vocabulary=False)
    with pytest.raises(ValueError, match="must have the 3 token ids a row of fit; got 2"):
        column.encode(np.array([[1, 2]]))


def test_unknown_words_do_not_count_in_the_mean():
    texts = [["red", "car"], ["blue", "car"], ["red", "hat"], ["blue", "hat"]] * 5
    y = ["r", "b"] * 10
    model = MultiTaskClassifier(epochs=2, random_state=0).fit(texts, y)
    known, unknown = [["red"], ["blue", "car"]], [["red", "old"], ["new", "blue", "big", "car"]]
    np.testing.assert_allclose(model.predict_proba(unknown), model.predict_proba(known), rtol=1e-5)
    # in token ids of the user's own, 1 may be a word
    ids = np.array([[1, 2], [3, 2]] * 10)
    model = MultiTaskClassifier(columns={"text": "text"}, epochs=2, random_state=0)
    frames = [pd.DataFrame({"text_0": x[:, 0], "text_1": x[:, 1]}) for x in (ids, ids * [[0, 1]])]
    model.fit(frames[0], y)
    assert not np.allclose(*(model.predict_proba(frame)[0] for frame in frames))


def test_token_vectors_of_the_first_ids_are_left_out():
    vectors = np.arange(24.0).reshape(2, 4, 3)
    ids = np.array([[1, 2, 3, 0], [1, 1, 0, 0]])
    all_ids, known = (
        ops.convert_to_numpy(_pool_tokens(ops.convert_to_tensor(vectors), ids, "mean", first))
        for first in (1, 2)
    )
    np.testing.assert_allclose(all_ids, [vectors[0, :3].mean(0), vectors[1, :2].mean(0)])
    np.testing.assert_allclose(known, [vectors[0, 1:3].mean(0), np.zeros(3)])
