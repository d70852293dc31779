"""The kind of label that is a set of tags."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from skmtl.data.labels import read_labels
from skmtl.labels import LabelOptions, TagLabels

CELLS = [["b", "a"], ("a",), {"c"}, np.array(["b"]), [], None]


def column(cells):
    return read_labels(pd.Series(cells, dtype=object)).columns[0]


def test_collections_are_recognized_and_strings_with_a_separator():
    plain, split = LabelOptions(), LabelOptions(tag_separator="|")
    assert TagLabels.recognizes(column(CELLS), plain)
    assert not TagLabels.recognizes(column(["a|b", "c"]), plain)
    assert TagLabels.recognizes(column(["a|b", "c"]), split)
    assert not TagLabels.recognizes(column(["a", "c"]), split)
    assert not TagLabels.recognizes(read_labels([1, 2]).columns[0], split)


def test_no_tags_are_a_label_and_a_missing_cell_is_none():
    kind = TagLabels.of(column(CELLS))
    assert kind.classes.tolist() == ["a", "b", "c"]
    expected = [[1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert kind.encode(column(CELLS)).tolist() == expected
    assert column(CELLS).is_labelled.tolist() == [True] * 5 + [False]


def test_strings_are_split_and_blanks_around_tags_do_not_count():
    kind = TagLabels.of(column(["x|y", " y ", "", None]), options=LabelOptions(tag_separator="|"))
    assert kind.classes.tolist() == ["x", "y"]
    assert kind.encode(column(["x | y", "", None])).tolist() == [[1, 1], [0, 0], [0, 0]]


def test_tags_are_predicted_as_sorted_tuples():
    kind = TagLabels.of(column(CELLS))
    outputs = np.array([[0.2, 0.9, 0.5], [0.1, 0.1, 0.1]])
    assert kind.predict(outputs).tolist() == [("b", "c"), ()]


def test_the_score_is_the_micro_averaged_f1():
    rng = np.random.default_rng(0)
    truth, outputs = rng.random((30, 3)) < 0.4, rng.random((30, 3))
    cells = column([list(np.array(["a", "b", "c"])[row]) for row in truth])
    kind = TagLabels.of(cells)
    weights = rng.random(30)
    expected = f1_score(truth, outputs >= 0.5, average="micro", sample_weight=weights)
    assert kind.score(cells, outputs, weights) == pytest.approx(expected)
    assert kind.score(column([[]]), np.zeros((1, 3)), np.ones(1)) == 1.0
    # a tag that was not in fit is missed
    assert kind.score(column([["a", "z"]]), np.array([[1, 0, 0]]), np.ones(1)) == 2 / 3


def test_thresholds_are_those_of_the_largest_f1():
    kind = TagLabels.of(column([["a"], ["b"]]))
    rng = np.random.default_rng(0)
    truth = np.c_[np.arange(40) < 20, np.arange(40) < 2].astype(np.float32)
    outputs = np.c_[truth[:, 0] * 0.1 + rng.random(40) * 0.09, rng.random(40)]
    tuned = kind.tuned(truth, outputs, np.ones(40))
    assert 0.09 <= tuned.thresholds[0] <= 0.19
    assert ((outputs[:, 0] >= tuned.thresholds[0]) == truth[:, 0]).all()
    assert tuned.thresholds[1] == 0.5  # two rows say nothing


@pytest.mark.parametrize(
    ("cells", "error", "message"),
    [
        ([["a"], 3], TypeError, "row 1: tags are a list.*got int 3"),
        ([["a"], [0.5]], TypeError, "row 1: a tag is a string or a whole number; got float"),
        ([[], None], ValueError, "no tag at all"),
        ([["a"], [1]], TypeError, "mixes labels"),
    ],
)
def test_bad_labels_are_named(cells, error, message):
    with pytest.raises(error, match=message):
        TagLabels.of(column(cells))


def test_an_unseen_tag_names_task_and_row():
    kind = TagLabels.of(column(CELLS))
    with pytest.raises(ValueError, match="row 1: tag 'z' was not seen in fit"):
        kind.encode(column([["a"], ["z"]]))
    assert TagLabels.of(column([["a"]]), known=["b", "a"]).classes.tolist() == ["a", "b"]


def test_what_no_tags_can_have_taught_is_trouble():
    kind = TagLabels.of(column(CELLS))
    assert kind.trouble() is None
    assert "thresholds" in TagLabels(kind.classes, np.array([0.5])).trouble()
    assert "thresholds" in TagLabels(kind.classes, np.array([0.5, np.nan, 0.5])).trouble()
    assert "sorted" in TagLabels(np.array(["a", "a"]), np.array([0.5, 0.5])).trouble()


def test_strings_of_a_task_with_its_own_separator_are_tags_also_one_by_one():
    single = column(["red", "", None])
    own = LabelOptions(tag_separator="|", said=frozenset({"tag_separator"}))
    assert TagLabels.recognizes(single, own)
    assert not TagLabels.recognizes(single, LabelOptions(tag_separator="|"))
    assert not TagLabels.recognizes(column([1, 2]), own)
