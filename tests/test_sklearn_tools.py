"""scikit-learn's tools on a table with missing cells and labels."""

import numpy as np
import pandas as pd
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


def test_default_scoring_and_two_processes(table, model):
    grid = {"loss_weights": loss_weight_grid(TASKS, 2)}
    one = GridSearchCV(model, grid, cv=FOLDS).fit(*table)
    two = GridSearchCV(model, grid, cv=FOLDS, n_jobs=2).fit(*table)
    np.testing.assert_allclose(
        one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"], atol=0.05
    )


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
