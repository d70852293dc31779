"""Columns of X, their kinds, and the branches that read them."""

import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl.columns.layout import read_layout, visible_branches
from skmtl.data.tables import split_table

FRAME = pd.DataFrame(
    {
        "brand": ["红", "蓝"] * 5,
        "photo": ["a.png"] * 10,
        "price": np.arange(10.0),
        "title": [f"一个标题 {row}" for row in range(10)],
        "in stock": [True, False] * 5,
        "说明": [f"说明 {row}" for row in range(10)],
    }
)


def layout_of(X, columns=None, task_columns=None, tasks=("a", "b")):
    return read_layout(split_table(X).columns, columns, task_columns, tasks)


def test_images_then_texts_then_one_branch_for_numbers_and_categories():
    layout = layout_of(FRAME)
    kinds = ("category", "image", "number", "text", "number", "text")
    assert layout.kinds == dict(zip(FRAME.columns, kinds, strict=True))
    found = [(s.branch, s.kind, s.columns) for s in layout.sources]
    assert found == [
        ("photo", "image", ("photo",)),
        ("title", "text", ("title",)),
        ("text_column", "text", ("说明",)),
        ("table", "table", ("brand", "price", "in stock")),
    ]


def test_the_parameter_says_some_kinds_and_the_rest_is_inferred():
    layout = layout_of(FRAME, {"brand": "text", "price": "category", "photo": "drop"})
    assert layout.kinds["brand"] == "text"
    assert layout.kinds["price"] == "category"
    assert layout.kinds["title"] == "text"
    assert "photo" not in [s.branch for s in layout.sources]


def test_a_prefix_of_a_column_transformer_need_not_be_written():
    X = FRAME.add_prefix("prepare__")
    layout = layout_of(X, {"brand": "text", "prepare__price": "drop"})
    assert layout.kinds["prepare__brand"] == "text"
    assert [s.branch for s in layout.sources][:2] == ["photo", "brand"]
    both = pd.DataFrame({"a__x": [1.0], "b__x": [2.0]})
    with pytest.raises(ValueError, match=r"columns\['x'\] may mean any of \['a__x', 'b__x'\]"):
        layout_of(both, {"x": "number"})


def test_runs_of_token_ids_are_sorted_by_number():
    names = ["text_0", "text_1", "text_10", "text_2"]
    X = pd.DataFrame({name: [1, 2] for name in names})
    source = layout_of(X).sources[0]
    assert source.columns == ("text_0", "text_1", "text_2", "text_10")
    assert (source.kind, source.name) == ("text", "text")


def test_a_run_behind_any_prefix_can_be_named():
    X = pd.DataFrame({"text__title_0": [1], "text__title_1": [2], "size": [3.0]})
    assert [s.kind for s in layout_of(X).sources] == ["table"]
    layout = layout_of(X, {"title": "text"})
    assert layout.sources[0].columns == ("text__title_0", "text__title_1")
    assert layout.kinds == {"size": "number", "title": "text"}


def test_branches_have_names_of_their_own_that_keras_takes():
    X = pd.DataFrame({"a b": ["x y"], "a_b": ["x z"], "a/b": ["w"], "9": ["v"], "joint": ["u"]})
    branches = [s.branch for s in layout_of(X, dict.fromkeys(X, "text")).sources]
    assert branches == ["a_b", "a_b_2", "a_b_3", "text_column", "text_column_2"]


def test_tasks_see_columns_or_kinds():
    layout = layout_of(FRAME, task_columns={"a": ["photo", "price"], "b": "text"})
    tables = [s.columns for s in layout.sources if s.kind == "table"]
    assert tables == [("price",)]
    seen = visible_branches(layout, {"a": ["photo", "price"], "b": "text"}, ("a", "b"))
    assert seen == (frozenset({"photo", "table"}), frozenset({"title", "text_column"}))
    everything = frozenset(s.branch for s in layout.sources)
    assert visible_branches(layout, {"b": "text"}, ("a", "b"))[0] == everything
    assert visible_branches(layout, None, ("a", "b")) == (everything,) * 2


def test_numbers_that_other_tasks_see_are_read_by_another_branch():
    chosen = {"a": ["price"], "b": ["table"]}
    layout = layout_of(FRAME, task_columns=chosen)
    groups = {s.branch: s.columns for s in layout.sources if s.kind == "table"}
    assert groups == {"table": ("brand", "in stock"), "table_2": ("price",)}
    assert visible_branches(layout, chosen, ("a", "b")) == (
        frozenset({"table_2"}),
        frozenset({"table", "table_2"}),
    )


def all_of(**options):
    return visible_branches(layout_of(FRAME, **options), options.get("task_columns"), ("a", "b"))


WRONG = {
    "no dict": ({"columns": ["photo"]}, "columns must be None or a dict"),
    "no kind": ({"columns": {"photo": "sound"}}, r"columns\['photo'\] must be one of 'image'"),
    "no column": ({"columns": {"size": "number"}}, "'size', which is no column of X"),
    "nothing left": ({"columns": dict.fromkeys(FRAME, "drop")}, "X has no column left"),
    "tasks: no dict": ({"task_columns": "photo"}, "task_columns must be a dict"),
    "no task": ({"task_columns": {"c": "photo"}}, r"unknown tasks \['c'\]"),
    "a task and no column": ({"task_columns": {"a": "size"}}, "task 'a' must name columns"),
    "a task and nothing": ({"task_columns": {"a": []}}, "task 'a' must name columns"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_wrong_parameters_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        all_of(**options)


@pytest.mark.slow
def test_the_name_of_a_column_goes_before_that_of_a_kind():
    rng = np.random.default_rng(0)
    words = [[" ".join(rng.choice(list("abcdef"), 3)) for _ in range(40)] for _ in range(2)]
    X = pd.DataFrame(dict(zip(("text", "title"), words, strict=True)))
    y = pd.DataFrame({"s": np.arange(40) % 2, "t": rng.integers(0, 2, 40)})
    model = MultiTaskClassifier(columns=dict.fromkeys(X, "text"), epochs=1, random_state=0)
    model.set_params(task_columns={"t": "text"}).fit(X, y)
    before = model.predict_proba(X)
    after = model.predict_proba(X.assign(title=X["title"].to_numpy()[::-1]))
    np.testing.assert_array_equal(after[1], before[1])
    assert np.abs(after[0] - before[0]).max() > 0
