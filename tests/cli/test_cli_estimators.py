"""The estimator that a table needs, and models out of files."""

import click
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmtl
from skmtl.cli._estimators import as_tags, load_model, new_estimator, tag_separators

CLASSES, NUMBERS = ["a", "b", "a", "b"], [0.5, 1.5, 2.5, 3.5]


@pytest.mark.parametrize(
    ("y", "parameters", "name"),
    [
        ({"a": CLASSES, "b": [1, 2, 1, None]}, {}, "MultiTaskClassifier"),
        ({"a": NUMBERS}, {}, "MultiTaskRegressor"),
        ({"a": CLASSES, "b": NUMBERS}, {}, "MultiTaskEstimator"),
        ({"a": [1, 2, 3, 4]}, {"tasks": {"a": "number"}}, "MultiTaskRegressor"),
        ({"a": [1, 2, 3, 4]}, {"tasks": {"a": "ordinal"}}, "MultiTaskClassifier"),
        ({"a": ["x|y", "x", "", "y"]}, {"tag_separator": "|"}, "MultiTaskClassifier"),
    ],
)
def test_the_narrowest_estimator_is_taken(y, parameters, name):
    estimator = new_estimator(pd.DataFrame(y), {"epochs": 3, **parameters})
    assert type(estimator).__name__ == name
    assert estimator.epochs == 3


def test_a_file_must_hold_a_fitted_estimator(tmp_path):
    with pytest.raises(click.UsageError, match="there is no file"):
        load_model(tmp_path / "none.skmtl")
    skmtl.save(make_pipeline(StandardScaler()), tmp_path / "pipeline.skmtl")
    with pytest.raises(click.UsageError, match="holds a Pipeline"):
        load_model(tmp_path / "pipeline.skmtl")
    skmtl.save(skmtl.MultiTaskClassifier(), tmp_path / "plan.skmtl")
    with pytest.raises(click.UsageError, match="not fitted"):
        load_model(tmp_path / "plan.skmtl")


def test_texts_of_tags_become_lists():
    X, y = pd.DataFrame({"x": [1.0, 2.0]}), pd.DataFrame({"tags": ["a|b", "a"]})
    model = skmtl.MultiTaskClassifier(tag_separator="|").initialize(X, y)
    tags = as_tags(model, pd.DataFrame({"tags": ["a | b", None]}))["tags"]
    assert tags[0] == ["a", "b"]
    assert pd.isna(tags[1])
    assert tag_separators(model) == {"tags": "|"}
    assert tag_separators(model, ["tags"]) == {"predicted_tags": "|"}
