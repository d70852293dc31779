"""One task as an ordinary classifier or regressor, in scikit-learn's own tools."""

import numpy as np
import pandas as pd
import pytest
from mixed_table import TASKS, make_mixed_table
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import TunedThresholdClassifierCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmtl import MultiTaskClassifier, MultiTaskEstimator, task_view
from skmtl.comparison import single_task_baselines


@pytest.fixture(scope="module")
def fitted():
    X, y = make_mixed_table(240)
    X = X.drop(columns="photo")
    model = MultiTaskEstimator(epochs=15, random_state=0, tasks=TASKS)
    return model.fit(X[:120], y[:120]), X[120:], y[120:]


def test_a_view_predicts_what_the_estimator_predicts_for_the_task(fitted):
    model, X, y = fitted
    frame = model.predict_frame(X)
    for task in ("mood", "cost", "grade", "weight"):
        view = task_view(model, task)
        assert np.array_equal(view.predict(X), frame[task])
        assert is_regressor(view) == (task == "weight")
        assert is_classifier(view) == (task != "weight")
        assert view.score(X, y[task]) > 0.5
        if is_classifier(view):
            assert view.predict_proba(X).shape == (len(X), len(view.classes_))
            assert view.predict(X).dtype == view.classes_.dtype
    assert not hasattr(view, "n_features_in_")
    assert view.feature_names_in_.tolist() == X.columns.tolist()


def test_a_tag_is_a_classifier(fitted):
    model, X, y = fitted
    view = task_view(model, "tags", tag="first")
    truth = ["first" in tags for tags in y["tags"]]
    assert view.classes_.tolist() == [False, True]
    assert view.score(X, truth) > 0.7
    assert np.array_equal(view.predict(X), view.predict_proba(X)[:, 1] >= 0.5)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"task": "moods"}, "task must be one of"),
        ({"task": "tags"}, "tag of task 'tags' must be one of"),
        ({"task": "tags", "tag": "last"}, "tag of task 'tags' must be one of"),
        ({"task": "weight", "tag": "first"}, "tag='first' is for a task of tags"),
        ({"task": "mood", "tag": "up"}, "is for a task of tags"),
    ],
)
def test_what_there_is_no_view_of_is_an_error(fitted, options, text):
    with pytest.raises(ValueError, match=text):
        task_view(fitted[0], **options)


def test_a_view_needs_a_fitted_estimator(fitted):
    with pytest.raises(NotFittedError, match="not fitted"):
        task_view(MultiTaskClassifier(), "mood")
    view = clone(task_view(fitted[0], "mood"))
    with pytest.raises(NotFittedError, match="not fitted"):
        view.predict(fitted[1])


@pytest.mark.slow
def test_a_clone_fits_the_task_alone(fitted):
    _, X, y = fitted
    model = MultiTaskClassifier(epochs=2, random_state=0).fit(X[:40], y[["mood", "cost"]][:40])
    view = clone(task_view(model, "mood")).fit(X[:60], y["mood"][:60])
    assert view.estimator_.task_names_ == ["mood"]
    assert view.predict(X[:3]).shape == (3,)
    scores = cross_val_score(task_view(model, "mood"), X[:60], y["mood"][:60], cv=2)
    assert np.isfinite(scores).all()


def test_probabilities_are_calibrated_by_scikit_learn(fitted):
    model, X, y = fitted
    frozen = FrozenEstimator(task_view(model, "mood"))
    calibrated = CalibratedClassifierCV(frozen, method="sigmoid").fit(X[:60], y["mood"][:60])
    assert calibrated.score(X[60:], y["mood"][60:]) > 0.9
    assert calibrated.predict_proba(X[60:]).shape == (60, 2)


def test_a_threshold_is_tuned_by_scikit_learn(fitted):
    model, X, y = fitted
    truth = (y["mood"] == "up").to_numpy()
    tuned = TunedThresholdClassifierCV(
        task_view(model, "tags", tag="first"), cv="prefit", refit=False
    ).fit(X, np.array(["first" in tags for tags in y["tags"]]))
    assert 0 <= tuned.best_threshold_ <= 1
    assert tuned.predict(X).shape == truth.shape


def test_curves_importances_and_dependences_are_scikit_learns(fitted):
    pytest.importorskip("matplotlib")
    model, X, y = fitted
    view = task_view(model, "cost")
    display = RocCurveDisplay.from_estimator(view, X, y["cost"])
    area = display.roc_auc
    assert (area if np.isscalar(area) else area[0]) > 0.95
    importances = permutation_importance(view, X, y["cost"], n_repeats=2, random_state=0)
    assert X.columns[importances.importances_mean.argmax()] == "price"
    numbers = task_view(model, "weight")
    grid = partial_dependence(numbers, X, features=["price"], grid_resolution=5)
    assert (np.diff(grid["average"][0]) > 0).all()


def test_views_of_pipelines_and_of_other_estimators(fitted):
    model, X, y = fitted
    pipeline = make_pipeline(FunctionTransformer(), FrozenEstimator(model))
    rng = np.random.default_rng(0)
    numbers, labels = (
        rng.normal(size=(40, 2)),
        pd.DataFrame({"a": [0, 1] * 20, "b": [1, 1, 0, 0] * 10}),
    )
    multi = MultiOutputClassifier(LogisticRegression()).fit(numbers, labels)
    assert task_view(multi, 1).predict(numbers).tolist() == multi.predict(numbers)[:, 1].tolist()
    with pytest.raises(ValueError, match="task must be a position"):
        task_view(multi, "b")
    baselines = single_task_baselines(DummyClassifier(strategy="prior")).fit(numbers, labels)
    assert task_view(baselines, "b").predict_proba(numbers).shape == (40, 2)
    fitted_pipeline = pipeline.fit(X, y)
    view = task_view(fitted_pipeline[-1].estimator, "mood")
    assert view.score(X, y["mood"]) > 0.9
