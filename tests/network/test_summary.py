"""The parts of a network as text and as HTML; scikit-learn's callbacks."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from small_table import make_small_table

from skmtl import MultiTaskClassifier

FAST = {"epochs": 2, "random_state": 0}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"freeze_backbones": True},
        {"sharing": "none"},
        {"fusion": "concat", "trunk_units": (32, 16), "branch_units": 8},
        {"sharing": "mmoe", "fusion": "concat"},
    ],
    ids=str,
)
def test_the_summary_adds_up(options, capsys):
    X, y = make_small_table(20)
    model = MultiTaskClassifier(**options, **FAST).initialize(X, y)
    model.summary()
    lines = capsys.readouterr().out.splitlines()
    counts = [int(line.split()[-1].replace(",", "")) for line in lines if re.search(r"\d$", line)]
    assert sum(counts[:-1]) == counts[-1] == model.n_parameters_
    text = "\n".join(lines)
    for part in ("image branch", "text branch", "fusion", "trunk", "head: colour", "head: mood"):
        if options.get("sharing") != "none" or "branch" not in part:
            own = "image_1 branch" if not options else part  # by default tasks part after the stem
            assert (own if part == "image branch" else part) in text
    assert ("image stem" in text) is (not options)
    assert model._fitted.network.is_handed_out is False


def test_html_shows_branches_trunk_and_heads():
    X, y = make_small_table(20)
    y.columns = ["colour", "<mood>"]
    model = MultiTaskClassifier(**FAST)
    assert "head" not in model._repr_html_().split("</style>")[-1].replace("<thead", "").lower()
    html = model.initialize(X, y)._repr_html_()
    for part in ("image stem", "image_0 branch", "text branch", "fusion", "trunk", "head: colour"):
        assert f"<b>{part}</b>" in html
    assert "head: &lt;mood&gt;" in html
    assert "head: <mood>" not in html


class Recorder:
    """A callback of scikit-learn that records its calls."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.seen = []

    def setup(self, estimator, context):
        self.seen.append("setup")

    def teardown(self, estimator, context):
        self.seen.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.seen.append(("begin", context.task_name))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None):
        self.seen.append(("end", context.task_name, dict(metadata or {})))
        n_epochs = sum(event[:2] == ("end", "epoch") for event in self.seen)
        return self.stop_after is not None and n_epochs >= self.stop_after


def test_scikit_learn_callbacks_see_every_epoch():
    pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 brought callbacks")
    X, y = make_small_table(20)
    recorder = Recorder()
    model = MultiTaskClassifier(**FAST).set_callbacks(recorder).fit(X, y)
    kinds = [event if isinstance(event, str) else event[:2] for event in recorder.seen]
    epoch = [("begin", "epoch"), ("end", "epoch")]
    assert kinds == ["setup", ("begin", "fit"), *epoch, *epoch, ("end", "fit"), "teardown"]
    losses = [e[2]["loss"] for e in recorder.seen if e[:2] == ("end", "epoch")]
    assert losses == model.history_["loss"]
    plain = MultiTaskClassifier(**FAST).fit(X, y)
    np.testing.assert_array_equal(plain.predict_proba(X)[0], model.predict_proba(X)[0])


def test_a_scikit_learn_callback_may_stop_training_and_survives_clone():
    pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 brought callbacks")
    X, y = make_small_table(20)
    recorder = Recorder(stop_after=1)
    model = clone(MultiTaskClassifier(epochs=5, random_state=0).set_callbacks(recorder)).fit(X, y)
    assert model.n_iter_ == 1
    bad = MultiTaskClassifier(epochs=0).set_callbacks(Recorder())
    with pytest.raises(ValueError, match='epochs must be "auto" or an int >= 1'):
        bad.fit(X, y)


@pytest.mark.slow
def test_progress_bars_work_through_pipelines_and_searches(capsys):
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 brought callbacks")
    pytest.importorskip("rich", reason="scikit-learn's progress bars need rich")
    X, y = make_small_table(30, missing=0.0)
    pipeline = make_pipeline(MultiTaskClassifier(**FAST))
    grid = {"multitaskclassifier__loss_weights": [[1], [2]]}
    search = GridSearchCV(pipeline, grid, cv=2).set_callbacks(
        callback.ProgressBar(max_propagation_depth=None)
    )
    search.fit(X, y["colour"].astype(str))
    assert "MultiTaskClassifier" in capsys.readouterr().out
