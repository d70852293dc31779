"""Scorers find a task's predictions in whatever wraps the estimator."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    make_scorer,
    matthews_corrcoef,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skmtl.metrics import make_task_scorer, task_scorers
from skmtl.model_selection import MultiTaskStratifiedKFold


class MaskedTasks(ClassifierMixin, BaseEstimator):
    """One logistic regression per task, on the rows labelled for it: predictions with names."""

    def __init__(self, C=1.0, order=None, missing_label=None):
        self.C = C
        self.order = order
        self.missing_label = missing_label

    def fit(self, X, y):
        y = y if isinstance(y, pd.DataFrame) else pd.DataFrame(y).add_prefix("task_")
        self.task_names_ = list(self.order or y.columns)
        self.models_ = []
        for task in self.task_names_:
            keep = y[task].notna() & (y[task] != self.missing_label)
            labels = y[task][keep].infer_objects()
            self.models_.append(
                LogisticRegression(C=self.C, solver="newton-cg").fit(X[keep], labels)
            )
        self.classes_ = [model.classes_ for model in self.models_]
        return self

    def predict(self, X):
        return np.column_stack([model.predict(X).astype(object) for model in self.models_])

    def predict_proba(self, X):
        return [model.predict_proba(X) for model in self.models_]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 3))
    y = pd.DataFrame(
        {
            "kind": np.array(["x", "y", "z"], object)[np.digitize(X[:, 0], [-0.5, 0.5])],
            "sign": (X[:, 1] + 0.5 * rng.normal(size=150) > 0).astype(int),
        }
    )
    y["sign"] = y["sign"].astype(object)
    y.loc[::4, "kind"] = None
    y.loc[1::5, "sign"] = None
    return X, y


@pytest.mark.parametrize("order", [None, ["sign", "kind"]])
@pytest.mark.parametrize("wrap", ["bare", "pipeline", "search", "both"])
def test_columns_are_found_by_name_through_wrappers(table, order, wrap):
    X, y = table
    model = MaskedTasks(order=order)
    if wrap in ("pipeline", "both"):
        model = make_pipeline(StandardScaler(), model)
    if wrap in ("search", "both"):
        name = "maskedtasks__C" if wrap == "both" else "C"
        cv = MultiTaskStratifiedKFold(2)
        model = GridSearchCV(model, {name: [1.0]}, cv=cv, scoring=make_task_scorer("sign"))
    model.fit(X, y)
    names = order or ["kind", "sign"]
    predicted = model.predict(X)
    for task in names:
        keep = y[task].notna()
        right = (predicted[:, names.index(task)] == y[task])[keep].mean()
        assert make_task_scorer(task)(model, X, y) == pytest.approx(right)
        shuffled = y[["sign", "kind"]]
        assert make_task_scorer(task)(model, X, shuffled) == pytest.approx(right)


def test_probability_metrics_agree_with_scikit_learn(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    keep = y["kind"].notna()
    probabilities = model.predict_proba(X[keep])[0]
    labels = y["kind"][keep]
    score = make_task_scorer("kind", "neg_log_loss")(model, X, y)
    assert score == pytest.approx(-log_loss(labels, probabilities))
    score = make_task_scorer("kind", "roc_auc")(model, X, y)
    assert score == pytest.approx(roc_auc_score(labels, probabilities, multi_class="ovr"))
    keep = y["sign"].notna()
    labels, probabilities = y["sign"][keep].astype(int), model.predict_proba(X[keep])[1]
    score = make_task_scorer("sign", "roc_auc")(model, X, y)
    assert score == pytest.approx(roc_auc_score(labels, probabilities[:, 1]))
    score = make_task_scorer("sign", "neg_brier_score")(model, X, y)
    assert score == pytest.approx(-np.mean((probabilities[:, 1] - labels) ** 2))


def test_any_scikit_learn_scorer_works(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    keep = y["kind"].notna()
    expected = matthews_corrcoef(y["kind"][keep], model.predict(X)[keep, 0].astype(str))
    for metric in ("matthews_corrcoef", make_scorer(matthews_corrcoef)):
        assert make_task_scorer("kind", metric)(model, X, y) == pytest.approx(expected)


def test_a_scorer_that_looks_at_the_table_sees_the_labelled_rows(table):
    X, y = table
    model = MaskedTasks().fit(X, y)

    def widest(estimator, X, y):
        assert len(estimator.predict(X)) == len(X) == len(y)
        return X[:, 0].max()

    keep = y["kind"].notna()
    assert make_task_scorer("kind", widest)(model, X, y) == X[keep, 0].max()


def test_classes_without_a_row_are_no_error(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    some = (y["kind"] == "x") | (y["kind"] == "z")
    probabilities = model.predict_proba(X[some])[0]
    expected = -log_loss(y["kind"][some], probabilities, labels=["x", "y", "z"])
    got = make_task_scorer("kind", "neg_log_loss")(model, X[some], y[some])
    assert got == pytest.approx(expected)
    assert make_task_scorer("kind", "roc_auc")(model, X[some], y[some]) > 0.9


def test_a_class_that_was_not_in_fit_is_wrong_and_has_probability_zero(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    new = y.assign(kind="new")
    assert make_task_scorer("kind")(model, X, new) == 0.0
    eps = np.finfo(np.float64).eps
    assert make_task_scorer("kind", "neg_log_loss")(model, X, new) == pytest.approx(np.log(eps))
    rest = y.assign(kind=y["kind"].replace("x", "new"))
    keep = rest["kind"].notna().to_numpy()
    probabilities = model.predict_proba(X[keep])[0]
    areas = [
        roc_auc_score((rest["kind"][keep] == label).to_numpy(), probabilities[:, column])
        for column, label in ((1, "y"), (2, "z"))
    ]
    score = make_task_scorer("kind", "roc_auc")(model, X, rest)
    assert score == pytest.approx(np.mean(areas))


def test_a_certain_mistake_has_a_finite_log_loss():
    X = np.array([[0.0], [1.0]])
    model = DecisionTreeClassifier().fit(X, [0, 1])
    score = make_task_scorer("y", "neg_log_loss")(model, X, [1, 0])
    assert score == pytest.approx(-log_loss([1, 0], model.predict_proba(X)))


@pytest.mark.parametrize("with_names", [True, False])
def test_scikit_learn_estimators_go_by_position(with_names):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    y = (X > [0.0, 0.5]).astype(int)
    y = pd.DataFrame(y, columns=["a", "b"]) if with_names else y
    names = ["a", "b"] if with_names else ["task_0", "task_1"]
    scoring = task_scorers(names, ["accuracy", "neg_log_loss", "roc_auc"])
    for model in (
        DecisionTreeClassifier(max_depth=1),
        MultiOutputClassifier(LogisticRegression(solver="newton-cg")),
    ):
        result = cross_validate(model, X, y, scoring=scoring, cv=KFold(3), error_score="raise")
        for metric in ("accuracy", "neg_log_loss", "roc_auc"):
            per_task = [result[f"test_{name}_{metric}"] for name in names]
            np.testing.assert_allclose(result[f"test_mean_{metric}"], np.mean(per_task, axis=0))
    model = DecisionTreeClassifier(max_depth=1).fit(X, y)
    expected = accuracy_score(np.asarray(y)[:, 1], model.predict(X)[:, 1])
    assert scoring[f"{names[1]}_accuracy"](model, X, y) == expected


def test_one_task_without_a_name():
    X = np.arange(10.0)[:, None]
    y = (X[:, 0] > 4).astype(int)
    model = LogisticRegression(solver="newton-cg").fit(X, y)
    assert make_task_scorer("y", "roc_auc")(model, X, y) == 1.0
    assert make_task_scorer("big")(model, X, pd.Series(y, name="big")) == 1.0


def test_an_array_scores_a_model_that_was_fitted_on_names(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    by_name = make_task_scorer("sign")(model, X, y)
    assert make_task_scorer("sign")(model, X, y.to_numpy()) == by_name
    assert make_task_scorer("task_1")(model, X, y.to_numpy()) == by_name


def test_the_missing_label_of_the_estimator_counts(table):
    X, y = table
    y = y.fillna({"kind": "?"})
    model = make_pipeline(StandardScaler(), MaskedTasks(missing_label="?")).fit(X, y)
    keep = y["kind"] != "?"
    expected = (model.predict(X)[keep, 0] == y["kind"][keep]).mean()
    assert make_task_scorer("kind")(model, X, y) == pytest.approx(expected)


def test_a_search_refits_by_the_mean(table):
    X, y = table
    search = GridSearchCV(
        MaskedTasks(),
        {"C": [1e-6, 1.0]},
        cv=MultiTaskStratifiedKFold(3, shuffle=True, random_state=0),
        scoring=task_scorers(["kind", "sign"], ["accuracy", "roc_auc"]),
        refit="mean_accuracy",
        error_score="raise",
    ).fit(X, y)
    assert search.best_params_ == {"C": 1.0}
    results = search.cv_results_
    np.testing.assert_allclose(
        results["mean_test_mean_accuracy"],
        (results["mean_test_kind_accuracy"] + results["mean_test_sign_accuracy"]) / 2,
    )


def test_scorers_are_named_after_task_and_metric():
    assert list(task_scorers(("a", "b"))) == ["a_accuracy", "b_accuracy", "mean_accuracy"]
    assert list(task_scorers(["a"], ["accuracy", "roc_auc"])) == [
        "a_accuracy", "mean_accuracy", "a_roc_auc", "mean_roc_auc",
    ]  # fmt: skip
    assert list(task_scorers(["a"], {"mcc": make_scorer(matthews_corrcoef)})) == [
        "a_mcc",
        "mean_mcc",
    ]


def test_a_mean_needs_one_prediction(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    calls = []

    class Counting:
        task_names_ = model.task_names_
        classes_ = model.classes_

        def predict(self, X):
            calls.append(len(X))
            return model.predict(X)

    task_scorers(["kind", "sign"])["mean_accuracy"](Counting(), X, y)
    assert calls == [150]


def test_a_task_without_a_labelled_row(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    y = y.assign(sign=None)
    scorers = task_scorers(["kind", "sign"])
    with pytest.raises(ValueError, match="Task 'sign' has no labelled row among the 150 given"):
        scorers["sign_accuracy"](model, X, y)
    assert scorers["mean_accuracy"](model, X, y) == scorers["kind_accuracy"](model, X, y)
    with pytest.raises(ValueError, match=r"None of the tasks \['kind', 'sign'\] has a labelled"):
        scorers["mean_accuracy"](model, X, y.assign(kind=None))


def test_weights_reach_the_metric(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    weights = np.random.default_rng(0).random(150)
    keep = y["sign"].notna()
    right = (model.predict(X)[:, 1] == y["sign"])[keep]
    expected = np.average(right, weights=weights[keep])
    per_task = np.column_stack([np.ones(150), weights])
    for sample_weight in (weights, per_task):
        score = make_task_scorer("sign")(model, X, y, sample_weight=sample_weight)
        assert score == pytest.approx(expected)


def test_weights_reach_the_metrics_of_probabilities(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    weights = np.random.default_rng(0).random(150)
    keep = y["sign"].notna()
    labels, probabilities = y["sign"][keep].astype(int), model.predict_proba(X[keep])[1]
    for metric, expected in (
        ("neg_log_loss", -log_loss(labels, probabilities, sample_weight=weights[keep])),
        ("roc_auc", roc_auc_score(labels, probabilities[:, 1], sample_weight=weights[keep])),
    ):
        score = make_task_scorer("sign", metric)(model, X, y, sample_weight=weights)
        assert score == pytest.approx(expected)
        assert score != pytest.approx(make_task_scorer("sign", metric)(model, X, y))
    mean = task_scorers(["kind", "sign"])["mean_accuracy"](model, X, y, sample_weight=weights)
    single = [make_task_scorer(t)(model, X, y, sample_weight=weights) for t in ("kind", "sign")]
    assert mean == pytest.approx(np.mean(single))


def test_a_multiclass_curve_leaves_out_a_class_without_a_row(table):
    X, y = table
    model = MaskedTasks().fit(X, y)
    some = (y["kind"] == "x") | (y["kind"] == "z")
    probabilities = model.predict_proba(X[some])[0]
    areas = [
        roc_auc_score(y["kind"][some] == c, probabilities[:, i]) for i, c in ((0, "x"), (2, "z"))
    ]
    score = make_task_scorer("kind", "roc_auc")(model, X[some], y[some])
    assert score == pytest.approx(np.mean(areas))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_certain_mistake_costs_one_step_of_the_precision(kind):
    model = FixedResponses(proba=np.array([[1, 0], [1, 0]], kind))
    score = make_task_scorer("y", "neg_log_loss")(model, [[0], [0]], [0, 1])
    assert score == pytest.approx(np.log(np.finfo(kind).eps) / 2)


class FixedResponses:
    """An estimator of one task with fixed predictions."""

    classes_ = np.array([0, 1])

    def __init__(self, predicted=None, proba=None):
        self.predicted = predicted
        self.proba = proba

    def predict(self, X):  # noqa: ARG002
        return self.predicted

    def predict_proba(self, X):  # noqa: ARG002
        return self.proba


@pytest.mark.parametrize(
    "predicted",
    [
        np.array([0, 1, 1]),
        np.array([[0], [1], [1]]),
        pd.Series([0, 1, 1]),
        pd.DataFrame({"y": pd.array([0, 1, 1], dtype="Int64")}),
        [0, 1, 1],
    ],
)
def test_predictions_may_come_in_any_container(predicted):
    score = make_task_scorer("y")(FixedResponses(predicted), [[0]] * 3, [0, 1, 0])
    assert score == pytest.approx(2 / 3)


def test_one_array_of_probabilities_serves_one_task():
    model = FixedResponses(proba=np.array([[0.5, 0.5]] * 2))
    with pytest.raises(ValueError, match=r"predict_proba gave one array.*none for task 1"):
        make_task_scorer("b", "neg_log_loss")(
            model, [[0]] * 2, pd.DataFrame({"a": [0, 1], "b": [0, 1]})
        )


def test_what_keeps_its_model_in_estimator_is_looked_into(table):
    X, y = table
    inner = MaskedTasks(order=["sign", "kind"]).fit(X, y)
    wrapper = type("Wrapper", (), {"estimator_": inner, "predict": lambda _, X: inner.predict(X)})()
    assert make_task_scorer("sign")(wrapper, X, y) == make_task_scorer("sign")(inner, X, y)


def test_scorers_can_be_pickled_and_say_what_they_are(table):
    X, y = table
    scorer = pickle.loads(pickle.dumps(task_scorers(["sign"])))["sign_accuracy"]
    assert repr(scorer) == "make_task_scorer('sign', 'accuracy')"
    model = clone(MaskedTasks()).fit(X, y)
    assert scorer(model, X, y) == make_task_scorer("sign")(model, X, y)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda X, y: make_task_scorer("kind", "accuarcy"), "accuarcy"),  # noqa: ARG005
        (
            lambda X, y: make_task_scorer("task_2")(MaskedTasks().fit(X, y), X, y.to_numpy()),
            "no task 'task_2'",
        ),
        (
            lambda X, y: make_task_scorer("b")(MaskedTasks().fit(X, y), X, y[["kind"]]),
            "y has no task 'b'",
        ),
        (
            lambda X, y: make_task_scorer("sign")(MaskedTasks().fit(X, y), X, y[["kind"]]),
            "y has no task 'sign'",
        ),
        (lambda X, y: task_scorers([]), "at least one task"),  # noqa: ARG005
        (lambda X, y: task_scorers("kind"), "at least one task; got 'kind'"),  # noqa: ARG005
        (
            lambda X, y: make_task_scorer("other")(MaskedTasks().fit(X, y), X, y),
            r"y has no task 'other'; its columns are \['kind', 'sign'\]",
        ),
        (
            lambda X, y: make_task_scorer("kind")(MaskedTasks().fit(X, y[["sign"]]), X, y),
            "estimator has no task 'kind'; it was fitted on",
        ),
        (
            lambda X, y: make_task_scorer("b")(
                LogisticRegression(solver="newton-cg").fit(X, X[:, 0] > 0),
                X,
                pd.DataFrame({"a": y.sign, "b": y.sign}),
            ),
            r"predict gave 1 column\(s\); there is none for task 1",
        ),
        (
            lambda X, y: make_task_scorer("kind", "roc_auc")(
                MaskedTasks().fit(X, y), X[y.kind == "x"], y[y.kind == "x"]
            ),
            "Task 'kind': The ROC AUC needs rows of at least two classes; got only 'x'",
        ),
    ],
)
def test_bad_input_is_named(table, call, text):
    with pytest.raises(ValueError, match=text):
        call(*table)
