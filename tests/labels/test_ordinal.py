"""The kind of label that is a class in an order."""

import numpy as np
import pandas as pd
import pytest
from keras import ops

from skmtl.data.labels import read_labels
from skmtl.labels import LabelOptions, OrdinalHead, OrdinalLabels
from skmtl.labels.keras_losses import as_keras_loss

GRADES = ["low", "middle", "high"]


def column(labels):
    return read_labels(labels).columns[0]


def test_classes_have_the_order_that_is_said_or_that_of_their_values():
    kind = OrdinalLabels.of(
        column(["high", "low", None]), options=LabelOptions(order=tuple(GRADES))
    )
    assert kind.classes.tolist() == GRADES
    assert kind.encode(column(["high", "low", None])).tolist() == [[2], [0], [0]]
    assert kind.head == OrdinalHead(2)
    assert OrdinalLabels.of(column([3, 1, 2])).classes.tolist() == [1, 2, 3]
    assert not OrdinalLabels.recognizes(column([1, 2]), LabelOptions())


def test_the_most_probable_class_is_predicted():
    kind = OrdinalLabels.of(column(GRADES), options=LabelOptions(order=tuple(GRADES)))
    outputs = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    assert kind.predict(outputs).tolist() == ["middle", "high"]
    assert kind.score(column(["middle", "unseen"]), outputs, np.array([1.0, 3.0])) == 0.25
    assert kind.describe_outputs() == {"classes": GRADES}


def test_probabilities_are_those_of_falling_cumulative_logits():
    logits = np.array([[0.5, -2.0, 3.0]], np.float32)
    above = 0.5 - np.cumsum([0, np.log1p(np.exp(-2.0)), np.log1p(np.exp(3.0))])
    is_above = np.concatenate([[1], 1 / (1 + np.exp(-above)), [0]])
    found = ops.convert_to_numpy(OrdinalHead(3).outputs(ops.convert_to_tensor(logits)))
    np.testing.assert_allclose(found[0], is_above[:-1] - is_above[1:], rtol=1e-5)


def test_an_unseen_class_names_task_and_row():
    kind = OrdinalLabels.of(column([1, 2]))
    with pytest.raises(ValueError, match="task 'y', row 1: class 3 was not seen in fit"):
        kind.encode(column([1, 3]))


def test_what_no_classes_can_have_taught_is_trouble():
    assert OrdinalLabels(np.array([2, 1])).trouble() is None
    assert "twice" in OrdinalLabels(np.array([1, 1])).trouble()
    assert "no labels" in OrdinalLabels(np.array([1])).trouble()


def test_the_order_of_pandas_categories_is_that_of_the_classes():
    grades = pd.Series(["high", "low"], dtype=pd.CategoricalDtype(GRADES, ordered=True))
    assert OrdinalLabels.of(column(grades)).classes.tolist() == GRADES
    assert OrdinalLabels.of(column(grades)).encode(column(grades)).tolist() == [[2], [0]]
    said = LabelOptions(order=("high", "low"))
    assert OrdinalLabels.of(column(grades), options=said).classes.tolist() == ["high", "low"]
    known = OrdinalLabels.of(column(grades), known=["low", "high", "all"])
    assert known.classes.tolist() == ["low", "high", "all"]


def test_classes_that_are_known_have_their_order():
    known, short = column(["high", "low"]), LabelOptions()
    assert OrdinalLabels.of(known, known=GRADES, options=short).classes.tolist() == GRADES
    grades = pd.Series(["high", "low"], dtype=pd.CategoricalDtype(GRADES, ordered=True))
    assert OrdinalLabels.of(column(grades), known=sorted(GRADES)).classes.tolist() == GRADES
    more = ["none", *GRADES]
    assert OrdinalLabels.of(column(grades), known=more).classes.tolist() == more


@pytest.mark.parametrize("order", [(), ("low",), ("low", "high", "low")])
def test_an_order_has_every_class_once(order):
    with pytest.raises(ValueError, match="the classes of task 'y' must be two or more, each of"):
        OrdinalLabels.of(column(["low", "high"]), options=LabelOptions(order=order))


def test_a_sparse_loss_of_keras_is_that_of_shares():
    rng = np.random.default_rng(0)
    logits, codes = rng.normal(size=(6, 3)).astype("f4"), rng.integers(0, 4, (6, 1)).astype("f4")
    sparse, dense = (
        ops.convert_to_numpy(OrdinalHead(3, as_keras_loss(name)).row_losses(logits, codes))
        for name in ("sparse_categorical_crossentropy", "categorical_crossentropy")
    )
    np.testing.assert_allclose(sparse, dense, rtol=1e-5)
