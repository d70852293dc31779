"""One model per task, each on the rows labelled for it."""

import contextlib
import unittest

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from skmtl import MultiTaskClassifier
from skmtl.comparison import OneModelPerTask, single_task_baselines, task_gains
from skmtl.comparison._single_task import for_tasks
from skmtl.metrics import mean_task_score, task_scorers
from skmtl.model_selection import MultiTaskStratifiedKFold


def linear(**options):
    return LogisticRegression(solver="newton-cg", **options)


def test_scikit_learn_checks():
    for estimator, check in estimator_checks_generator(OneModelPerTask(linear())):
        with contextlib.suppress(unittest.SkipTest):  # optional packages that are absent
            check(estimator)


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("uvw"))
    kind = np.array(["x", "y", "z"], object)[np.digitize(X["u"], [-0.5, 0.5])]
    y = pd.DataFrame({"kind": kind, "sign": (X["v"] > 0).astype(int).astype(object)})
    y.loc[::4, "kind"] = None
    y.loc[1::5, "sign"] = None
    return X, y


@pytest.mark.parametrize("model", [linear(), make_pipeline(StandardScaler(), linear())])
def test_each_task_is_fitted_on_its_labelled_rows(table, model):
    X, y = table
    weights = np.random.default_rng(0).random((80, 2))
    if hasattr(model, "steps"):
        weights = None
    both = single_task_baselines(model).fit(X, y, sample_weight=weights)
    predicted, probabilities = both.predict(X), both.predict_proba(X)
    assert both.task_names_ == ["kind", "sign"]
    for i, task in enumerate(y):
        keep = y[task].notna().to_numpy()
        options = {} if weights is None else {"sample_weight": weights[keep, i]}
        alone = clone(model).fit(X[keep], y[task][keep].infer_objects(), **options)
        assert (predicted[:, i] == alone.predict(X)).all()
        np.testing.assert_allclose(probabilities[i], alone.predict_proba(X))
        np.testing.assert_array_equal(both.classes_[i], alone.classes_)
    assert both.score(X, y) == mean_task_score(y, predicted)
    assert predicted[0, 1] in (0, 1)
    assert type(predicted[0, 0]) is str


def test_one_dimensional_labels(table):
    X, y = table
    labels = (X["u"] > 0).to_numpy()
    model = single_task_baselines(linear()).fit(X, labels)
    alone = linear().fit(X, labels)
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
    np.testing.assert_array_equal(model.classes_, alone.classes_)
    labels = np.where(y["sign"].isna(), -1, y["sign"]).astype(int)
    model = single_task_baselines(linear(), missing_label=-1).fit(X, labels)
    assert model.classes_.tolist() == [0, 1]


def test_a_search_inside_and_outside(table):
    X, y = table
    inside = GridSearchCV(linear(), {"C": [0.01, 1.0]}, cv=2)
    single_task_baselines(inside).fit(X, y)
    outside = GridSearchCV(
        single_task_baselines(linear()),
        {"estimator__C": [1e-5, 1.0]},
        cv=MultiTaskStratifiedKFold(3),
        scoring=task_scorers(list(y)),
        refit="mean_accuracy",
        error_score="raise",
    ).fit(X, y)
    assert outside.best_params_ == {"estimator__C": 1.0}


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers its parameters per task, as a multi-task network has them."""

    def __init__(
        self,
        loss_weights=None,
        gradient_aggregator=None,
        class_weight=None,
        task_columns=None,
        optimizer=None,
    ):
        self.loss_weights = loss_weights
        self.gradient_aggregator = gradient_aggregator
        self.class_weight = class_weight
        self.task_columns = task_columns
        self.optimizer = optimizer

    def fit(self, X, y):  # noqa: ARG002
        assert y.ndim == 1
        self.name_ = y.name
        self.classes_ = np.unique(y)
        return self


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_parameters_of_other_tasks_are_left_out(table, in_pipeline):
    X, y = table
    model = Recorder(
        loss_weights={"kind": 1, "sign": 2},
        gradient_aggregator=DecisionTreeClassifier(),  # any object with parameters
        class_weight={"kind": "balanced"},
        task_columns={"kind": "text", "sign": "image"},
        optimizer={"name": "adam"},
    )
    fitted = single_task_baselines(make_pipeline(model) if in_pipeline else model).fit(X, y)
    kind, sign = (m[-1] if in_pipeline else m for m in fitted.estimators_)
    assert [kind.name_, sign.name_] == ["kind", "sign"]
    for part in (kind, sign):
        assert part.loss_weights is None
        assert part.gradient_aggregator is None
        assert part.optimizer == {"name": "adam"}
    assert (kind.class_weight, sign.class_weight) == ({"kind": "balanced"}, None)
    assert kind.task_columns == {"kind": "text"}
    assert sign.task_columns == {"sign": "image"}
    assert model.loss_weights == {"kind": 1, "sign": 2}


def test_parameters_are_cut_down_to_some_tasks():
    names = ["kind", "sign", "size"]
    model = Recorder(
        loss_weights=[1, 2, 3], gradient_aggregator="pcgrad", class_weight={"sign": "balanced"}
    )
    some = for_tasks(model, ["size", "kind"], names)
    assert some.loss_weights == [3, 1]
    assert some.gradient_aggregator == "pcgrad"
    assert some.class_weight is None
    assert for_tasks(model, ["kind", "sign"], names).class_weight == {"sign": "balanced"}
    # weights that do not fit the tasks are no concern of a single one
    alone = for_tasks(Recorder(loss_weights=[1]), ["size"], names)
    assert alone.loss_weights is None


def test_a_task_without_labels_is_named(table):
    X, y = table
    with pytest.raises(ValueError, match="Task 'sign' has no labelled row"):
        single_task_baselines(linear()).fit(X, y.assign(sign=None))


def test_of_all_quantiles_of_a_task_the_one_next_to_the_median_is_predicted():
    class Quantiles(RegressorMixin, BaseEstimator):
        def __init__(self, quantiles=(0.1, 0.5, 0.9)):
            self.quantiles = quantiles

        def fit(self, X, y):  # noqa: ARG002
            self.task_names_ = [y.name]
            return self

        def predict(self, X):
            return np.column_stack([np.zeros(len(X)), np.ones(len(X)), np.full(len(X), 2.0)])

    y = pd.DataFrame({"price": [0.5, 1.5], "area": [1.0, 2.5]})
    model = single_task_baselines(Quantiles()).fit([[0], [1]], y)
    assert model.predict([[0], [1]]).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_strings_of_tags_are_scored():
    class Tags(ClassifierMixin, BaseEstimator):
        def __init__(self, tag_separator="|"):
            self.tag_separator = tag_separator

        def fit(self, X, y):  # noqa: ARG002
            self.task_names_, self.task_kinds_ = [y.name], {y.name: "tags"}
            self.classes_ = np.array(["p", "q"])
            return self

        def predict(self, X):
            found = np.empty(len(X), object)
            found[:] = [("p", "q")] * len(X)
            return found

    y = pd.DataFrame({"labels": ["p|q", None, "q|p"]})
    assert single_task_baselines(Tags()).fit([[0]] * 3, y).score([[0]] * 3, y) == 1.0


def test_the_missing_label_and_the_order_of_classes_are_those_of_the_estimator():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    sizes = pd.Categorical.from_codes(np.arange(60) % 3, ["small", "medium", "large"])
    y = pd.DataFrame({"size": sizes, "b": np.where(X[:, 0] > 0, 1, -1)})
    model = MultiTaskClassifier(tasks={"size": "ordinal"}, missing_label=-1, epochs=1)
    y.loc[::2, "b"] = 0
    alone = single_task_baselines(model.set_params(random_state=0)).fit(X, y)
    assert alone.classes_[0].tolist() == ["small", "medium", "large"]
    assert alone.classes_[1].tolist() == [0, 1]
    gains = task_gains(model, X, y, cv=2, verbose=0).gains
    assert gains.index.tolist() == ["size", "b"]
