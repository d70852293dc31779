"""The kind of label that is a class."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from keras import ops

from skmtl import MultiTaskClassifier
from skmtl.data.labels import read_labels
from skmtl.labels import LABEL_KINDS, ClassHead, ClassLabels, LabelKind, LabelOptions


def column(labels):
    return read_labels(labels).columns[0]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["a", None, "b"], True),
        ([True, None], True),
        (pd.Series([1, None], dtype="Int64"), True),
        (np.array([1.0, np.nan, 3.0]), True),
        (np.array([0.5, 1.0]), False),
        (np.array([["a"], ("b",), None], object)[:, None].ravel(), False),
    ],
)
def test_classes_are_recognized(labels, expected):
    assert ClassLabels.recognizes(column(labels), LabelOptions()) == expected


def test_every_kind_is_a_final_class_of_the_registry():
    assert set(LABEL_KINDS) == set(LabelKind.__subclasses__())
    assert not [kind for kind in LABEL_KINDS if kind.__subclasses__()]
    assert len({kind.kind for kind in LABEL_KINDS}) == len(LABEL_KINDS)


def test_a_head_has_an_output_per_class_and_the_most_probable_one_is_predicted():
    kind = ClassLabels.of(column(["b", "a", "c"]))
    outputs = np.array([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]])
    assert kind.head == ClassHead(3)
    assert kind.predict(outputs).tolist() == ["c", "a"]
    assert kind.score(column(["c", "b"]), outputs, np.array([1.0, 3.0])) == 0.25
    assert kind.score(column(["d", "a"]), outputs, np.ones(2)) == 0.5
    assert kind.score_name == kind.head.score_name == "accuracy"


def test_the_loss_of_a_row_is_its_cross_entropy():
    logits = np.array([[1.0, 2.0, 0.5], [0.0, 0.0, 3.0]], np.float32)
    codes = ops.convert_to_tensor(np.array([[1], [0]], np.float32))
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    head = ClassHead(3)
    losses = head.row_losses(ops.convert_to_tensor(logits), codes)
    np.testing.assert_allclose(ops.convert_to_numpy(losses), -logs[[0, 1], [1, 0]], rtol=1e-5)
    (hits,) = head.row_statistics(ops.convert_to_tensor(logits), codes)
    assert ops.convert_to_numpy(hits).tolist() == [1, 0]
    probabilities = ops.convert_to_numpy(head.outputs(ops.convert_to_tensor(logits)))
    np.testing.assert_allclose(probabilities, np.exp(logs), rtol=1e-5)


def test_known_classes_are_sorted():
    assert ClassLabels.of(column(["b", None]), known=["b", "a"]).classes.tolist() == ["a", "b"]


def test_dates_are_no_classes():
    dates = column(pd.Series(pd.date_range("2026", periods=3)))
    assert not ClassLabels.recognizes(dates, LabelOptions())
    with pytest.raises(TypeError, match=r"no string, number or bool: .*Make strings of such"):
        ClassLabels.of(dates)


def test_durations_and_bytes_are_no_classes():
    for cells in (np.array([1, 2], "m8[s]"), np.array([b"a", b"b"]), pd.Series([b"a", b"b"])):
        assert not ClassLabels.recognizes(column(cells), LabelOptions())
        with pytest.raises(TypeError, match="has a label that is no string, number or bool"):
            ClassLabels.of(column(cells))


def test_fractions_of_python_are_no_classes():
    with pytest.raises(ValueError, match=r"has fractions such as 0.5, which are no classes"):
        ClassLabels.of(column(pd.Series([Fraction(1, 2), 1])))


def test_pandas_categories_are_the_classes_also_those_without_a_row():
    cells = pd.Series(["b", None, "b"], dtype=pd.CategoricalDtype(["c", "b", "a"], ordered=True))
    kind = ClassLabels.of(column(cells))
    assert kind.classes.tolist() == ["a", "b", "c"], "sorted, as scikit-learn's"
    assert kind.encode(column(cells)).tolist() == [[1], [0], [1]]
    assert ClassLabels.of(column(cells), known=["b", "z"]).classes.tolist() == ["b", "z"]
    numbers = ClassLabels.of(column(pd.Series([3, 1], dtype=pd.CategoricalDtype([1, 2, 3]))))
    assert numbers.classes.tolist() == [1, 2, 3]
    assert numbers.classes.dtype.kind == "i"
    nothing = pd.Series([None, None], dtype=pd.CategoricalDtype(["a", "b"]))
    with pytest.raises(ValueError, match="has no label at all"):
        ClassLabels.of(column(nothing))
    one = pd.Series(["a"], dtype=pd.CategoricalDtype(["a"]))
    with pytest.raises(ValueError, match="has only one class"):
        ClassLabels.of(column(one))


def test_smoothing_needs_a_loss_of_shares():
    model = MultiTaskClassifier(label_smoothing=0.1)
    model.set_params(task_losses="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="label_smoothing of task 'y' needs a loss that takes"):
        model.fit(np.zeros((4, 2)), [0, 1, 0, 1])
