"""Losses of every kind of label against Keras' own fit on the same batches."""

import keras
import numpy as np
import pytest
from keras import ops
from label_cases import CASES, QUANTILES, targets_of

from skmtl.columns import BranchSpec
from skmtl.data import Modality, Table
from skmtl.labels import ClassHead, NumberHead, OrdinalHead, TagHead
from skmtl.network.network import build_network
from skmtl.network.spec import NetworkSpec
from skmtl.sharing import HardSharing
from skmtl.training.backend import Program
from skmtl.training.plan import batch_plan
from skmtl.weighting import FixedLossWeights

N_ROWS = 37


def pinball(truth, guess):
    shares = ops.convert_to_tensor(np.array(QUANTILES, "float32"))
    return ops.mean(ops.maximum(shares * (truth - guess), (shares - 1) * (truth - guess)), -1)


# losses of a Keras user, on the outputs of the whole network
KERAS = {
    "class": keras.losses.SparseCategoricalCrossentropy(),
    "smoothed": keras.losses.CategoricalCrossentropy(label_smoothing=0.2),
    "focal": keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=2.0),
    "keras_class": keras.losses.SparseCategoricalCrossentropy(),
    "ordinal": keras.losses.SparseCategoricalCrossentropy(),
    "tags": keras.losses.BinaryCrossentropy(),
    "squared": keras.losses.MeanSquaredError(),
    "absolute": keras.losses.MeanAbsoluteError(),
    "huber": keras.losses.Huber(),
    "quantile": pinball,
    "keras_name": keras.losses.LogCosh(),
    "keras_object": keras.losses.Huber(delta=0.3),
}


def spec_of(head):
    branch = BranchSpec("table", "table", (5,), "float32", units=8)
    return NetworkSpec(
        (branch,), (head,), (frozenset({"table"}),), HardSharing(), "concat", (), 0.0
    )


@pytest.mark.parametrize("name", CASES)
def test_losses_are_those_of_keras_fit_on_the_same_batches(name):
    head, rng = CASES[name][0], np.random.default_rng(0)
    numbers = rng.normal(size=(N_ROWS, 5)).astype(np.float32)
    targets = targets_of(head, rng, N_ROWS)
    spec = spec_of(head)
    program = Program(build_network(spec, 1), keras.optimizers.SGD(0.05), FixedLossWeights(), None)
    start = build_network(spec, seed=0)
    program.start(start.variables, FixedLossWeights(), None, learning_rate=None, seed=0)
    table = Table(N_ROWS, {"table": Modality.of_rows(numbers)})
    data = program.load(table, targets, np.ones((N_ROWS, 1), np.float32))
    plan, ours = batch_plan(np.arange(N_ROWS), 8), []
    for _ in range(3):
        sums = program.run(data, plan)
        ours.append(float(sums["loss"] / sums["n_rows"]))

    if name in ("smoothed", "focal"):
        targets = np.eye(4, dtype=np.float32)[targets[:, 0].astype(int)]
    model = build_network(spec, seed=0).model
    model.compile(keras.optimizers.SGD(0.05), KERAS[name], jit_compile=False)
    history = model.fit([numbers], targets, batch_size=8, epochs=3, shuffle=False, verbose=0)
    np.testing.assert_allclose(ours, history.history["loss"], rtol=1e-5, atol=1e-5)


def test_every_kind_of_head_is_compared():
    kinds = {type(head) for head, _ in CASES.values()}
    assert kinds == {ClassHead, OrdinalHead, TagHead, NumberHead}
    assert set(KERAS) == set(CASES)
