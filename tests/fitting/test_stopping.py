"""Early stopping by a task, a loss or a scorer."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import make_scorer
from test_rows import SMALL, X_VAL, Y_VAL, X, Y

from skmtl import MultiTaskClassifier
from skmtl.backbones import MemoryFeatureCache
from skmtl.fitting.stopping import stopping_text
from skmtl.metrics import make_task_scorer, task_scorers

# four units may all be dead after the first epoch, and five rows all be right
LEARNING = SMALL | {"branch_units": 16, "learning_rate": 0.05}
STOPPING = LEARNING | {
    "epochs": 8,
    "early_stopping": True,
    "n_iter_no_change": 2,
    "validation_fraction": 0.5,
}


def fit(stopping_score, **arguments):
    model = MultiTaskClassifier(**STOPPING, stopping_score=stopping_score)
    return model.fit(X, Y, **{"X_val": X_VAL, "y_val": Y_VAL} | arguments)


@pytest.mark.parametrize(
    ("score", "key", "sign"),
    [
        ("side", "val_side_accuracy", 1),
        ("sign", "val_sign_accuracy", 1),
        ("val_sign_accuracy", "val_sign_accuracy", 1),
        ("val_loss", "val_loss", -1),
        ("val_side_loss", "val_side_loss", -1),
    ],
)
def test_the_best_epoch_is_that_of_the_number_that_is_named(score, key, sign):
    model = fit(score)
    values = sign * np.array(model.history_[key])
    best = int(values.argmax())
    assert model.n_iter_ == min(8, best + 3)
    kept = MultiTaskClassifier(**LEARNING | {"epochs": best + 1})
    expected = kept.fit(X, Y, X_val=X_VAL, y_val=Y_VAL).predict_proba(X)
    for a, b in zip(model.predict_proba(X), expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_tasks_disagree_about_the_best_epoch():
    assert (
        len({fit(score).n_iter_ for score in ("side", "sign", "val_side_loss", "val_sign_loss")})
        > 1
    )


@pytest.mark.parametrize("given", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_scorer_sees_the_estimator_as_if_the_fit_ended_now(given):
    rows = {} if given else {"X_val": None, "y_val": None}
    model = fit(make_task_scorer("sign"), **rows)
    np.testing.assert_allclose(
        model.history_["val_score"], model.history_["val_sign_accuracy"], rtol=1e-6
    )
    assert len(set(model.history_["val_score"])) > 1
    same = fit("sign", **rows)
    assert model.n_iter_ == same.n_iter_
    np.testing.assert_array_equal(model.predict_proba(X)[0], same.predict_proba(X)[0])


def test_any_callable_is_a_scorer_and_gets_weights_where_there_are_some():
    seen = []

    def scorer(estimator, X, y, sample_weight=None):
        assert estimator.task_names_ == ["side", "sign"]
        seen.append((X, y, sample_weight, estimator.predict_frame(X)))
        return -float(len(seen))

    model = fit(scorer, sample_weight_val=np.ones(20))
    assert model.history_["val_score"] == [-1.0, -2.0, -3.0], "a lower score is worse"
    for table, labels, weights, predicted in seen:
        assert table.equals(X_VAL)
        assert labels.equals(Y_VAL)
        assert weights.tolist() == [1.0] * 20
        assert len(predicted) == 20
    assert model.predict_frame(X_VAL).equals(seen[0][3]), "the first epoch is kept"
    fit(task_scorers(["side", "sign"], "neg_log_loss")["mean_neg_log_loss"])


@pytest.mark.slow  # another network is compiled
def test_a_scorer_of_scikit_learn_judges_one_task():
    model = MultiTaskClassifier(
        **STOPPING, stopping_score=make_scorer(lambda y, p: (y == p).mean())
    )
    model.fit(X, Y["sign"])
    np.testing.assert_allclose(
        model.history_["val_score"], model.history_["val_sign_accuracy"], rtol=1e-6
    )


@pytest.mark.slow  # another network is compiled
def test_a_scorer_reads_images_through_a_frozen_backbone():
    rng = np.random.default_rng(0)
    images = pd.Series(list(rng.integers(0, 255, (24, 8, 8, 3), dtype=np.uint8)))
    model = MultiTaskClassifier(
        **STOPPING | {"epochs": 2},
        stopping_score=make_task_scorer("y"),
        freeze_backbones=True,
        feature_cache=MemoryFeatureCache(),
    ).set_params(image_backbone__filters=(4,))
    model.fit(images.to_frame("image"), np.arange(24) % 2)
    np.testing.assert_allclose(
        model.history_["val_score"], model.history_["val_y_accuracy"], rtol=1e-6
    )


BAD = {
    "unknown": (
        "sid", ValueError,
        r"stopping_score must be None, one of the tasks \['side', 'sign'\], one of \['val_loss', "
        r"'val_side_loss', .*'val_sign_accuracy'\], or a scorer .*; got 'sid'",
    ),
    "of training": ("loss", ValueError, "got 'loss'"),
    "no text": (3, TypeError, "stopping_score must be None, a string or a scorer; got int"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "error", "message"), BAD.values(), ids=BAD)
def test_what_the_parameter_may_be(value, error, message):
    with pytest.raises(error, match=message):
        fit(value)


def test_a_scorer_must_return_a_number():
    with pytest.raises(TypeError, match=r"stopping_score must return a number.*got str"):
        fit(lambda estimator, X, y: "good")  # noqa: ARG005


def test_a_checkpoint_knows_scorers_apart():
    assert stopping_text(None) is None
    assert stopping_text("side") == "side"
    assert "0x" not in stopping_text(fit)
    assert stopping_text(fit) != stopping_text(make_task_scorer("side"))
    assert stopping_text(make_task_scorer("side")) != stopping_text(make_task_scorer("sign"))
