"""A fitted estimator as a server sees it."""

import numpy as np
import pandas as pd
import pytest
from random_heads import with_random_heads

from skmtl import MultiTaskClassifier, MultiTaskRegressor
from skmtl.serve._refused import RequestRefused
from skmtl.serve._served import ServedModel

LABELS = ["a", "b"] * 4


def initialized(X, **parameters):
    return MultiTaskClassifier(random_state=0, **parameters).initialize(X, LABELS)


def test_models_of_arrays_have_columns():
    images = initialized(np.zeros((8, 6, 6, 3), np.uint8))
    assert ServedModel(images, "m").kinds == {"image": "image"}
    assert ServedModel(initialized(["一个", "两个"] * 4), "m").kinds == {"text": "text"}
    numbers = ServedModel(initialized(np.arange(16.0).reshape(8, 2)), "m")
    assert numbers.kinds == {"x0": "number", "x1": "number"}
    assert numbers.read([{"x1": 3.0}]).n_samples == 1


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"text_0": [3, 4] * 4, "text_1": [3, 4] * 4}), "token ids"),
        (np.zeros((8, 6, 6, 3), np.float32), "scaled pixels"),
        (np.arange(8.0 * 70).reshape(8, 70), "array of numbers"),
    ],
)
def test_cells_that_no_request_can_have(X, message):
    with pytest.raises(ValueError, match=message):
        ServedModel(initialized(X), "m")


def test_dropped_columns_may_be_sent_and_are_not_described():
    X = pd.DataFrame({"x": np.arange(8.0), "id": [f"a{row}" for row in range(8)]})
    served = ServedModel(initialized(X, columns={"id": "drop"}), "m")
    assert served.read([{"x": 1.0, "id": None}]).n_samples == 1
    assert [column["name"] for column in served.describe()["columns"]] == ["x"]
    assert served.explanations == ["column"]


def test_names_that_are_no_texts():
    served = ServedModel(initialized(pd.DataFrame({0: np.arange(8.0), 1: np.arange(8.0)})), "m")
    assert served.kinds == {"0": "number", "1": "number"}
    assert served.read([{"1": 2.0}]).n_samples == 1


def test_the_cell_that_cannot_be_read_is_named(served_model):
    served = ServedModel(served_model, "m")
    with pytest.raises(RequestRefused, match="row 1, column 'photo'") as refused:
        served.read([{"price": 1.0}, {"price": 1.0, "photo": b"no image"}])
    assert (refused.value.row, refused.value.column) == (1, "photo")


@pytest.mark.slow
def test_quantiles_and_numbers_of_rows():
    X = pd.DataFrame({"x": np.arange(8.0)})
    model = MultiTaskRegressor(task_losses="quantile", random_state=0)
    model = with_random_heads(model.initialize(X, (X["x"] / 3).rename("y")))
    served = ServedModel(model, "m")
    expected = model.predict(X)
    for n_rows in (1, 8, 70):
        table = served.read([{"x": float(row % 8)} for row in range(n_rows)])
        found = served.predictions(served.outputs(table))
        assert len(found) == n_rows
        for row, one in enumerate(found):
            assert list(one["y"]["quantiles"]) == ["0.1", "0.5", "0.9"]
            values = list(one["y"]["quantiles"].values())
            assert values == pytest.approx(expected[row % 8].tolist(), rel=1e-5)
            assert one["y"]["prediction"] == values[1]
