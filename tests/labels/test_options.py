"""What a user says of the labels of a task."""

import keras
import pytest

from skmtl import MultiTaskEstimator
from skmtl.labels import label_options
from skmtl.labels.options import classes_by_task


def options(**parameters):
    return label_options(MultiTaskEstimator(**parameters), ["a", "b"])


def test_a_value_holds_for_all_tasks_and_a_dict_for_those_it_names():
    found = options(task_losses="focal", quantiles={"b": 0.5}, tasks={"a": ["x", "y"]})
    assert (found["a"].loss, found["b"].loss) == ("focal", "focal")
    assert (found["a"].quantiles, found["b"].quantiles) == ((0.1, 0.5, 0.9), (0.5,))
    assert (found["a"].kind, found["a"].order, found["b"].kind) == ("ordinal", ("x", "y"), None)
    assert (found["a"].said, found["b"].said) == ({"tasks"}, {"quantiles"})


def test_a_loss_is_one_of_its_kind_or_of_keras():
    one = options(task_losses=keras.losses.Huber(delta=2.0))["a"]
    assert '"delta": 2.0' in one.loss_of("a", "number", ("squared",))
    assert options()["a"].loss_of("a", "number", ("squared", "huber")) == "squared"
    assert "log_cosh" in options(task_losses="log_cosh")["a"].loss_of("a", "number", ("squared",))
    with pytest.raises(
        ValueError, match="task 'a' is of the kind 'class', whose losses are 'focal'"
    ):
        options(task_losses="huber")["a"].loss_of("a", "class", ("focal",))
    with pytest.raises(ValueError, match="nor Keras has the loss 'foo'"):
        options(task_losses="foo")["a"].loss_of("a", "class", ("focal",))


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"tasks": {"c": "number"}}, ValueError, r"tasks names unknown tasks \['c'\]"),
        ({"tasks": {"a": 3}}, TypeError, "tasks: the kind of task 'a' must be a string"),
        ({"label_smoothing": 1.0}, ValueError, "label_smoothing of task 'a' must be at least 0"),
        ({"quantiles": (0.9, 0.1)}, ValueError, "must be increasing numbers between 0 and 1"),
        ({"quantiles": "all"}, ValueError, "must be increasing numbers between 0 and 1"),
        ({"target_transform": "log"}, ValueError, "must be None or 'log1p'; got str 'log'"),
        ({"tag_separator": ""}, ValueError, "tag_separator of task 'a' must be None or a string"),
        ({"task_losses": {"a": print}}, TypeError, "task_losses must be names of losses"),
    ],
)
def test_bad_options_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        options(**parameters)


def test_classes_belong_to_tasks_by_name_or_in_order():
    assert classes_by_task(None, ["a"], one_dimensional=True) == {}
    assert classes_by_task([1, 2], ["a"], one_dimensional=True) == {"a": [1, 2]}
    assert classes_by_task({"b": [1, 2], "a": None}, "ab", one_dimensional=False) == {"b": [1, 2]}
    found = classes_by_task([[1, 2], None], "ab", one_dimensional=False)
    assert found == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        ({"c": [1, 2]}, ValueError, r"classes names unknown tasks \['c'\]; tasks: \['a', 'b'\]"),
        (
            [[1, 2]],
            ValueError,
            r"must be a dict.*or have a list for each of the tasks \['a', 'b'\]",
        ),
        ("xy", ValueError, "or have a list for each of the tasks"),
        (["xy", "z"], TypeError, "classes of task 'a' must be a list or an array; got str 'xy'"),
        ({"b": 3}, TypeError, "classes of task 'b' must be a list or an array; got int 3"),
    ],
)
def test_what_is_no_list_of_classes_is_named(classes, error, message):
    with pytest.raises(error, match=message):
        classes_by_task(classes, ["a", "b"], one_dimensional=False)
