import math

import numpy as np

from skmtl.labels import ClassHead
from skmtl.training.history import epoch_logs, lengthened, mean_task_score, stopping_value

HEADS = (ClassHead(3), ClassHead(2))


def test_sums_become_means_and_nan_where_nothing_was_labelled():
    sums = {
        "n_rows": np.float32(4),
        "loss": np.float32(8),
        "losses": np.array([6.0, 0.0]),
        "n_labelled": np.array([3.0, 0.0]),
        "statistics": np.array([[2.0], [0.0]]),
        "loss_weights": np.array([1.0, 0.0]),
        "n_present": np.array([2.0, 0.0]),
        "gradient_weights": np.array([3.0, 0.0]),
        "cosines": np.array([[2.0, -0.5], [-0.5, 0.0]]),
        "n_pairs": np.array([[2.0, 1.0], [1.0, 0.0]]),
    }
    logs = epoch_logs(sums, ("a", "b"), HEADS)
    assert logs["loss"] == 2.0
    assert logs["a_loss"] == 2.0
    assert logs["a_loss_weight"] == 0.5
    assert logs["a_gradient_weight"] == 1.5
    assert logs["a|b_gradient_cosine"] == -0.5
    assert math.isnan(logs["b_loss"])
    assert mean_task_score(logs, ("a", "b"), HEADS) == logs["a_accuracy"] == 2 / 3


def test_validation_rows_get_the_prefix_of_keras():
    names = ("n_rows", "loss")
    sums = dict.fromkeys(names, np.float32(1)) | dict.fromkeys(("losses", "n_labelled"), np.ones(1))
    sums["statistics"] = np.ones((1, 1))
    assert set(epoch_logs(sums, ("a",), HEADS[:1], "val_")) == {
        "val_loss",
        "val_a_loss",
        "val_a_accuracy",
    }


def test_a_loss_has_to_fall_and_a_score_to_rise():
    logs = {"val_a_loss": 2.0, "val_a_accuracy": 0.5, "val_b_accuracy": 1.0, "val_score": 3.0}
    values = [stopping_value(logs, key, ("a", "b"), HEADS) for key in (*logs, None)]
    assert values == [-2.0, 0.5, 1.0, 3.0, 0.75]


def test_epochs_without_a_number_are_nan():
    found = lengthened({"loss": [1.0], "old": [2.0]}, {"loss": [3.0, 4.0], "new": [5.0, 6.0]})
    nan = math.nan
    np.testing.assert_equal(
        found, {"loss": [1.0, 3.0, 4.0], "old": [2.0, nan, nan], "new": [nan, 5.0, 6.0]}
    )
