"""The schemes inside the estimator: grids, fusions, aggregators, missing cells, pickles."""

import pickle

import numpy as np
import pytest
from random_heads import with_random_heads
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from small_table import make_small_table

from skmtl import MultiTaskClassifier
from skmtl.model_selection import MultiTaskStratifiedKFold
from skmtl.persistence import load, save
from skmtl.sharing import CGC, MMoE

NAMES = ["cross_stitch", "mmoe", "cgc", "ple"]
every = pytest.mark.parametrize("name", NAMES)
OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in NAMES if name != "mmoe"]


@pytest.fixture(scope="module")
def numbers():
    """Numbers and two tasks that disagree about them; some labels missing."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(160, 6)).astype("float32")
    y = np.column_stack([X[:, 0] + X[:, 1] > 0, X[:, 0] - X[:, 2] > 0]).astype(object)
    y[rng.random(y.shape) < 0.2] = None
    return X, y


@pytest.fixture(scope="module")
def model():
    return MultiTaskClassifier(
        branch_units=16, branch_dropout=0.0, trunk_units=8, epochs=12, batch_size=16, random_state=0
    )


@pytest.mark.parametrize("name", ["mmoe", *OTHERS])
def test_learns_repeats_its_bits_and_is_stored(name, model, numbers, tmp_path):
    first = clone(model).set_params(sharing=name).fit(*numbers)
    second = clone(first).fit(*numbers)
    save(first, tmp_path / "model.skmtl")
    stored = [pickle.loads(pickle.dumps(first)), load(tmp_path / "model.skmtl")]
    expected = first.predict_proba(numbers[0])
    for same in (second, *stored):
        for one, other in zip(same.predict_proba(numbers[0]), expected, strict=True):
            assert np.array_equal(one, other)
    assert first.score(*numbers) > 0.8


@pytest.mark.slow
@every
@pytest.mark.parametrize("fusion", ["weighted", "late", "concat", "mean"])
def test_every_fusion_with_an_aggregator_and_missing_cells_and_labels(name, fusion):
    X, y = make_small_table(60)
    assert X.isna().to_numpy().any()
    assert y.isna().to_numpy().any()
    model = MultiTaskClassifier(
        sharing=name, fusion=fusion, gradient_aggregator="pcgrad", epochs=10, random_state=0
    ).fit(X, y)
    assert model.history_["loss"][-1] < model.history_["loss"][0]
    assert model.score(X, y) > 0.6
    assert all(np.isfinite(values).all() for values in model.history_.values())
    assert "colour|mood_gradient_cosine" in model.history_
    nothing = X.copy()
    nothing.loc[:, :] = None
    assert all(np.isfinite(task).all() for task in model.predict_proba(nothing[:2]))


@every
def test_default_widths_agree_with_late_fusion(name):
    # trunk_units is empty: the branches must still agree on their width.
    X, y = make_small_table(40)
    model = MultiTaskClassifier(sharing=name, random_state=0).initialize(X, y)
    assert model.predict(X).shape == (40, 2)
    with pytest.raises(ValueError, match="branch_units must be one number for all columns"):
        clone(model).set_params(branch_units={"image": 8, "text": 16}).fit(X, y)


@pytest.mark.slow
def test_schemes_and_their_parameters_in_a_grid(model, numbers):
    search = GridSearchCV(
        clone(model).set_params(epochs=2),
        [
            {"sharing": ["hard", CGC(expert_units=4)]},
            {"sharing": ["mmoe"], "sharing__n_experts": [2]},
        ],
        cv=MultiTaskStratifiedKFold(2, shuffle=True, random_state=0),
        error_score="raise",
    ).fit(*numbers)
    assert len(search.cv_results_["params"]) == 3
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.slow
def test_nested_parameters_by_name_and_by_object(model, numbers):
    by_name = clone(model).set_params(sharing="mmoe", sharing__n_experts=2, epochs=1).fit(*numbers)
    given = MMoE(n_experts=2)
    by_object = clone(model).set_params(sharing=given, epochs=1).fit(*numbers)
    assert by_name.n_parameters_ == by_object.n_parameters_
    for one, other in zip(
        *(m.predict_proba(numbers[0]) for m in (by_name, by_object)), strict=True
    ):
        assert np.array_equal(one, other)
    # a later change of the user's object is none of the fitted network
    given.set_params(n_experts=5)
    pickle.loads(pickle.dumps(by_object)).predict(numbers[0])
    with pytest.raises(ValueError, match="Invalid parameter 'experts' for estimator MMoE"):
        clone(model).set_params(sharing="mmoe", sharing__experts=2).fit(*numbers)


@pytest.mark.parametrize("name", ["cross_stitch", "ple"])
def test_a_single_task(name, model, numbers):
    X, y = numbers
    labelled = np.array([label is not None for label in y[:, 0]])
    X, y = X[labelled], y[labelled, 0].astype(bool)
    fitted = clone(model).set_params(sharing=name, epochs=20).fit(X, y)
    assert fitted.score(X, y) > 0.8


@every
def test_a_task_may_see_one_modality_alone(name):
    X, y = make_small_table(40, missing=0.0)
    model = MultiTaskClassifier(sharing=name, task_columns={"colour": "image"}, random_state=0)
    model = with_random_heads(model.initialize(X, y))
    other = X.assign(text=X["text"].to_numpy()[::-1])
    before, after = model.predict_proba(X), model.predict_proba(other)
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[1], after[1])


@pytest.mark.slow  # two networks are compiled
def test_gradnorm_with_experts(model, numbers):
    fitted = clone(model).set_params(sharing="mmoe", loss_weights="gradnorm", epochs=2)
    history = fitted.fit(*numbers).history_
    assert np.isfinite(history["loss"]).all()
