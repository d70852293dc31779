"""Products of task gradients of dense layers are those of the gradients."""

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_table import TASKS, make_mixed_table
from sklearn.base import clone

from skmtl import MultiTaskClassifier, MultiTaskEstimator
from skmtl.sharing import Sharing, Trunk
from skmtl.training import programs
from skmtl.training.tensorflow import _program
from skmtl.training.tensorflow._gramian import products

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype(np.float32)


def labels(n_tasks):
    scores = X @ RNG.normal(size=(6, n_tasks)) + RNG.normal(size=(90, n_tasks))
    y = (scores > 0).astype(object)
    y[RNG.random(y.shape) < 0.2] = None
    return y


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 4),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(1, 4),
    st.booleans(),
    st.integers(0, 99),
)
def test_products_are_those_of_the_weights_gradients(n_tasks, n_rows, n_in, n_out, has_bias, seed):
    rng = np.random.default_rng(seed)
    x, d = rng.normal(size=(n_rows, n_in)), rng.normal(size=(n_tasks, n_rows, n_out))
    inputs = np.hstack([x, np.ones((n_rows, int(has_bias)))])
    flat = np.einsum("ri,tro->tio", inputs, d).reshape(n_tasks, -1)
    found = products(x.astype("float32"), d.astype("float32"), has_bias=has_bias)
    np.testing.assert_allclose(found, flat @ flat.T, rtol=1e-4, atol=1e-4)


class Incomplete:
    """Records of a network that is not dense."""

    is_complete = False

    def __init__(self, network):
        pass


def assert_a_fit_is_that_with_the_gradients(model, X, y, monkeypatch, tolerance=1e-4):
    programs.forget_programs()
    found = clone(model).fit(X, y).history_
    assert the_program()._records
    monkeypatch.setattr(_program, "DenseRecords", Incomplete)
    programs.forget_programs()
    expected = clone(model).fit(X, y).history_
    assert the_program()._records is None
    for name in expected:
        np.testing.assert_allclose(
            found[name], expected[name], rtol=tolerance, atol=tolerance, err_msg=name
        )


def the_program():
    (kept,) = programs._idle._values.values()
    return kept[0]


@pytest.mark.parametrize(
    ("n_tasks", "options"),
    [
        (10, {"gradient_aggregator": "upgrad", "trunk_units": (8, 7)}),
        *(
            pytest.param(n_tasks, options, marks=pytest.mark.slow)
            for n_tasks, options in [
                (3, {"gradient_aggregator": "pcgrad", "loss_weights": "uncertainty"}),
                (10, {"gradient_aggregator": "cagrad", "sharing": "mmoe"}),
                (3, {"gradient_aggregator": "imtl_g", "precision": "mixed_bfloat16"}),
            ]
        ),
    ],
)
def test_a_fit_is_that_with_the_gradients(n_tasks, options, monkeypatch):
    model = MultiTaskClassifier(epochs=2, branch_units=16, random_state=0).set_params(**options)
    tolerance = 1e-4 if "precision" not in options else 2e-2
    assert_a_fit_is_that_with_the_gradients(model, X, labels(n_tasks), monkeypatch, tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(("fusion", "n_copies"), [("late", 1), ("weighted", 2)])
def test_branches_share_a_trunk_and_rows_lack_columns(fusion, n_copies, monkeypatch):
    """Six tasks are compiled by XLA, twelve are not."""
    X, y = make_mixed_table(80, missing=0.3)
    y = pd.concat([y.add_suffix(f"_{copy}") for copy in range(n_copies)], axis=1)
    model = MultiTaskEstimator(
        columns={"title": "drop"},
        tasks={name: TASKS[name[:-2]] for name in y if name[:-2] in TASKS},
        fusion=fusion,
        freeze_backbones=True,
        trunk_units=8,
        gradient_aggregator="upgrad",
        batch_size=16,
        epochs=2,
        random_state=0,
    )
    assert_a_fit_is_that_with_the_gradients(model, X, y, monkeypatch)


@pytest.mark.parametrize("n_hidden", [None, 6])
def test_penalties_of_shared_layers_count(n_hidden):
    """A sum of the gradients is plain training, also of a layer with a penalty."""
    penalised = keras.layers.Dense(6, kernel_regularizer=keras.regularizers.L2(0.5))
    images = keras.Sequential([keras.layers.Flatten(), penalised])
    model = MultiTaskClassifier(epochs=2, branch_units=n_hidden, random_state=0)
    model.set_params(image_backbone=images)
    pixels = RNG.integers(0, 256, (90, 2, 2, 3), dtype=np.uint8)
    y = labels(2)
    expected = clone(model).fit(pixels, y)
    found = clone(model).set_params(gradient_aggregator="sum").fit(pixels, y)
    for name in expected.history_:
        np.testing.assert_allclose(found.history_[name], expected.history_[name], rtol=1e-4)


@pytest.mark.slow
def test_what_else_tasks_share_needs_the_gradients():
    class Inside(keras.layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.dense = keras.layers.Dense(4)

        def call(self, x):
            return self.dense(x)

    images = RNG.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    for backbone in ("small_cnn", keras.Sequential([keras.layers.Flatten(), Inside()])):
        model = MultiTaskClassifier(gradient_aggregator="upgrad", epochs=1)
        model.set_params(image_backbone=backbone)
        programs.forget_programs()
        model.fit(images, labels(3)[:40])
        assert the_program()._records is None


@pytest.mark.slow
def test_penalties_of_what_a_shared_layer_computes_count():
    class Penalised(Sharing):
        def build(self, *, n_tasks, units, dropout):  # noqa: ARG002
            penalty = keras.regularizers.L2(10.0)
            layer = keras.layers.Dense(8, activation="relu", activity_regularizer=penalty)
            return Trunk(lambda xs: [layer(xs[0])] * n_tasks, [layer], [[]] * n_tasks)

    model, y = MultiTaskClassifier(epochs=2, sharing=Penalised(), random_state=0), labels(2)
    expected = clone(model).fit(X, y).history_["loss"]
    found = clone(model).set_params(gradient_aggregator="sum").fit(X, y).history_["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
