import numpy as np
import pandas as pd
import pytest
from fake_techniques import make_table
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from skmtl.comparison import TaskGains, task_gains
from skmtl.comparison._affinity import predicted_gains

TASKS = ["a", "b", "c"]


class Sharer(ClassifierMixin, BaseEstimator):
    """Predicts the signs of columns; each task errs more or less beside others."""

    def __init__(self, effects=None, has_history=False, random_state=None):
        self.effects = effects
        self.has_history = has_history
        self.random_state = random_state

    def fit(self, X, y):  # noqa: ARG002
        y = pd.DataFrame(y)
        self.task_names_ = list(y)
        self.classes_ = [np.array([False, True])] * len(self.task_names_)
        self.n_parameters_ = 10 + len(self.task_names_)
        if self.has_history:
            falls = {"a": 0.5, "b": 2.0, "c": 1.0}
            self.history_ = {f"{t}_loss": [3.0, 3.0 - falls[t]] for t in self.task_names_}
        return self

    def predict(self, X):
        X, effects = np.asarray(X), self.effects or {}
        rng = np.random.default_rng([self.random_state, int(1e6 * abs(X).sum())])
        columns = []
        for task in self.task_names_:
            beside = (effects.get((task, other), 0.0) for other in self.task_names_)
            truth = X[:, TASKS.index(task)] > 0
            columns.append(truth ^ (rng.random(len(X)) < 0.3 - sum(beside)))
        return np.stack(columns, axis=1)


def table(n_rows=400, seed=0):
    X = np.random.default_rng(seed).normal(size=(n_rows, 3))
    return X, pd.DataFrame(X > 0, columns=TASKS)


def test_gains_are_differences_of_scores_on_the_same_splits():
    found = task_gains(Sharer({("a", "b"): 0.2}), *table(), verbose=0, pairs="measured")
    scores = found.runs.pivot(index="fold", columns=["setting", "task"], values="score")
    for task in TASKS:
        gap = scores["all together", task] - scores[f"{task} alone", task]
        assert found.gains.loc[task, "gain"] == pytest.approx(gap.mean())
    pair = found.pairs.set_index(["task", "beside"]).loc[("a", "b")]
    gap = scores["a and b", "a"] - scores["a alone", "a"]
    assert pair["gain"] == pytest.approx(gap.mean())
    assert pair["low"] < pair["gain"] < pair["high"]
    assert found.matrix().loc["a", "b"] == pair["gain"]
    assert found.matrix().loc["b", "all together"] == found.gains.loc["b", "gain"]


def test_a_task_that_loses_is_given_its_own_network():
    effects = {("a", "b"): -0.15, ("a", "c"): -0.1, ("b", "c"): 0.1}
    found = task_gains(Sharer(effects), *table(), n_repeats=4, verbose=0)
    assert found.recommendation.startswith("Give 'a' its own network, and 'b' and 'c' in one")
    assert "'a' loses 0." in found.recommendation
    assert found.gains.loc["a", "p_holm"] < 0.05


def test_without_a_loser_all_tasks_share_one_network():
    found = task_gains(Sharer({("a", "b"): 0.25}), *table(), n_repeats=4, verbose=0)
    assert found.recommendation.startswith("Train all 3 tasks in one network: 'a' gains 0.")
    assert found.recommendation.endswith("with 39 % of the parameters.")  # 13 of 3 x 11
    assert "all 3 tasks" in repr(found)


def test_noise_is_called_noise():
    found = task_gains(Sharer(), *table(100), cv=3, verbose=0)
    assert "no task gains or loses beyond the noise" in found.recommendation
    assert found.recommendation.endswith(" is possible.")


def test_a_gain_is_shared_out_by_the_falls_of_the_losses_also_inside_a_pipeline():
    model = make_pipeline(FunctionTransformer(), Sharer(has_history=True))
    found = task_gains(model, *table(), verbose=0)
    assert found.falls.tolist() == [0.5, 2.0, 1.0]
    predicted = found.pairs.set_index(["task", "beside"])["predicted"]
    gain = found.gains["gain"]
    assert predicted["a", "b"] == pytest.approx(gain["a"] * 2 / 3)
    assert predicted["b", "a"] == pytest.approx(gain["b"] / 3)
    assert found.pairs["gain"].isna().all()
    pd.testing.assert_series_equal(
        found.matrix().drop(columns="all together").sum(axis=1), gain, check_names=False
    )


def test_an_estimator_without_history_predicts_no_pairs():
    X, y = table(60)
    found = task_gains(DecisionTreeClassifier(), X, y, cv=2, verbose=0)
    assert found.falls is None
    assert found.pairs["predicted"].isna().all()
    assert found.matrix()["all together"].notna().all()


def test_rows_without_a_label_of_the_tasks_are_left_out():
    X, y = make_table()
    X = np.c_[X, X[:, 0]]
    y.columns = ["a", "b"]
    found = task_gains(Sharer(), X, y, cv=2, verbose=0)
    assert found.gains.notna().to_numpy().all()
    y["a"] = y["a"].fillna("none")
    again = task_gains(Sharer(), X, y, cv=2, verbose=0, missing_label="none")
    pd.testing.assert_frame_equal(found.gains, again.gains)


@pytest.mark.slow
def test_scores_do_not_depend_on_the_number_of_processes():
    one, two = (task_gains(Sharer(), *table(80), cv=2, verbose=0, n_jobs=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.gains, two.gains)


def test_progress_says_what_is_left(capsys):
    task_gains(Sharer(), *table(60), cv=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("1/8 | all together | a 0.")
    assert lines[-1].endswith("left")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pairs": "all"}, "pairs must be one of 'predicted', 'measured'; got 'all'"),
        ({"pairs": [("a", "z")]}, r"pairs must hold pairs of the tasks .*got \('a', 'z'\)"),
        ({"pairs": [("a", "a")]}, "pairs must hold pairs of the tasks"),
        ({"confidence": 1.0}, "confidence must be"),
        ({"n_repeats": 0}, "n_repeats must be"),
    ],
)
def test_invalid_arguments(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        task_gains(Sharer(), *table(20), **options)


def test_a_single_task_has_nobody_to_gain_from():
    X, y = table(20)
    with pytest.raises(ValueError, match="two tasks or more"):
        task_gains(Sharer(), X, y[["a"]])
    with pytest.raises(TypeError, match="estimator must be an estimator; got <class"):
        task_gains(Sharer, X, y)


number = st.floats(-0.5, 0.5)


@given(st.lists(number, min_size=3, max_size=3), st.lists(number, min_size=3, max_size=3))
def test_predictions_of_a_task_add_up_to_its_gain_beside_all(gains, falls):
    found = predicted_gains(pd.Series(gains, TASKS), pd.Series(falls, TASKS))
    np.testing.assert_allclose(found.sum(axis=1), gains, atol=1e-12)
    assert np.isnan(np.diag(found)).all()
    off = found.to_numpy()[~np.eye(3, dtype=bool)].reshape(3, 2)
    assert (off * np.array(gains)[:, None] >= 0).all()


def test_gains_can_be_made_from_the_runs_of_another():
    found = task_gains(Sharer(), *table(), verbose=0)
    again = TaskGains(found.runs, falls=found.falls, confidence=0.5)
    assert (again.gains["high"] < found.gains["high"])[["b", "c"]].all()
