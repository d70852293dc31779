"""The methods inside the estimator: what `fit` makes of them, and the guide's own method."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmtl import MultiTaskClassifier
from skmtl.aggregation import GRADIENT_AGGREGATORS, CAGrad
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.weighting import LOSS_WEIGHTINGS, DynamicWeightAverage

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = DOCS / "methods.md"


@pytest.fixture(scope="module")
def table():
    """Numbers and two tasks that disagree about them; some labels missing."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(96, 6)).astype("float32")
    y = np.column_stack([X[:, 0] + X[:, 1] > 0, X[:, 0] - X[:, 2] > 0]).astype(object)
    y[rng.random(y.shape) < 0.2] = None
    y[:8, 1] = None
    return X, y


@pytest.fixture(scope="module")
def model():
    return MultiTaskClassifier(trunk_units=(8,), epochs=3, batch_size=16, random_state=0)


@pytest.mark.slow
def test_sum_of_gradients_is_plain_training(model, table):
    plain = clone(model).fit(*table)
    summed = clone(model).set_params(gradient_aggregator="sum").fit(*table)
    for name, values in plain.history_.items():
        np.testing.assert_allclose(summed.history_[name], values, rtol=1e-5, err_msg=name)
    expected = plain.predict_proba(table[0])
    for got, wanted in zip(summed.predict_proba(table[0]), expected, strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LOSS_WEIGHTINGS))
def test_every_weighting_trains_and_is_seen(model, table, name):
    fitted = clone(model).set_params(loss_weights=name).fit(*table)
    _assert_sane(fitted.history_)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(GRADIENT_AGGREGATORS))
def test_every_aggregator_trains_and_is_seen(model, table, name):
    fitted = clone(model).set_params(gradient_aggregator=name).fit(*table)
    _assert_sane(fitted.history_)
    assert sum("gradient_weight" in key for key in fitted.history_) == 2
    assert sum("gradient_cosine" in key for key in fitted.history_) == 1


@pytest.mark.parametrize("name", ["graddrop", "upgrad"])
def test_aggregators_work_where_one_variable_is_shared(name):
    # the embedding; the first needs the matrix of task gradients, the second their products
    X = pd.DataFrame({"text": ["good cheap book", "bad book", "cheap pen", "good pen"] * 8})
    y = np.array([["yes", "book"], ["no", "book"], ["no", "pen"], ["yes", "pen"]] * 8)
    model = MultiTaskClassifier(
        columns={"text": "text"}, gradient_aggregator=name, epochs=3, batch_size=16, random_state=0
    )
    fitted = model.fit(X, y)
    assert len(fitted._fitted.network.shared_variables) == 1
    _assert_sane(fitted.history_)


def _assert_sane(history):
    assert sum(key.endswith("loss_weight") for key in history) == 2
    for values in history.values():
        assert len(values) == 3
        assert np.isfinite(values).all()


@pytest.mark.slow
def test_a_task_of_weight_0_does_not_stop_the_others(model, table):
    """Its gradient is 0, which is the smallest combination of all, and no improvement."""
    plain = clone(model).set_params(loss_weights=[1, 0]).fit(*table)
    found = clone(plain).set_params(gradient_aggregator="mgda").fit(*table)
    np.testing.assert_allclose(found.history_["loss"], plain.history_["loss"], rtol=1e-4)
    assert plain.history_["loss"][-1] < plain.history_["loss"][0]


@pytest.mark.slow
def test_methods_combine_and_take_nested_parameters(model, table):
    both = clone(model).set_params(
        loss_weights="uncertainty",
        gradient_aggregator=CAGrad(),
        gradient_aggregator__c=0.2,
    )
    _assert_sane(both.fit(*table).history_)
    assert both.get_params()["gradient_aggregator__c"] == 0.2


@pytest.mark.slow
def test_random_methods_take_their_seed_from_random_state(model, table):
    drawn = []
    for seed in (0, 0, 1):
        fitted = clone(model).set_params(loss_weights="rlw", random_state=seed).fit(*table)
        drawn.append(fitted.history_["task_0_loss_weight"])
    assert drawn[0] == drawn[1]
    assert not set(drawn[0]) & set(drawn[2])
    for name in ("graddrop", "pcgrad"):
        random = clone(model).set_params(gradient_aggregator=name)
        first, again = (clone(random).fit(*table).predict_proba(table[0]) for _ in range(2))
        for one, other in zip(first, again, strict=True):
            assert np.array_equal(one, other)


@pytest.mark.slow
def test_methods_stand_next_to_each_other_in_a_grid(model, table):
    grid = [
        {
            "loss_weights": [
                None,
                {"task_0": 2.0},
                "uncertainty",
                DynamicWeightAverage(temperature=1.0),
            ]
        },
        {"gradient_aggregator": ["pcgrad", CAGrad(c=0.4)]},
        {"gradient_aggregator": ["cagrad"], "gradient_aggregator__c": [0.2]},
    ]
    folds = MultiTaskStratifiedKFold(2, shuffle=True, random_state=0)
    search = GridSearchCV(
        clone(model).set_params(epochs=1), grid, cv=folds, error_score="raise", refit=False
    ).fit(*table)
    assert len(search.cv_results_["params"]) == 7
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_guide_names_every_method():
    text = GUIDE.read_text(encoding="utf-8")
    for name, kind in {**LOSS_WEIGHTINGS, **GRADIENT_AGGREGATORS}.items():
        assert f'`"{name}"` | `{kind.__name__}`' in text, name


def guide_blocks():
    text = (DOCS / "extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    kinds = ("(LossWeighting)", "(GradientAggregator)")
    return [block for block in blocks if any(kind in block for kind in kinds)]


@pytest.mark.slow
@pytest.mark.parametrize("index", range(2))
def test_own_methods_of_the_guide_run_and_are_short(model, table, index):
    source = guide_blocks()[index]
    assert len([line for line in source.splitlines() if line.strip()]) <= 15
    definition = source[: source.index("model = ")]  # what follows needs the page's table
    scope = {}
    exec(compile(definition, "extending.md", "exec"), scope)
    fitted = clone(model).set_params(**scope["parameters"]).fit(*table)
    _assert_sane(fitted.history_)
