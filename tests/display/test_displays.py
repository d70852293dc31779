"""What is drawn is what the numbers say."""

import io
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars
import pytest
from matplotlib.colors import same_color
from PIL import Image
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skmtl.comparison import compare_techniques, single_task_baselines
from skmtl.display import (
    ComparisonDisplay,
    ParetoFrontDisplay,
    TaskConfusionMatrixDisplay,
    TrainingCurvesDisplay,
    WrongPredictionsDisplay,
)
from skmtl.display._axes import GREY
from skmtl.display._cells import drawable_pixels, n_columns, shorten
from skmtl.metrics import task_scorers
from skmtl.model_selection import pareto_front


class Trained(ClassifierMixin, BaseEstimator):
    """A classifier with a history and given predictions."""

    def __init__(self, history=None, predictions=None, probabilities=None):
        self.history = history
        self.predictions = predictions
        self.probabilities = probabilities

    def fit(self, X, y):  # noqa: ARG002
        self.task_names_ = list(pd.DataFrame(y).columns)
        self.history_ = self.history
        return self

    def predict(self, X):
        return self.predictions[: len(X)]


class Sure(Trained):
    def predict_proba(self, X):  # noqa: ARG002
        return self.probabilities


HISTORY = {
    "loss": [3.0, 2.0, 1.0],
    "a_loss": [2.0, 1.0, 0.5],
    "b_loss": [1.0, 1.0, 0.5],
    "val_a_loss": [2.5, 2.0, 2.0],
    "a_accuracy": [0.1, 0.5, 0.9],
    "a_loss_weight": [1.0, 0.8, 0.6],
    "b_loss_weight": [1.0, 1.2, 1.4],
    "a_gradient_weight": [0.5, 0.4, 0.3],
    "b_gradient_weight": [0.5, 0.6, 0.7],
    "a|b_gradient_cosine": [0.9, -0.2, np.nan],
}


def assert_nothing_overlaps(figure):
    """No two visible texts of a figure lie on each other, and none sticks out of it."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes, hidden = [], hidden_labels(figure)
    for text in figure.findobj(plt.Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            box = text.get_window_extent(renderer)
            boxes.append((text.get_text(), box))
            assert box.x0 >= -1, text
            assert box.y0 >= -1, text
            assert box.x1 <= figure.bbox.x1 + 1, text
            assert box.y1 <= figure.bbox.y1 + 1, text
    for i, (name, box) in enumerate(boxes):
        for other, other_box in boxes[i + 1 :]:
            width = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
            height = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
            assert min(width, height) < 1.5, (name, other)


def hidden_labels(figure):
    """Return the labels of ticks outside the limits, which matplotlib keeps but does not draw."""
    hidden = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        ticks = set(axis.majorTicks) | set(axis.minorTicks)
        for tick in ticks - set(axis._update_ticks()):
            hidden |= {tick.label1, tick.label2}
    return hidden


# -- training curves -----------------------------------------------------------------------


@pytest.mark.parametrize("wrapped", [False, True])
def test_training_curves_hold_the_history(wrapped):
    model = Trained(HISTORY)
    model = make_pipeline(StandardScaler(), model) if wrapped else model
    model.fit(np.zeros((4, 1)), pd.DataFrame({"a": [0, 1, 0, 1], "b": [1, 1, 0, 0]}))
    display = TrainingCurvesDisplay.from_estimator(model)
    assert list(display.curves) == [
        "loss", "accuracy", "loss weight", "gradient weight", "gradient cosine",
    ]  # fmt: skip
    assert len(display.axes_) == 5
    drawn = {
        line.get_label(): line.get_ydata() for panel in display.axes_ for line in panel.lines[:4]
    }
    panel = display.axes_[0]
    assert [line.get_label() for line in panel.lines] == ["a", "a (validation)", "b"]
    np.testing.assert_array_equal(panel.lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(panel.lines[0].get_ydata(), HISTORY["a_loss"])
    np.testing.assert_array_equal(panel.lines[1].get_ydata(), HISTORY["val_a_loss"])
    assert panel.lines[1].get_linestyle() == "--"
    assert same_color(panel.lines[0].get_color(), panel.lines[1].get_color())
    assert not same_color(panel.lines[0].get_color(), panel.lines[2].get_color())
    np.testing.assert_array_equal(drawn["a | b"], HISTORY["a|b_gradient_cosine"])
    assert [panel.get_ylabel() for panel in display.axes_] == list(display.curves)
    assert display.figure_ is panel.figure
    assert_nothing_overlaps(display.figure_)


def test_equal_loss_weights_are_no_curve():
    history = {"a_loss": [1.0], "a_loss_weight": [1.0, 1.0], "b_loss_weight": [1.0, 1.0]}
    assert list(TrainingCurvesDisplay(history, ["a", "b"]).curves) == ["loss"]
    history["b_loss_weight"] = [2.0, 2.0]
    assert list(TrainingCurvesDisplay(history, ["a", "b"]).curves) == ["loss", "loss weight"]


def test_training_curves_go_onto_given_axes():
    _, axes = plt.subplots(1, 2)
    display = TrainingCurvesDisplay({"a_loss": [1.0], "a_accuracy": [0.5]}, ["a"]).plot(ax=axes)
    assert display.axes_[1] is axes[1]
    with pytest.raises(ValueError, match="ax must hold 2 axes, one per panel; got 1"):
        TrainingCurvesDisplay({"a_loss": [1.0], "a_accuracy": [0.5]}, ["a"]).plot(ax=axes[0])


def test_no_history_is_an_error():
    with pytest.raises(ValueError, match="must be fitted and have history_ and task_names_"):
        TrainingCurvesDisplay.from_estimator(DecisionTreeClassifier())
    with pytest.raises(ValueError, match=r"history has no curve of the tasks \['c'\]"):
        TrainingCurvesDisplay(HISTORY, ["c"])


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    display = TrainingCurvesDisplay({"a_loss": [1.0]}, ["a"])
    with pytest.raises(ImportError, match=r"need matplotlib; pip install matplotlib"):
        display.plot()


# -- comparison ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1] + rng.normal(size=90) > 0}).astype(int)
    techniques = {
        "majority": single_task_baselines(DummyClassifier()),
        "a stump": DecisionTreeClassifier(max_depth=1),
        "a tree that grows as deep as it likes": DecisionTreeClassifier(),
        "broken": DecisionTreeClassifier(max_depth=-1),
    }
    return compare_techniques(techniques, X, y, cv=3, n_repeats=2, baseline="a stump", verbose=0)


def test_comparison_shows_means_intervals_runs_and_cost(comparison):
    display = ComparisonDisplay.from_comparison(comparison)
    summary = comparison.summary
    *panels, cost = display.axes_
    assert [panel.get_xlabel() for panel in panels] == ["a", "b", "mean"]
    labels = [label.get_text() for label in panels[0].get_yticklabels()]
    assert labels == list(summary.index)
    for panel, task in zip(panels, ["a", "b", "mean"], strict=True):
        for place, technique in enumerate(summary.index[:3]):
            container = panel.containers[place]
            (x,), (y,) = container[0].get_data()
            assert (x, y) == (pytest.approx(summary.loc[technique, task]), place)
            ((left, right),) = [s[:, 0] for s in container[2][0].get_segments()]
            expected = summary.loc[technique, [f"{task}_low", f"{task}_high"]].to_list()
            assert [left, right] == pytest.approx(expected)
            runs = panel.collections[2 * place].get_offsets()[:, 0]
            np.testing.assert_allclose(runs, comparison.scores_of(technique)[task])
        assert panel.lines[0].get_xdata()[0] == pytest.approx(summary.loc["a stump", task])
    widths = [bar.get_width() for bar in cost.patches]
    np.testing.assert_allclose(widths[:3], summary["fit_seconds"][:3])
    assert widths[3] == 0
    assert cost.texts[3].get_text() == "—"
    assert panels[0].get_ylim()[0] > panels[0].get_ylim()[1]
    assert_nothing_overlaps(display.figure_)


@pytest.mark.slow
def test_comparison_without_a_cost_and_with_another(comparison):
    assert len(ComparisonDisplay.from_comparison(comparison, cost=None).axes_) == 3
    display = ComparisonDisplay.from_comparison(comparison, cost="predict_ms_per_row")
    assert display.axes_[-1].get_xlabel() == "ms per row to predict"
    display.summary = display.summary.assign(n_parameters=2_000_000)
    display.cost = "n_parameters"
    cost = display.plot().axes_[-1]
    assert_nothing_overlaps(cost.figure)
    assert {"0", "1M", "2M"} <= {label.get_text() for label in cost.get_xticklabels()}
    assert cost.xaxis.get_offset_text().get_text() == ""
    for largest in 10.0 ** np.arange(-6, 8, 1.5):  # whatever the cost, its labels have room
        display.summary = display.summary.assign(n_parameters=largest * np.linspace(0.3, 1, 4))
        assert_nothing_overlaps(display.plot().figure_)
        plt.close(display.figure_)
    with pytest.raises(ValueError, match=r"cost must be one of .* or None; got 'seconds'"):
        ComparisonDisplay.from_comparison(comparison, cost="seconds")


# -- Pareto front --------------------------------------------------------------------------


def test_pareto_front_of_a_search():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1] + rng.normal(size=90) > 0}).astype(int)
    search = GridSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2, 3, 8, 9], "max_features": [1, 2, 3]},
        cv=KFold(3),
        scoring=task_scorers(["a", "b"]),
        refit=False,
    ).fit(X, y)
    display = ParetoFrontDisplay.from_cv_results(search.cv_results_, ["a", "b"])
    front = pareto_front(search.cv_results_, ["a", "b"])
    np.testing.assert_array_equal(np.flatnonzero(display.is_efficient), sorted(front.index))
    staircase = display.ax_.lines[0]
    np.testing.assert_allclose(staircase.get_xdata(), front["a_mean"])
    np.testing.assert_allclose(staircase.get_ydata(), front["b_mean"])
    points = {}
    for container in display.ax_.containers:
        (x,), (y,) = container[0].get_data()
        points.setdefault(same_color(container[0].get_color(), GREY), []).append((x, y))
    assert sorted(points[False]) == sorted(zip(front["a_mean"], front["b_mean"], strict=True))
    assert len(points[True]) == 15 - len(front)
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    first = front["params"].iloc[0]
    assert legend[0] == f"max_depth: {first['max_depth']}; max_features: {first['max_features']}"
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("a", "b")
    assert_nothing_overlaps(display.figure_)


def test_pareto_front_of_a_comparison_names_every_technique(comparison):
    display = ParetoFrontDisplay.from_comparison(comparison)
    np.testing.assert_allclose(display.means, comparison.summary[["a", "b"]])
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert set(legend) == set(comparison.techniques)
    half = (comparison.summary["a_high"] - comparison.summary["a_low"]) / 2
    np.testing.assert_allclose(display.errors[:, 0], half)


def a_study(directions=("MAXIMIZE", "MAXIMIZE")):
    """Return what the display reads of an Optuna study."""
    trials = [
        ("COMPLETE", [0.9, 0.5], {"units": 16, "weight": 0.12345}),
        ("COMPLETE", [0.6, 0.8], {"units": 64, "weight": 0.5}),
        ("COMPLETE", [0.5, 0.4], {"units": 16, "weight": 0.9}),
        ("FAIL", None, {"units": 16, "weight": 0.1}),
    ]
    return SimpleNamespace(
        directions=[SimpleNamespace(name=name) for name in directions],
        trials=[
            SimpleNamespace(state=SimpleNamespace(name=state), values=values, params=params)
            for state, values, params in trials
        ],
    )


def test_finished_trials_of_a_study_are_candidates():
    display = ParetoFrontDisplay.from_study(a_study(), ["radical", "level"])
    assert display.is_efficient.tolist() == [True, True, False]
    assert display.names[0] == "units: 16; weight: 0.123"
    assert display.ax_.get_xlabel() == "radical"


def test_objectives_of_a_study_are_maximized_one_per_task():
    with pytest.raises(ValueError, match=r"objective for each of the tasks \['a', 'b', 'c'\]; its"):
        ParetoFrontDisplay.from_study(a_study(), ["a", "b", "c"])
    with pytest.raises(ValueError, match=r"directions are \['MAXIMIZE', 'MINIMIZE'\]"):
        ParetoFrontDisplay.from_study(a_study(["MAXIMIZE", "MINIMIZE"]), ["a", "b"])


@pytest.mark.parametrize("n_candidates", [4, 40])
def test_more_tasks_have_parallel_axes(n_candidates):
    rng = np.random.default_rng(0)
    means = rng.dirichlet([1, 1, 1], n_candidates)  # none dominates another
    names = [f"candidate {i}" for i in range(n_candidates)]
    display = ParetoFrontDisplay(means, np.full(means.shape, 0.01), list("abc"), names).plot()
    heights = (means - means.min(axis=0)) / np.ptp(means, axis=0)
    drawn = sorted(c[0].get_ydata().tolist() for c in display.ax_.containers)
    np.testing.assert_allclose(drawn, sorted(heights.tolist()))
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == list("abc")
    written = {text.get_text() for text in display.ax_.texts}
    assert written == {f"{score:.3f}" for score in [*means.min(axis=0), *means.max(axis=0)]}
    assert (display.ax_.get_legend() is not None) == (n_candidates == 4)
    assert_nothing_overlaps(display.figure_)


def test_loss_weights_are_named_in_short():
    results = {"params": [{"clf__loss_weights": {"a": 1 / 3, "b": 2 / 3}, "n": 3}]}
    for task in "ab":
        results[f"mean_test_{task}_accuracy"] = np.array([0.5])
    display = ParetoFrontDisplay.from_cv_results(results, ["a", "b"])
    assert display.names == ["loss_weights: a 0.333, b 0.667; n: 3"]
    assert np.isnan(display.errors).all()


def test_bad_candidates_are_named():
    with pytest.raises(ValueError, match=r"at least two tasks; got \['a'\]"):
        ParetoFrontDisplay([[1.0]], [[0.0]], ["a"], ["x"])
    with pytest.raises(ValueError, match=r"= \(1, 2\); got \(1, 3\) and \(1, 2\)"):
        ParetoFrontDisplay([[1, 2, 3]], [[0, 0]], ["a", "b"], ["x"])


# -- confusion matrices --------------------------------------------------------------------


def test_confusion_matrices_leave_missing_labels_out():
    y = pd.DataFrame({"kind": ["x", "y", None, "x"], "sign": [0, 1, 1, None]}, dtype=object)
    predicted = np.array([["x", 0], ["x", 1], ["y", 0], ["z", 1]], dtype=object)
    model = Trained(predictions=predicted[:, ::-1]).fit(None, y[["sign", "kind"]])
    for display in (
        TaskConfusionMatrixDisplay.from_predictions(y, predicted),
        TaskConfusionMatrixDisplay.from_estimator(model, y, y),
    ):
        assert display.labels["kind"].tolist() == ["x", "y", "z"]
        kind = confusion_matrix(["x", "y", "x"], ["x", "x", "z"], labels=["x", "y", "z"])
        np.testing.assert_array_equal(display.matrices["kind"], kind)
        np.testing.assert_array_equal(display.matrices["sign"], [[1, 0], [1, 1]])
        assert [panel.get_title() for panel in display.axes_] == ["kind", "sign"]
        np.testing.assert_array_equal(display.axes_[0].images[0].get_array(), kind)
        written = [int(text.get_text()) for text in display.axes_[0].texts]
        assert written == kind.ravel().tolist()
        labels = [label.get_text() for label in display.axes_[0].get_yticklabels()]
        assert labels == ["x", "y", "z"]
        assert_nothing_overlaps(display.figure_)


def test_confusions_of_tasks_of_different_size_are_whole_at_the_first_drawing():
    digits = np.arange(10)
    groups = np.array(["Activities", "Animals & Nature", "Food & Drink", "Smileys & Emotion"])
    display = TaskConfusionMatrixDisplay(
        {"digit": np.eye(10, dtype=int), "group": np.eye(4, dtype=int)},
        {"digit": digits, "group": groups},
    ).plot()
    assert_nothing_overlaps(display.figure_)


def test_one_task_normalised():
    display = TaskConfusionMatrixDisplay.from_predictions(
        [[0, "a"], [0, "b"]], [[0, "a"], [1, "b"]], tasks=["task_0"], normalize="true"
    )
    np.testing.assert_allclose(display.matrices["task_0"], [[0.5, 0.5], [0, 0]])
    assert display.axes_[0].texts[0].get_text() == "0.50"


def test_many_classes_are_labelled_without_numbers():
    classes = [f"class {i:02d}" for i in range(47)]
    display = TaskConfusionMatrixDisplay.from_predictions(classes, classes[::-1])
    assert len(display.axes_[0].texts) == 0
    assert_nothing_overlaps(display.figure_)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: TaskConfusionMatrixDisplay.from_predictions([0, 1], [0, 1], tasks=["z"]),
            r"tasks names unknown tasks \['z'\]; known: \['y'\]",
        ),
        (
            lambda: TaskConfusionMatrixDisplay.from_predictions([[0, 1]], [0]),
            "a column of predictions per task; got 1 for",
        ),
        (
            lambda: TaskConfusionMatrixDisplay.from_predictions([None], [0]),
            "Task 'y' has no labelled row",
        ),
    ],
)
def test_bad_predictions_are_named(call, text):
    with pytest.raises(ValueError, match=text):
        call()


# -- wrong predictions ---------------------------------------------------------------------


@pytest.fixture
def mistakes():
    """Return a fitted model, X, y, where rows 0, 1, 3 are wrong on kind and 2 on sign."""
    images = np.empty(4, object)
    for row in range(3):
        images[row] = np.full((8, 8, 3), 60 * row, np.uint8)
    X = pd.DataFrame({"image": images, "text": ["one $", "two", None, "four"]})
    y = pd.DataFrame({"kind": ["x", "y", None, "y"], "sign": [0, 1, 1, None]}, dtype=object)
    predictions = np.array([["y", 0], ["x", 1], ["y", 0], ["x", 1]], dtype=object)
    probabilities = [
        np.array([[0.4, 0.6], [0.9, 0.1], [0.5, 0.5], [0.8, 0.2]]),
        np.array([[0.5, 0.5], [0.5, 0.5], [0.7, 0.3], [0.5, 0.5]]),
    ]
    model = Sure(None, predictions, probabilities).fit(X, y)
    return model, X, y


def test_the_surest_mistakes_come_first(mistakes):
    display = WrongPredictionsDisplay.from_estimator(*mistakes)
    table = display.table
    assert table[["row", "task", "truth", "prediction"]].to_numpy().tolist() == [
        [1, "kind", "y", "x"],
        [3, "kind", "y", "x"],
        [2, "sign", 1, 0],
        [0, "kind", "x", "y"],
    ]
    assert table["probability"].tolist() == [0.9, 0.8, 0.7, 0.6]
    titles = [panel.get_title() for panel in display.axes_]
    assert titles[0] == "kind\nis y\nnot x (90%)"
    assert titles[2] == "sign\nis 1\nnot 0 (70%)"
    first, second, third, fourth = display.axes_
    assert (np.asarray(first.images[0].get_array()) == 60).all()
    assert first.get_xlabel() == "two"
    assert len(second.images) == 0
    assert second.texts[0].get_text() == "four"
    assert third.get_xlabel() == "(no text)"
    assert fourth.get_xlabel() == r"one \$"
    assert_nothing_overlaps(display.figure_)


def test_some_tasks_and_fewer_mistakes(mistakes):
    display = WrongPredictionsDisplay.from_estimator(*mistakes, tasks=["sign"])
    assert display.table["row"].tolist() == [2]
    display = WrongPredictionsDisplay.from_estimator(*mistakes, n_predictions=3)
    assert len(display.axes_) == 3
    _, axes = plt.subplots(1, 3)
    again = WrongPredictionsDisplay.from_estimator(*mistakes, n_predictions=3, ax=axes)
    assert again.axes_[0] is axes[0]
    six = pd.concat([display.table] * 2, ignore_index=True)
    drawn = WrongPredictionsDisplay(six).plot()
    assert len(drawn.figure_.axes) == 6


@pytest.mark.parametrize("known", [True, False])
def test_columns_have_the_names_of_the_estimator(mistakes, known):
    model, X, y = mistakes
    X = X.rename(columns={"image": "photo", "text": "title"}).assign(note="a note", price=3)
    X = X[["price", "note", "title", "photo"]]
    if known:
        model.columns_ = {"price": "number", "note": "drop", "title": "text", "photo": "image"}
    table = WrongPredictionsDisplay.from_estimator(model, X, y).table
    assert table["text"].iloc[0] == ("two" if known else "a note")
    assert (table["image"].iloc[0] == 60).all()
    chosen = WrongPredictionsDisplay.from_estimator(model, X, y, text_column="title").table
    assert chosen["text"].iloc[0] == "two"
    with pytest.raises(ValueError, match="image_column='portrait' is not a column of X"):
        WrongPredictionsDisplay.from_estimator(model, X, y, image_column="portrait")


def test_nullable_labels_and_frames_of_other_libraries(mistakes):
    model, X, y = mistakes
    expected = WrongPredictionsDisplay.from_estimator(model, X, y).table
    y = y.astype({"kind": "string", "sign": "Int64"})
    table = WrongPredictionsDisplay.from_estimator(model, X, y).table
    assert table["row"].tolist() == expected["row"].tolist()
    texts = polars.DataFrame({"text": ["one", "two", None, "four"]})
    labels = polars.DataFrame({"sign": [0, 1, 1, None], "kind": ["x", "y", None, "y"]})
    table = WrongPredictionsDisplay.from_estimator(model, texts, labels).table
    assert sorted(table["row"]) == sorted(expected["row"])
    display = TaskConfusionMatrixDisplay.from_estimator(model, texts, labels)
    assert display.labels["sign"].tolist() == [0, 1]


def test_without_probabilities_the_first_rows_come_first(mistakes):
    model, X, y = mistakes
    plain = Trained(None, model.predictions).fit(X, y)
    display = WrongPredictionsDisplay.from_estimator(plain, X, y)
    assert display.table["row"].tolist() == [0, 1, 3, 2]
    assert display.axes_[0].get_title() == "kind\nis x\nnot y"


def test_images_or_texts_alone():
    texts = ["good", "bad", "nice"]
    labels = np.array(["up", "down", "up"])
    model = DummyClassifier().fit(texts, labels)
    display = WrongPredictionsDisplay.from_estimator(model, texts, labels)
    assert display.table["text"].tolist() == ["bad"]
    images = np.arange(3)[:, None, None] * np.ones((3, 4, 4), np.uint8)
    display = WrongPredictionsDisplay.from_estimator(model, images, labels)
    assert (np.asarray(display.axes_[0].images[0].get_array()) == 1).all()
    with pytest.raises(ValueError, match="no wrong prediction to draw: all are right"):
        WrongPredictionsDisplay.from_estimator(model, ["good"], ["up"])


def test_chinese_labels_and_texts_are_drawn_or_spelled_out(mistakes, recwarn):
    model, X, y = mistakes
    X, y = (
        X.assign(text="一个很长的中文句子，讲的是图片里的东西，长得一行放不下也许两行都放不下"),
        y.copy(),
    )
    y["kind"] = y["kind"].map({"x": "动物", "y": "食物"})
    display = WrongPredictionsDisplay.from_estimator(model, X, y, tasks=["kind"])
    display.figure_.canvas.draw()
    titles = "".join(panel.get_title() for panel in display.axes_)
    if len(recwarn):
        assert {str(w.message)[:29] for w in recwarn} == {"No installed font has the chara"[:29]}
        assert r"\u98df\u7269" in titles
    else:
        assert "食物" in titles
        assert_nothing_overlaps(display.figure_)


@pytest.mark.usefixtures("only_latin")
@pytest.mark.filterwarnings("ignore:No installed font")
def test_code_points_in_place_of_a_font_do_not_overlap(mistakes):
    model, X, y = mistakes
    X = X.assign(text="一个很长的中文句子，讲的是图片里的东西，长得一行放不下也许两行都放不下")
    y = y.assign(kind=y["kind"].map({"x": "旅行与地点", "y": "食物与饮料"}))
    display = WrongPredictionsDisplay.from_estimator(model, X, y)
    assert r"\u4e00\u4e2a" in display.axes_[0].get_xlabel()
    assert_nothing_overlaps(display.figure_)
    predicted = np.array(["旅行与地点", "食物与饮料"] * 2, object)
    y["sign"] = predicted
    names = {"kind": "图片的种类与它的来历", "sign": "文本的情感倾向与强度"}
    display = TaskConfusionMatrixDisplay.from_predictions(
        y.rename(columns=names), np.column_stack([predicted, predicted])
    )
    assert_nothing_overlaps(display.figure_)


# -- cells ---------------------------------------------------------------------------------


def test_images_are_those_that_the_estimator_sees(tmp_path):
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    image = Image.fromarray(pixels)
    image.save(tmp_path / "image.png")
    encoded = io.BytesIO()
    image.save(encoded, "png")
    for cell in (pixels, image, tmp_path / "image.png", str(tmp_path / "image.png"),
                 encoded.getvalue(), {"bytes": encoded.getvalue()}):  # fmt: skip
        np.testing.assert_array_equal(drawable_pixels(cell, 0, "image"), pixels)
    assert drawable_pixels(pixels[:, :, :1], 0, "image").shape == (4, 4)
    assert drawable_pixels(np.array([[-1.0, 3.0]]), 0, "image").tolist() == [[0.0, 1.0]]
    assert drawable_pixels(np.array([[0.25, 0.5]]), 0, "image").tolist() == [[0.25, 0.5]]
    for missing in (None, float("nan"), pd.NA):
        assert drawable_pixels(missing, 0, "image") is None


def test_images_of_16_bits_and_turned_images_are_drawn_right():
    sixteen = Image.fromarray(np.array([[0, 257 * 100], [257 * 200, 65535]], np.uint16))
    np.testing.assert_array_equal(drawable_pixels(sixteen, 0, "image"), [[0, 100], [200, 255]])
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    encoded = io.BytesIO()
    Image.new("L", (6, 2)).save(encoded, "png", exif=exif)
    assert drawable_pixels(encoded.getvalue(), 0, "image").shape == (6, 2)
    with pytest.raises(ValueError, match=r"photo row 3 .*not"):
        drawable_pixels(b"not an image", 3, "photo")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", "short"),
        ("a  b\n c", "a b c"),
        ("one two three four", "one two\nthree four"),
        ("一二三四五六七八九十", "一二三四五\n六七八九十"),
        ("一二三四五六七八九十百千万", "一二三四五\n六七八九…"),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghij\nklmnopqrs…"),
        ("mixed 中文 words", "mixed 中文\nwords"),
        (r"\u4e2d\u6587", r"\u4e2d" + "\n" + r"\u6587"),
        (r"\u4e2d\u6587\u5b57", r"\u4e2d" + "\n" + r"\u6587…"),
        ("a\\b", "a\\b"),
    ],
)
def test_texts_are_broken_and_cut_off(text, lines):
    shortened = shorten(text, 10, 2)
    assert shortened == lines
    assert all(n_columns(line) <= 10 for line in shortened.split("\n"))
