"""scikit-learn's tools on a table with missing cells and labels."""

import numpy as np
import pandas as pd
import polars
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import Pipeline
from small_table import make_small_table

from skmtl import MultiTaskClassifier
from skmtl.metrics import task_scorers
from skmtl.model_selection import (
    DirichletLossWeights,
    MultiTaskStratifiedKFold,
    loss_weight_grid,
)
from skmtl.preprocessing import ImageNormalizer, JiebaSequencer

TASKS = ["colour", "mood"]
FOLDS = MultiTaskStratifiedKFold(n_splits=2, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def table():
    return make_small_table(48)


@pytest.fixture
def model():
    return MultiTaskClassifier(epochs=6, batch_size=16, random_state=0, learning_rate=0.01)


def pipeline(model):
    prepare = ColumnTransformer(
        [
            ("image", ImageNormalizer(size=8, scaling="unit"), ["image"]),
            ("text", JiebaSequencer(max_len=4, missing="empty"), ["text"]),
        ]
    ).set_output(transform="pandas")
    return Pipeline([("prepare", prepare), ("network", model)])


def test_grid_search_over_loss_weights_through_a_pipeline(table, model):
    X, y = table
    grid = {"network__loss_weights": [None, "uncertainty", *loss_weight_grid(TASKS, 2)]}
    search = GridSearchCV(
        pipeline(model), grid, cv=FOLDS, scoring=task_scorers(TASKS), refit="mean_accuracy"
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert (search.cv_results_["mean_test_mean_accuracy"] > 0.3).all()
    assert search.predict(X).shape == (48, 2)
    assert search.best_estimator_["network"].task_names_ == TASKS


@pytest.mark.slow
def test_grid_over_methods_sharings_and_rates(table, model):
    grid = {
        "gradient_aggregator": [None, "pcgrad"],
        "sharing": ["hard"],
        "optimizer__learning_rate": [0.001, 0.01],
    }
    search = GridSearchCV(model, grid, cv=FOLDS).fit(*table)
    low, high = search.cv_results_["mean_test_score"][:2]
    assert high > low
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.slow
def test_default_scoring_and_two_processes(table, model):
    grid = {"loss_weights": loss_weight_grid(TASKS, 2)}
    one = GridSearchCV(model, grid, cv=FOLDS).fit(*table)
    two = GridSearchCV(model, grid, cv=FOLDS, n_jobs=2).fit(*table)
    np.testing.assert_allclose(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"], atol=0.05
    )


@pytest.mark.slow  # two searches
def test_random_and_halving_search(table, model):
    distributions = {"loss_weights": DirichletLossWeights(TASKS)}
    search = RandomizedSearchCV(model, distributions, n_iter=2, cv=FOLDS, random_state=0)
    assert search.fit(*table).best_params_["loss_weights"].keys() == set(TASKS)
    halving = HalvingGridSearchCV(
        model,
        {"loss_weights": loss_weight_grid(TASKS, 2)},
        resource="epochs",
        factor=2,
        min_resources=3,
        max_resources=6,
        cv=FOLDS,
        random_state=0,
    )
    assert halving.fit(*table).n_resources_ == [3, 6]


@pytest.mark.slow
def test_cross_validate_and_learning_curve(table, model):
    X, y = table
    result = cross_validate(model, X, y, cv=FOLDS, scoring=task_scorers(TASKS))
    assert result["test_colour_accuracy"].shape == (2,)
    sizes, train, test = learning_curve(
        model, X, y, cv=FOLDS, train_sizes=[0.6, 1.0], shuffle=True, random_state=0
    )
    assert len(sizes) == 2
    assert np.isfinite(train).all()
    assert np.isfinite(test).all()


def test_shuffling_a_column_costs_the_task_that_needs_it(model):
    X, y = make_small_table(80, missing=0.1)
    model.set_params(epochs=12).fit(X, y)
    scorers = task_scorers(TASKS)
    before = {task: scorers[f"{task}_accuracy"](model, X, y) for task in TASKS}
    shuffled = X.copy()
    shuffled["image"] = X["image"].sample(frac=1, random_state=0).to_numpy()
    after = {task: scorers[f"{task}_accuracy"](model, shuffled, y) for task in TASKS}
    assert after["colour"] < before["colour"] - 0.2
    assert after["mood"] > before["mood"] - 0.1


def test_a_single_column_of_labels_stratifies_by_itself(model):
    X, y = make_small_table(48, missing=0.0)
    search = GridSearchCV(model, {"epochs": [2]}, cv=3).fit(X, y["mood"])
    assert search.predict(X).shape == (48,)


def test_raw_columns_and_prepared_columns_give_the_same_kind_of_model(table, model):
    X, y = table
    piped = pipeline(model).fit(X, y)
    prepared = piped["prepare"].transform(X)
    assert isinstance(prepared, pd.DataFrame)
    assert prepared["image__image"].isna().sum() == X["image"].isna().sum()
    assert piped.score(X, y) == piped["network"].score(prepared, y)


@pytest.mark.slow
def test_loss_weights_and_sample_weights_are_matched_by_name():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(24, 2))
    y = pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1] > 0}).astype(int)
    options = {"epochs": 1, "random_state": 0}
    by_name = {"b": 0.0, "a": 1.0}
    expected = MultiTaskClassifier(loss_weights=by_name, **options).fit(X, y).predict_proba(X)
    series = MultiTaskClassifier(loss_weights=pd.Series(by_name), **options).fit(X, y)
    np.testing.assert_array_equal(series.predict_proba(X), expected)
    with pytest.raises(ValueError, match=r"loss_weights names unknown tasks \['c'\]"):
        MultiTaskClassifier(loss_weights=pd.Series({"c": 1.0}), **options).fit(X, y)
    weights = pd.DataFrame({"b": np.zeros(24), "a": np.ones(24)})
    weighted = MultiTaskClassifier(**options).fit(X, y, sample_weight=weights)
    assert np.isnan(weighted.history_["b_loss"]).all()  # no label of a weight above 0
    assert weighted.history_["a_loss"][0] > 0
    assert weighted.score(X, y, weights) == (weighted.predict(X)[:, 0] == y["a"]).mean()


def test_a_polars_table_with_other_columns_first_is_scored_by_name():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(24, 2))
    cells = {"a": (X[:, 0] > 0).astype(int).tolist(), "b": ["x", None] * 12}
    cells["b"][0] = "y"
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(X, polars.DataFrame(cells))
    assert model.task_names_ == ["a", "b"]
    assert model.classes_[0].tolist() == [0, 1]
    swapped = polars.DataFrame({"b": cells["b"], "a": cells["a"]})
    assert model.score(X, swapped) == model.score(X, pd.DataFrame(cells))


def test_columns_as_a_list_and_one_hot_labels_are_explained():
    X, y = np.zeros((6, 2)), np.array([0, 1, 2] * 2)
    with pytest.raises(ValueError, match="y is a list of 2 columns"):
        MultiTaskClassifier().fit(X, [y, y])
    with pytest.raises(ValueError, match="y looks one-hot"):
        MultiTaskClassifier().fit(X, np.eye(3)[y])
    with pytest.raises(ValueError, match="same number of rows; got 6 and 2"):
        MultiTaskClassifier().fit(X, ["x", "x"])
