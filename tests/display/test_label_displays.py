"""Figures of numbers and tags."""

import numpy as np
import pandas as pd
import pytest

from skmtl.display import (
    NumberPredictionsDisplay,
    TagScoresDisplay,
    TaskConfusionMatrixDisplay,
    WrongPredictionsDisplay,
)

TRUTH = pd.DataFrame({"a": ["x", "y", None], "b": [0.5, np.nan, 2.5]})
TRUTH["c"] = [["p"], ["q"], None]
GUESS = pd.DataFrame({"a": ["x", "x", "y"], "b": [1.0, 9.0, 2.0]})
GUESS["c"] = [("p",), ("p",), ()]


class Fitted:
    task_kinds_ = {"b": "number", "a": "class", "c": "tags"}  # noqa: RUF012

    def predict(self, X):  # noqa: ARG002
        return GUESS


@pytest.mark.parametrize("way", ["estimator", "predictions"])
def test_numbers_are_drawn_with_what_is_left_over(way):
    if way == "estimator":
        display = NumberPredictionsDisplay.from_estimator(Fitted(), [[0]] * 3, TRUTH)
    else:
        display = NumberPredictionsDisplay.from_predictions(TRUTH, GUESS)
    assert list(display.numbers) == ["b"]
    left, right = display.axes_
    assert left.collections[0].get_offsets().tolist() == [[1.0, 0.5], [2.0, 2.5]]
    assert right.collections[0].get_offsets().tolist() == [[1.0, -0.5], [2.0, 0.5]]
    assert left.get_title() == "b: R² 0.750"


@pytest.mark.parametrize("way", ["estimator", "predictions"])
def test_every_tag_has_its_precision_and_recall(way):
    if way == "estimator":
        display = TagScoresDisplay.from_estimator(Fitted(), [[0]] * 3, TRUTH)
    else:
        display = TagScoresDisplay.from_predictions(TRUTH, GUESS)
    (panel,) = display.axes_
    assert [bar.get_width() for bar in panel.patches] == [0.5, 0.0, 1.0, 0.0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["p (1)", "q (1)"]


def test_without_such_a_task_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="no task of numbers"):
        NumberPredictionsDisplay.from_predictions(TRUTH[["a"]], GUESS[["a"]])
    with pytest.raises(ValueError, match="no task of tags"):
        TagScoresDisplay.from_predictions(TRUTH[["a"]], GUESS[["a"]])


@pytest.mark.parametrize("display", [NumberPredictionsDisplay, TagScoresDisplay])
def test_predictions_are_found_by_the_name_of_their_task(display):
    class InAnotherOrder(Fitted):
        task_names_ = ("c", "a", "b")

        def predict(self, X):
            return super().predict(X)[["c", "a", "b"]].to_numpy()

    def drawn(shown):
        tables = shown.numbers if display is NumberPredictionsDisplay else shown.scores
        return {task: np.asarray(table).tolist() for task, table in tables.items()}

    expected = drawn(display.from_predictions(TRUTH, GUESS))
    assert drawn(display.from_estimator(InAnotherOrder(), [[0]] * 3, TRUTH)) == expected


def test_of_a_mixture_the_classes_are_drawn():
    y = TRUTH.assign(d=[1, 2, 3])

    class WithCounts(Fitted):
        task_names_ = ("a", "b", "c", "d")
        task_kinds_ = Fitted.task_kinds_ | {"d": "number"}

        def predict(self, X):
            return super().predict(X).assign(d=[1.0, 2.5, 3.0])

    matrices = TaskConfusionMatrixDisplay.from_estimator(WithCounts(), [[0]] * 3, y).matrices
    assert {task: found.tolist() for task, found in matrices.items()} == {"a": [[1, 0], [1, 0]]}
    wrong = WrongPredictionsDisplay.from_estimator(WithCounts(), list("xyz"), y).table
    assert wrong[["row", "task", "truth"]].to_numpy().tolist() == [[1, "a", "y"]]
    for display in (TaskConfusionMatrixDisplay, WrongPredictionsDisplay):
        for task, kind in {"b": "number", "c": "tags", "d": "number"}.items():
            with pytest.raises(ValueError, match=f"names '{task}', .* of the kind '{kind}'"):
                display.from_estimator(WithCounts(), list("xyz"), y, tasks=[task])
        with pytest.raises(ValueError, match="no task of classes to draw"):
            display.from_estimator(WithCounts(), list("xyz"), y[["b", "c", "d"]])
