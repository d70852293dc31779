import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl.labels import Tasks

LABELS = [
    st.sampled_from(["猫", "狗", "鸟", "None", "nan", ""]),
    st.integers(-3, 3),
    st.booleans(),
]


@st.composite
def label_columns(draw):
    """Columns of labels, some of them missing, with at least two classes each."""
    n_rows = draw(st.integers(2, 20))
    columns = {}
    for name in draw(st.lists(st.text(min_size=1), min_size=1, max_size=3, unique=True)):
        labels = draw(st.sampled_from(LABELS))
        column = draw(st.lists(st.none() | labels, min_size=n_rows, max_size=n_rows))
        if len({label for label in column if label is not None}) < 2:
            column = list(column)
            column[:2] = draw(st.lists(labels, min_size=2, max_size=2, unique=True))
        columns[name] = column
    return pd.DataFrame({name: pd.Series(c, dtype=object) for name, c in columns.items()})


def codes_of(tasks, y):
    """Return the numbers of the classes, -1 where a label is missing."""
    targets = tasks.encode(y)
    return np.where(targets.is_labelled, targets.values, -1).astype(int)


def sure_of(tasks, codes):
    """Return outputs of a network that is sure of each class."""
    pairs = zip(np.maximum(codes, 0).T, tasks.classes, strict=True)
    return [np.eye(len(classes))[column] for column, classes in pairs]


@given(label_columns())
def test_a_network_that_is_sure_of_the_codes_predicts_the_labels(y):
    tasks = Tasks.of(y)
    codes = codes_of(tasks, y)
    decoded = tasks.predict(sure_of(tasks, codes))
    assert tasks.names == tuple(y.columns)
    for task, name in enumerate(y.columns):
        missing = y[name].isna().to_numpy()
        assert (codes[:, task] == -1).tolist() == missing.tolist()
        assert decoded[~missing, task].tolist() == y[name][~missing].tolist()


@given(label_columns(), st.randoms())
def test_classes_do_not_depend_on_the_order_of_the_rows(y, random):
    rows = list(range(len(y)))
    random.shuffle(rows)
    for one, other in zip(Tasks.of(y).classes, Tasks.of(y.iloc[rows]).classes, strict=True):
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_every_kind_of_missing_label_is_missing(missing):
    y = pd.Series(["a", missing, "b"], dtype=object)
    assert codes_of(Tasks.of(y), y)[:, 0].tolist() == [0, -1, 1]


def test_missing_label_names_one_more_value():
    y = np.array([0, 1, -1, 2])
    assert codes_of(Tasks.of(y, missing_label=-1), y)[:, 0].tolist() == [0, 1, -1, 2]
    assert Tasks.of(y, missing_label=-1).classes[0].tolist() == [0, 1, 2]
    assert Tasks.of(y).classes[0].tolist() == [-1, 0, 1, 2]


def test_missing_label_does_not_take_false_for_zero():
    y = np.array([[True, 0], [False, 1], [True, 2]], object)
    codes = codes_of(Tasks.of(y, missing_label=0), y)
    assert codes.tolist() == [[1, -1], [0, 0], [1, 1]]


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([1, 2, 1], "i"),
        ([True, False, True], "b"),
        (["a", "b", "a"], "U"),
        (np.array([1.0, 2.0, np.nan]), "f"),
        (pd.array([1, 2, None], dtype="Int64"), "i"),
        (pd.Categorical(["a", "b", None]), "U"),
        (pd.Series(["a", "b", None], dtype="string"), "U"),
    ],
)
def test_classes_keep_the_kind_of_the_labels(y, kind):
    tasks = Tasks.of(pd.Series(y) if hasattr(y, "dtype") else y)
    assert tasks.classes[0].dtype.kind == kind
    assert tasks.one_dimensional


def test_a_frame_is_matched_by_names():
    y = pd.DataFrame({"a": ["x", "y"], "b": [1, 2]})
    assert Tasks.of(y).encode(y[["b", "a"]]).values.tolist() == [[0, 0], [1, 1]]


def test_classes_may_be_passed():
    tasks = Tasks.of(pd.Series(["a", "a"]), classes=["a", "b"])
    assert tasks.classes[0].tolist() == ["a", "b"]
    y = pd.DataFrame({"a": ["x", "x"], "b": [1, 2]})
    for classes in ([["x", "y"], [1, 2, 3]], {"a": ["x", "y"], "b": np.array([3, 1, 2])}):
        known = Tasks.of(y, classes=classes).classes
        assert [labels.tolist() for labels in known] == [["x", "y"], [1, 2, 3]]
    known = Tasks.of(y, classes={"a": ["x", "y"]}).classes
    assert [labels.tolist() for labels in known] == [["x", "y"], [1, 2]]
    with pytest.raises(ValueError, match=r"classes names unknown tasks \['c'\]"):
        Tasks.of(y, classes={"c": [1, 2]})


@pytest.mark.parametrize(
    ("y", "names"),
    [
        ([1, 2], ("y",)),
        (pd.Series([1, 2]), ("y",)),
        (pd.Series([1, 2], name="kind"), ("kind",)),
        ([[1, "a"], [2, "b"]], ("task_0", "task_1")),
        (np.array([[1], [2]]), ("task_0",)),
        (pd.DataFrame({"kind": [1, 2], 3: [0, 1]}), ("kind", "3")),
    ],
)
def test_predictions_have_the_shape_and_the_tasks_of_y(y, names):
    tasks = Tasks.of(y)
    assert tasks.names == names
    codes = codes_of(tasks, y)
    assert codes.tolist() == [[0] * len(names), [1] * len(names)]
    predicted = tasks.predict(sure_of(tasks, codes))
    assert predicted.tolist() == np.asarray(y, dtype=object).tolist()


def test_labels_of_one_kind_are_predicted_as_that_kind():
    y = np.array([[1, 20], [2, 10]])
    tasks, codes = Tasks.of(y), np.array([[0, 1]])
    assert tasks.predict(sure_of(tasks, codes)).dtype == y.dtype
    mixed = Tasks.of(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    assert mixed.predict(sure_of(mixed, codes)).tolist() == [[1, "y"]]


@pytest.mark.parametrize("unseen", [0, 2, 9])
@pytest.mark.parametrize("kind", [np.int64, np.uint8, object, float])
def test_a_column_of_unseen_classes_is_refused(unseen, kind):
    tasks = Tasks.of(np.array([1, 3]))
    with pytest.raises(ValueError, match=rf"row 0: class {unseen}(\.0)? was not seen"):
        tasks.encode(np.array([unseen, unseen], kind))


def test_an_error_lists_ten_classes_at_most():
    for n_classes, end in ((10, r"9\."), (11, r"9, … \(11 in all\)\.")):
        tasks = Tasks.of(np.arange(n_classes))
        with pytest.raises(ValueError, match=f"known classes: 0, 1, .*{end}$"):
            tasks.encode([99])


@pytest.mark.parametrize("label", ["-1", -1.0])
def test_a_missing_label_is_compared_by_value_but_not_across_kinds(label):
    codes = codes_of(Tasks.of([1, 2, -1], missing_label=-1), [1, 2, -1])
    assert codes[:, 0].tolist() == [0, 1, -1]
    if isinstance(label, str):
        assert Tasks.of(["1", label], missing_label=-1).classes[0].tolist() == ["-1", "1"]
    else:
        assert Tasks.of([1.0, 2.0, label], missing_label=-1).classes[0].tolist() == [1, 2]


def test_one_dimensional_labels_that_are_no_array_or_series():
    foreign = type("Foreign", (), {"__array__": lambda *_, **__: np.array([3, 5])})()
    assert Tasks.of(foreign).classes[0].tolist() == [3, 5]
    frame = type("Foreign", (), {"to_pandas": lambda _: pd.DataFrame({"a": ["x", "y"]})})()
    assert Tasks.of(frame).names == ("a",)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, ValueError, "requires y to be passed"),
        ("ab", ValueError, r"y must have shape.*got str 'ab'"),
        (3, ValueError, r"y must have shape.*got int 3"),
        ({"a": [1, 2]}, ValueError, r"y must have shape.*got a dict: make a frame"),
        (np.empty((2, 0)), ValueError, r"got shape \(2, 0\)"),
        (pd.DataFrame({"a": [2**70, 1]}, dtype=object), ValueError, "do not fit into 64 bits"),
        (pd.DataFrame({"a": [2**63, 1, -1]}, dtype=object), ValueError, "do not fit into 64 bits"),
        (pd.DataFrame({"a": [True, 1]}, dtype=object), TypeError, r"'bool', 'number'"),
        (pd.DataFrame({"a": [None, None]}), ValueError, "task 'a' has no label at all"),
        (pd.DataFrame({"a": ["x", "x"]}), ValueError, "task 'a' has only one class, 'x';"),
        (pd.DataFrame({"a": ["x", 1]}), TypeError, r"task 'a' mixes labels.*'number', 'str'"),
        (pd.DataFrame({"a": [{}, 1]}), TypeError, "task 'a' has a label that is no string"),
        (np.array([0.0, np.inf]), ValueError, "contains infinity"),
        (np.array([1.0, 0.7]), ValueError, "Unknown label type: y: task 'y' has fractions .* 0.7"),
        (np.array([1j, 2]), ValueError, "Complex data not supported"),
        (np.zeros((2, 2, 2)), ValueError, r"got shape \(2, 2, 2\)"),
        ([["a", "b"], ["a"]], ValueError, "one label per task in every row.*pandas.Series"),
        (pd.DataFrame(index=[0, 1]), ValueError, "at least one task"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, "tasks of the same name"),
    ],
)
def test_bad_labels_are_named(y, error, message):
    with pytest.raises(error, match=message):
        Tasks.of(y)


def test_an_unseen_class_may_count_as_wrong():
    tasks = Tasks.of(pd.DataFrame({"a": ["x", "y"], "b": [0, 1]}))
    y = pd.DataFrame({"a": ["x", "z", None], "b": [1, 2, 2]}, dtype=object)
    outputs = [np.array([[0.9, 0.1]] * 3), np.array([[0.2, 0.8]] * 3)]
    assert tasks.predict(outputs).tolist() == [["x", 1]] * 3
    assert tasks.score(y, outputs) == pytest.approx((1 / 2 + 1 / 3) / 2)
    weights = pd.DataFrame({"b": [1, 0, 0], "a": [0, 1, 1]})
    assert tasks.score(y, outputs, weights) == pytest.approx((0 + 1) / 2)
    with pytest.raises(ValueError, match="y has no label for any task"):
        tasks.score(y.mask(y.notna(), None), outputs)
    with pytest.raises(ValueError, match="same number of rows; got 3 and 2"):
        tasks.score(y[:2], outputs)


def test_labels_without_a_hash_are_unseen_classes():
    tasks = Tasks.of(["x", "y"])
    y = np.array(["x", None, "y"], object)
    y[1] = ["x"]
    with pytest.raises(ValueError, match=r"row 1: class \['x'\] was not seen in fit"):
        tasks.encode(y)


def test_one_hot_labels_are_refused_where_columns_have_no_names():
    one_hot = np.eye(3)[[0, 1, 2, 0]]
    for y in (one_hot, one_hot.astype(int).tolist()):
        with pytest.raises(ValueError, match=r"y looks one-hot: .* y\.argmax\(axis=1\)"):
            Tasks.of(y)
    named = pd.DataFrame(one_hot, columns=["a", "b", "c"])
    assert len(Tasks.of(named).names) == 3
    assert len(Tasks.of(np.array([[0, 1, 1], [1, 0, 0]])).names) == 3


def test_rows_are_counted_before_classes():
    with pytest.raises(ValueError, match="same number of rows; got 3 and 2"):
        Tasks.of(["x", "x"], n_rows=3)


def test_an_unseen_class_names_task_and_row():
    tasks = Tasks.of(pd.DataFrame({"a": ["x", "y"]}))
    with pytest.raises(ValueError, match=r"task 'a', row 1: class 'z' was not seen.*'x', 'y'"):
        tasks.encode(pd.DataFrame({"a": ["x", "z"]}))
    with pytest.raises(ValueError, match=r"must have the tasks \['a'\]; got \['b'\]"):
        tasks.encode(pd.DataFrame({"b": ["x"]}))


def test_many_whole_numbers_are_asked_about_unless_they_are_categories():
    numbers = pd.DataFrame({"level": range(31)})
    kinds = ("class", "number")
    with pytest.raises(ValueError, match="task 'level' has 31 different whole numbers"):
        Tasks.of(numbers, kinds=kinds)
    assert Tasks.of(numbers.astype("category"), kinds=kinds).kinds[0].kind == "class"


def test_weights_go_with_the_columns_of_the_labels_that_are_scored():
    tasks = Tasks.of(pd.DataFrame({"a": [0, 1, 0], "b": [0, 1, 1]}))
    outputs = [np.eye(2)[[0, 0, 0]], np.eye(2)[[1, 1, 1]]]
    y, weights = pd.DataFrame({"b": [0, 1, 1], "a": [0, 1, 0]}), np.array([[1, 2], [3, 4], [0, 5]])
    expected = ((2 + 5) / 11 + 3 / 4) / 2
    assert tasks.score(y, outputs, weights) == pytest.approx(expected)
    named = pd.DataFrame(weights, columns=["b", "a"])
    assert tasks.score(y, outputs, named) == pytest.approx(expected)
