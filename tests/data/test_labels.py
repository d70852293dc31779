"""One reader of labels, whatever reads them: fit, scorers, folds, comparisons, displays."""

import decimal

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest

from skmtl.comparison import compare_techniques, single_task_baselines
from skmtl.data.labels import read_labels
from skmtl.labels import Tasks
from skmtl.metrics import task_scores
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.model_selection._units import encode_labels

MISSING = [None, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), decimal.Decimal("NaN")]


def masks(y, missing_label=None):
    """Return which rows of a 1-D y each reader takes for labelled."""
    tasks = Tasks.of(y, missing_label=missing_label)
    fit = tasks.encode(y).is_labelled[:, 0].tolist()
    codes = encode_labels(pd.Series([*y, None], dtype=object), missing_label=missing_label)[:, 0]
    folds = (codes[:-1] != codes[-1]).tolist()
    scored = []
    for row in range(len(y)):
        score = task_scores(y[row : row + 1], y[row : row + 1], missing_label=missing_label)["y"]
        scored.append(not np.isnan(score))
    per_task = single_task_baselines(Recorder(), missing_label=missing_label)
    counted = per_task.fit(np.zeros((len(y), 1)), y).estimators_[0].n_rows_
    assert counted == sum(fit)
    assert folds == scored == fit
    return fit


class Recorder:
    """An estimator that counts its rows."""

    def get_params(self, deep=True):  # noqa: ARG002
        return {}

    def set_params(self):
        return self

    def __sklearn_clone__(self):
        return Recorder()

    def fit(self, X, y):
        self.n_rows_, self.classes_ = len(X), np.unique(y)
        return self


@pytest.mark.parametrize(
    ("y", "missing_label", "expected"),
    [
        ([True, False, True], 0, [True, True, True]),
        ([0, 1, 2, 0], False, [True, True, True, True]),
        ([0, 1, 2, 0], 0, [False, True, True, False]),
        ([0.0, 1.0, 2.0], 0, [False, True, True]),
        (["0", "1", "2"], 0, [True, True, True]),
        (["a", "b", "?", "a"], "?", [True, True, False, True]),
        ([1, 2, -1.0], -1, [True, True, False]),
    ],
    ids=str,
)
@pytest.mark.parametrize("make", [list, np.array, lambda y: np.array(y, object)])
def test_a_missing_label_is_the_same_for_every_reader(make, y, missing_label, expected):
    if make is np.array and len({type(label) for label in y}) > 1:
        pytest.skip("an array of several types is an object array")
    assert masks(make(y), missing_label) == expected


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_a_missing_cell_is_the_same_for_every_reader(missing):
    assert masks(np.array(["a", missing, "b"], object)) == [True, False, True]


@pytest.mark.parametrize("make", [polars.DataFrame, pyarrow.table, pd.DataFrame])
def test_integers_with_a_missing_label_stay_integers(make):
    frame = {"a": [2, None, 1], "b": ["x", "y", None]}
    if make is pd.DataFrame:
        frame["a"] = pd.array(frame["a"], dtype="Int64")
    tasks = Tasks.of(make(frame))
    assert tasks.classes[0].tolist() == [1, 2]
    assert tasks.classes[0].dtype.kind == "i"
    assert tasks.names == ("a", "b")
    reordered = make({"b": frame["b"], "a": frame["a"]})
    targets = tasks.encode(reordered)
    codes = np.where(targets.is_labelled, targets.values, -1)
    assert codes.tolist() == [[1, 0], [-1, 1], [0, -1]]


@pytest.mark.parametrize("make", [polars.DataFrame, pyarrow.table])
def test_splitters_and_comparisons_take_frames_of_other_libraries(make):
    cells = {"a": [0, 1, None] * 8, "b": ["x", "y"] * 12}
    X = make({"number": list(range(24))})
    for train, test in MultiTaskStratifiedKFold(2).split(X, make(cells)):
        assert len(train) == len(test) == 12
    comparison = compare_techniques(
        {"none": single_task_baselines(Recorder())}, X, make(cells), cv=2, verbose=0
    )
    assert comparison.tasks == ["a", "b"]


def test_a_missing_label_may_be_false():
    (column,) = read_labels([True, False, 0, None], missing_label=False).columns
    assert column.is_labelled.tolist() == [True, False, True, False]


def test_columns_and_shape():
    table = read_labels(pd.DataFrame({"a": ["x", None], 3: [1, 2]}), n_rows=2)
    assert (table.names, table.n_rows, table.has_names) == (["a", "3"], 2, True)
    assert not table.is_one_dimensional
    assert table.to_pandas().to_numpy().tolist() == [["x", 1], [None, 2]]
    table = read_labels(pd.Series([1, 2], name="kind"))
    assert (table.names, table.has_names, table.is_one_dimensional) == (["kind"], True, True)
    assert table.to_pandas().tolist() == [1, 2]
    assert not read_labels([[1, 2], [3, 4]]).has_names


def test_categories_stay_known_and_one_of_them_may_mean_missing():
    frame = pd.DataFrame({"plain": [1, 2], "kind": pd.Categorical(["b", "?"], ["b", "?", "a"])})
    plain, kind = read_labels(frame, missing_label="?").columns
    assert plain.categories is None
    assert kind.categories.tolist() == ["b", "a"]
    assert kind.take(np.array([1])).categories.tolist() == ["b", "a"]
    assert kind.is_labelled.tolist() == [True, False]
    cells = polars.Series("kind", ["b", "?"], dtype=polars.Enum(["b", "?", "a"]))
    for table in (cells, pyarrow.Table.from_pandas(frame[["kind"]])):
        assert read_labels(table).columns[0].categories.tolist() == ["b", "?", "a"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: read_labels(None), ValueError, "requires y to be passed"),
        (lambda: read_labels({"a": [1]}), ValueError, r"got a dict: make a frame .* pandas\.DataF"),
        (lambda: read_labels(iter([1, 2])), ValueError, "y must have shape.*got list_iterator"),
        (lambda: read_labels({1, 2}), ValueError, "y must have shape.*got set"),
        (lambda: read_labels([1, 2], n_rows=3), ValueError, "number of rows; got 3 and 2"),
        (
            lambda: read_labels([pd.Series([1, 2, 3]), pd.Series([1, 2, 3])]),
            ValueError,
            r"y is a list of 2 columns; .* pandas\.DataFrame\(",
        ),
        (
            lambda: read_labels([np.arange(3), np.arange(3)], n_rows=3),
            ValueError,
            r"y is a list of 2 columns",
        ),
        (
            lambda: read_labels(pd.DataFrame([[1, 2]], columns=["1", 1])),
            ValueError,
            r"tasks of the same name: \['1', '1'\]",
        ),
        (
            lambda: read_labels([1], missing_label=[0]),
            TypeError,
            r"missing_label must be None, a string, a number or a bool; got list \[0\]",
        ),
    ],
)
def test_what_is_no_table_of_labels_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_categories_stay_with_their_order():
    y = pd.DataFrame({"size": pd.Categorical(["s", None, "l"], ["s", "m", "l"])})
    again = read_labels(y).to_pandas()["size"]
    assert again.cat.categories.tolist() == ["s", "m", "l"]
    assert again.isna().tolist() == [False, True, False]
