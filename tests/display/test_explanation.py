"""Figures of explanations, and galleries of label issues."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_hex
from mixed_table import make_mixed_table

from skmtl.display import ExplanationDisplay, WrongPredictionsDisplay
from skmtl.display._explanation import AGAINST, FOR

COLUMNS = pd.DataFrame(
    {
        "task": "kind",
        "label": "cat",
        "column": ["(start)", "photo", "标题", "price"],
        "contribution": [0.5, 2.0, -1.0, 0.0],
    }
)


class Explained:
    """An estimator that explains every row alike."""

    task_names_ = ("kind", "other")
    columns_ = {"photo": "image", "title": "text", "price": "number"}  # noqa: RUF012

    def __init__(self):
        self.asked = []

    def explain(self, X, *, task, label, by="column"):
        self.asked.append((len(X), X.index[0], task, label, by))
        if by == "column":
            return COLUMNS.assign(row=X.index[0])
        frame = COLUMNS[1:3].assign(row=X.index[0])
        if by == "word":
            words = ["(start)", "好", "a very long word that is alone in its line", "b", "c"]
            return pd.DataFrame(
                {"column": "title", "word": words, "contribution": [3.0, 1.0, -2.0, 0.0, 0.5]}
            )
        corners = pd.DataFrame({"top": [0.0, 0.5], "left": 0.0, "bottom": [0.5, 1.0], "right": 1.0})
        return pd.concat([frame.reset_index(drop=True), corners], axis=1).assign(column="photo")


def test_bars_have_the_colour_of_their_sign_and_add_up():
    panel = ExplanationDisplay(COLUMNS).plot().axes_[0]
    bars = {
        tick.get_text(): bar
        for tick, bar in zip(panel.get_yticklabels(), panel.patches, strict=True)
    }
    assert [bar.get_width() for bar in bars.values()] == [0.0, -1.0, 2.0, 0.5]
    assert to_hex(bars["photo"].get_facecolor()) == FOR.lower()
    assert list(map(to_hex, [panel.patches[1].get_facecolor()])) == [AGAINST.lower()]
    assert panel.get_title() == "kind: cat"
    assert "together 1.5" in panel.get_xlabel()


def test_a_row_is_drawn_with_its_image_and_its_text():
    X, _ = make_mixed_table(6)
    model = Explained()
    display = ExplanationDisplay.from_estimator(model, X.set_index(X.index + 40), row=2)
    assert display.axes_.shape == (3,)
    assert model.asked == [(1, 42, "kind", None, by) for by in ("column", "word", "region")]
    assert display.axes_[1].get_title() == "photo"
    assert display.axes_[1].images[0].get_array().shape == (16, 16, 3)
    assert len(display.axes_[1].patches) == 2
    display.figure_.canvas.draw()


def test_words_keep_their_order_and_the_start_is_not_one():
    X, _ = make_mixed_table(3)
    display = ExplanationDisplay.from_estimator(Explained(), X)
    (box,) = display.axes_[2].artists
    rows = [
        [area.get_text() for area in row.get_children()] for row in box.get_child().get_children()
    ]
    words = [word for row in rows for word in row]
    assert words[0] in ("好", r"\u597d")
    assert words[-2:] == ["b", "c"]
    assert len(words) == 4


@pytest.mark.parametrize("row", [6, -7])
def test_a_row_that_is_not_there_is_an_error(row):
    with pytest.raises(ValueError, match="row must be a position in X, which has 6 rows"):
        ExplanationDisplay.from_estimator(Explained(), make_mixed_table(6)[0], row=row)


def test_label_issues_are_a_gallery():
    X, y = make_mixed_table(6)
    issues = pd.DataFrame(
        {
            "row": [4, 1, 3], "task": "mood", "label": y["mood"].iloc[[4, 1, 3]].to_numpy(),
            "suggestion": "else", "quality": [0.01, 0.2, 0.3], "is_issue": [True, True, False],
        }
    )  # fmt: skip
    display = WrongPredictionsDisplay.from_label_issues(issues, X, n_issues=2)
    assert display.table["row"].tolist() == [4, 1]
    assert len(display.axes_) == 2
    title = display.axes_[0].get_title().splitlines()
    assert title == ["mood", f"labelled {y['mood'][4]}", "rather else"]
    assert np.array_equal(display.axes_[0].images[0].get_array(), X["photo"][4])
