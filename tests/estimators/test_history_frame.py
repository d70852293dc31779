"""Frames of predictions are tested beside the kinds of labels; here, those of the training."""

import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor
from skmtl.estimators.frames import history_frame

X = np.random.default_rng(0).normal(size=(30, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize("cls", [MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor])
def test_every_estimator_has_its_history_as_a_frame(cls):
    model = cls(epochs=2, branch_units=4, random_state=0).fit(X, Y.astype(float), X_val=X, y_val=Y)
    frame = model.history_frame()
    assert frame.index.tolist() == [1, 2]
    assert frame.index.name == "epoch"
    assert {name: frame[name].tolist() for name in frame} == model.history_
    assert frame.filter(like="val_").columns.tolist()[0] == "val_loss"


@pytest.mark.slow
def test_numbers_that_some_epochs_lack_are_nan():
    model = MultiTaskClassifier(branch_units=4, random_state=0).partial_fit(X, Y)
    model.set_params(early_stopping=True).partial_fit(X, Y)
    model.set_params(early_stopping=False).partial_fit(X, Y)
    frame = model.history_frame()
    assert frame["loss"].notna().all()
    assert frame["val_loss"].isna().tolist() == [True, False, True]
    short = history_frame({"loss": [1.0, 2.0], "val_loss": [3.0]})
    assert short["val_loss"].isna().tolist() == [False, True]


def test_without_an_epoch_it_is_empty():
    frame = MultiTaskClassifier(branch_units=4, random_state=0).initialize(X, Y).history_frame()
    assert frame.shape == (0, 0)
    pd.testing.assert_index_equal(frame.index, pd.RangeIndex(1, 1, name="epoch"))
