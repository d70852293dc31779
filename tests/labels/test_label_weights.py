import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight

from skmtl.labels import Tasks, label_weights

Y = pd.DataFrame({"a": ["x", "x", "x", "y", None], "b": [1, 2, 1, None, 2]})
TASKS = Tasks.of(Y)
TARGETS = TASKS.encode(Y)
LABELLED = TARGETS.is_labelled


def test_missing_labels_weigh_nothing():
    assert label_weights(TARGETS, TASKS).tolist() == LABELLED.astype(float).tolist()


def test_weights_of_rows_and_of_labels():
    rows = np.arange(5.0)
    assert (label_weights(TARGETS, TASKS, sample_weight=rows) == LABELLED * rows[:, None]).all()
    labels = np.arange(10.0).reshape(5, 2)
    assert (label_weights(TARGETS, TASKS, sample_weight=labels) == LABELLED * labels).all()


def test_weights_of_labels_stand_as_the_columns_of_y_do():
    labels = np.arange(10.0).reshape(5, 2)
    targets = TASKS.encode(Y[["b", "a"]])
    found = label_weights(targets, TASKS, sample_weight=labels)
    assert (found == LABELLED * labels[:, ::-1]).all()
    named = pd.DataFrame(labels, columns=["b", "a"])
    for order in (["a", "b"], ["b", "a"]):
        assert (label_weights(targets, TASKS, sample_weight=named[order]) == found).all()


def test_balanced_classes_are_those_of_scikit_learn():
    weights = label_weights(TARGETS, TASKS, class_weight="balanced")
    labels = Y["a"].dropna()
    expected = compute_class_weight("balanced", classes=TASKS.classes[0], y=labels)
    np.testing.assert_allclose(weights[:4, 0], expected[TARGETS.values[:4, 0].astype(int)])
    np.testing.assert_allclose(weights.sum(axis=0), LABELLED.sum(axis=0))


def test_class_weights_of_one_task():
    weights = label_weights(TARGETS, TASKS, class_weight={"a": {"y": 3.0}})
    assert weights[:, 0].tolist() == [1, 1, 1, 3, 0]
    assert weights[:, 1].tolist() == LABELLED[:, 1].tolist()


def test_class_weights_of_a_single_column():
    tasks = Tasks.of(np.array([0, 1, 1]))
    targets = tasks.encode(np.array([0, 1, 1]))
    weights = label_weights(targets, tasks, class_weight={0: 2.0, 1: 0.5})
    assert weights[:, 0].tolist() == [2, 0.5, 0.5]


def test_a_single_weight_is_that_of_every_row():
    assert (label_weights(TARGETS, TASKS, sample_weight=2) == 2 * LABELLED).all()


def test_a_single_column_takes_its_name_too():
    tasks = Tasks.of(pd.Series(["x", "y"], name="kind"))
    targets = tasks.encode(["x", "y"])
    for class_weight in ({"kind": {"y": 3}}, {"y": 3}):
        assert label_weights(targets, tasks, class_weight=class_weight).tolist() == [[1], [3]]


def test_a_task_may_be_left_as_it_is():
    weights = label_weights(TARGETS, TASKS, class_weight={"a": None, "b": {1: 0.0}})
    assert weights.tolist() == [[1, 0], [1, 1], [1, 0], [1, 0], [0, 1]]


def test_a_class_without_a_row_leaves_the_balance_alone():
    tasks = Tasks.of(pd.Series(["x", "y"]), classes=["x", "y", "z"])
    weights = label_weights(tasks.encode(["x", "x", "y"]), tasks, class_weight="balanced")
    np.testing.assert_allclose(weights[:, 0], [0.75, 0.75, 1.5])


def test_the_balance_may_be_that_of_other_rows():
    tasks = Tasks.of(pd.Series(["x", "y", "z"]))
    options = {"class_weight": "balanced", "balance": tasks.encode(["x", "x", "y"])}
    weights = label_weights(tasks.encode(["y", "x", "z"]), tasks, **options)
    np.testing.assert_allclose(weights[:, 0], [1.5, 0.75, 1.5])
    nothing = tasks.encode([None, None])
    weights = label_weights(tasks.encode(["x"]), tasks, class_weight="balanced", balance=nothing)
    assert weights.tolist() == [[1.0]]


def test_no_row_has_no_weight():
    assert label_weights(TASKS.encode(Y[:0]), TASKS).shape == (0, 2)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sample_weight": [1, 1]}, ValueError, r"sample_weight.shape == \(2,\), expected \(5,\)"),
        ({"sample_weight": [1, 1, -1, 1, 1]}, ValueError, r"not negative; got -1.0 in row 2"),
        ({"sample_weight": [1, 1, np.nan, 1, 1]}, ValueError, "got nan in row 2"),
        ({"sample_weight": ["a"] * 5}, ValueError, "sample_weight must be numbers"),
        ({"sample_weight": np.zeros(5)}, ValueError, "All weights are zero"),
        ({"class_weight": "even"}, ValueError, "of task 'a' must be 'balanced'; got 'even'"),
        ({"class_weight": {"c": "balanced"}}, ValueError, r"unknown tasks \['c'\]"),
        ({"class_weight": {"a": {"z": 1}}}, ValueError, "task 'a' names the unknown class 'z'"),
        ({"class_weight": {"a": {"x": -1}}}, ValueError, "class 'x', must be finite"),
        ({"class_weight": {"a": {"x": np.inf}}}, ValueError, "must be finite.*got inf"),
        ({"class_weight": {"a": {"x": "2"}}}, ValueError, "must be finite.*got '2'"),
        ({"class_weight": {"a": 3}}, TypeError, "task 'a' must be 'balanced' or a dict"),
        ({"class_weight": 3}, TypeError, "must be None, 'balanced' or a dict"),
    ],
)
def test_bad_weights_are_named(options, error, message):
    with pytest.raises(error, match=message):
        label_weights(TARGETS, TASKS, **options)
