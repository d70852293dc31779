"""Weights with names go to the tasks of these names."""

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest

from skmtl.data.weights import by_task_name, read_sample_weight

TASKS = ["a", "b"]


@pytest.mark.parametrize("make", [dict, pd.Series])
def test_a_dict_and_a_series_are_matched_by_name(make):
    weights = make({"b": 0.0, "a": 1.0})
    assert by_task_name(weights, TASKS, parameter="loss_weights") == [1.0, 0.0]


def test_a_task_that_is_not_named_takes_the_default():
    assert by_task_name({"b": 3}, TASKS, parameter="loss_weights", default=1.0) == [1.0, 3]


def test_what_has_no_names_is_read_by_position():
    assert by_task_name(pd.Series([1, 2]), TASKS, parameter="p") == [1, 2]
    frame = pd.DataFrame([[1, 2]])
    assert by_task_name(frame, TASKS, parameter="p") is frame
    for values in ([1, 2], np.array([1, 2]), None, "balanced"):
        assert by_task_name(values, TASKS, parameter="p") is values


@pytest.mark.parametrize("make", [pd.DataFrame, polars.DataFrame, pyarrow.table])
def test_columns_of_sample_weights_are_matched_by_name(make):
    weights = read_sample_weight(make({"b": [1, 2], "a": [3, 4]}), TASKS, 2)
    assert weights.tolist() == [[3, 1], [4, 2]]


def test_sample_weights_of_rows_and_of_labels():
    assert read_sample_weight(2, TASKS, 1).tolist() == [[2, 2]]
    assert read_sample_weight(pd.Series([1, 2], index=[7, 9]), TASKS, 2).tolist() == [
        [1, 1],
        [2, 2],
    ]
    assert read_sample_weight([[1, 2], [3, 4]], TASKS, 2).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: by_task_name({"c": 1}, TASKS, parameter="loss_weights"),
            r"loss_weights names unknown tasks \['c'\]; tasks: \['a', 'b'\]",
        ),
        (
            lambda: by_task_name(pd.Series({"a": 1}), TASKS, parameter="loss_weights"),
            r"loss_weights does not name the tasks \['b'\]",
        ),
        (
            lambda: by_task_name(pd.Series([1, 2], ["a", "a"]), TASKS, parameter="loss_weights"),
            "loss_weights names a task more than once",
        ),
        (
            lambda: read_sample_weight(pd.DataFrame({"a": [1], "c": [1]}), TASKS, 1),
            r"sample_weight names unknown tasks \['c'\]",
        ),
        (
            lambda: read_sample_weight(pd.DataFrame({"a": [1]}), TASKS, 1),
            r"sample_weight does not name the tasks \['b'\]",
        ),
        (lambda: read_sample_weight([[1, 2]], ["a"], 1), r"expected \(1,\) or \(1, 1\)"),
        (lambda: read_sample_weight([1, -1], ["a"], 2), "got -1.0 in row 1"),
        (lambda: read_sample_weight(["x"], ["a"], 1), "sample_weight must be numbers"),
    ],
)
def test_weights_that_cannot_be_matched_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
