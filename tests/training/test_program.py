"""The compiled loop against Keras' own, and what absent tasks may not touch."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmtl.columns import BranchSpec
from skmtl.data import Modality, Table
from skmtl.labels import ClassHead
from skmtl.network.network import build_network
from skmtl.network.spec import NetworkSpec
from skmtl.sharing import HardSharing
from skmtl.training.backend import Program
from skmtl.training.loop import LabelledTable
from skmtl.training.plan import batch_plan
from skmtl.weighting import FixedLossWeights, UncertaintyWeighting

N_FEATURES = 5
# XLA compiles for seconds
both_compilers = pytest.mark.parametrize(
    "image", [pytest.param(False, marks=pytest.mark.slow), True], ids=["xla", "graph"]
)


def dense_spec(*, image=False, n_classes=(3, 2)):
    """Return a network on numbers, with a convolution beside it on request."""
    branches = [BranchSpec("table", "table", (N_FEATURES,), "float32", units=8)]
    if image:
        branches.append(
            BranchSpec(
                "image", "image", (6, 6, 1), "float32", "small_cnn", pooling="flatten", units=8
            )
        )
    names = frozenset(branch.modality for branch in branches)
    heads = tuple(map(ClassHead, n_classes))
    return NetworkSpec(
        tuple(branches), heads, (names,) * len(heads), HardSharing(), "concat", (8,), 0.0
    )


def make_rows(n_rows, *, image=False, seed=0, n_classes=(3, 2)):
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n_rows, N_FEATURES)).astype(np.float32)
    modalities = {"table": Modality.of_rows(numbers)}
    if image:
        pixels = rng.random((n_rows, 6, 6, 1)).astype(np.float32)
        modalities["image"] = Modality.of_rows(pixels)
    codes = np.stack([rng.integers(0, k, n_rows) for k in n_classes], axis=1).astype(np.float32)
    return Table(n_rows, modalities), codes, np.ones(codes.shape, np.float32)


def started(spec, optimizer, weighting=None, aggregator=None, seed=0):
    weighting = weighting or FixedLossWeights()
    program = Program(build_network(spec, seed=1), optimizer, weighting, aggregator)
    values = build_network(spec, seed=seed).variables
    program.start(values, weighting, aggregator, learning_rate=None, seed=seed)
    return program


@pytest.mark.parametrize(
    ("image", "optimizer"), [(False, "Adam"), (True, "SGD")], ids=["xla", "graph"]
)
def test_losses_are_those_of_keras_fit_on_the_same_batches(image, optimizer):
    spec = dense_spec(image=image)
    table, codes, weights = make_rows(37, image=image)
    program = started(spec, getattr(keras.optimizers, optimizer)(0.05))
    data, plan = program.load(table, codes, weights), batch_plan(np.arange(37), 8)
    ours = []
    for _ in range(4):
        sums = program.run(data, plan)
        ours.append(float(sums["loss"] / sums["n_rows"]))

    model = build_network(spec, seed=0).model
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(getattr(keras.optimizers, optimizer)(0.05), [loss, loss], jit_compile=False)
    X = [m.values for m in table.modalities.values()]
    X += [np.ones((37, 1), np.float32)] * (len(X) if image else 0)
    history = model.fit(X, list(codes.T), batch_size=8, epochs=4, shuffle=False, verbose=0).history[
        "loss"
    ]
    np.testing.assert_allclose(ours, history, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@both_compilers
def test_an_epoch_in_parts_gives_the_bits_of_one_call(image):
    table, codes, weights = make_rows(61, image=image)
    weights[3, 0] = 0  # no label is missing in the second part
    rows, plan = LabelledTable(table, codes, weights), batch_plan(np.arange(61), 8)
    whole = started(dense_spec(image=image), keras.optimizers.Adam(0.05, global_clipnorm=0.1))
    parts = started(dense_spec(image=image), keras.optimizers.Adam(0.05, global_clipnorm=0.1))
    data = whole.load(table, codes, weights)
    expected = whole.run(data, plan)
    seen = whole.evaluate(data, plan)
    sums = evaluated = None
    for some in (slice(0, 3), slice(3, 8)):
        part = rows.take(plan[some][plan[some] >= 0])
        local = batch_plan(np.arange(len(part.targets)), 8)
        data = parts.load(part.table, part.targets, part.weights, whole=rows)
        sums = parts.run(data, local, sums)
    for some in (slice(0, 3), slice(3, 8)):
        data = parts.load(table, codes, weights)
        evaluated = parts.evaluate(data, plan[some], evaluated)
    for name in expected:
        np.testing.assert_array_equal(sums[name], expected[name])
    for name in seen:
        np.testing.assert_array_equal(evaluated[name], seen[name])
    for ours, theirs in zip(parts.values(), whole.values(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_reused_program_gives_the_bits_of_a_new_one():
    spec = dense_spec(image=True)
    rows = make_rows(40, image=True)

    def train(program):
        values = build_network(spec, seed=5).variables
        program.start(values, FixedLossWeights(), None, learning_rate=0.01, seed=5)
        data = program.load(*rows)
        for _ in range(3):
            program.run(data, batch_plan(np.arange(40), 16))
        return program.values()

    used = started(spec, keras.optimizers.Adam())
    used.run(used.load(*make_rows(30, image=True, seed=9)), batch_plan(np.arange(30), 16))
    for one, other in zip(train(used), train(started(spec, keras.optimizers.Adam())), strict=True):
        assert np.array_equal(one, other)


def own_variables(program, task):
    """Return head, strategy parameters and optimizer slots of one task, by name."""
    paths = [v.path.replace("/", "_") for v in program._own[task]]
    slots = [v for v in program.optimizer.variables if v.name.startswith(tuple(paths))]
    return [np.asarray(v) for v in [*program._own[task], *slots]]


@both_compilers
def test_a_batch_without_a_label_moves_neither_head_nor_state(image):
    spec = dense_spec(image=image)
    program = started(spec, keras.optimizers.Adam(0.05), UncertaintyWeighting())
    table, codes, weights = make_rows(16, image=image)
    program.run(program.load(table, codes, weights), batch_plan(np.arange(16), 16))
    before = own_variables(program, 1)
    other = own_variables(program, 0)
    assert len(before) >= 9  # kernel, bias, log variance, and two slots each
    codes[:, 1], weights[:, 1] = -1, 0
    sums = program.run(program.load(table, codes, weights), batch_plan(np.arange(16), 16))
    for one, after in zip(before, own_variables(program, 1), strict=True):
        assert np.array_equal(one, after)
    assert not all(
        np.array_equal(one, after)
        for one, after in zip(other, own_variables(program, 0), strict=True)
    )
    assert sums["n_labelled"].tolist() == [16, 0]
    assert sums["loss_weights"][1] == 0


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_what_a_row_without_a_label_holds_is_inert(seed):
    rng = np.random.default_rng(seed)
    program = _shared_program()
    table, codes, weights = make_rows(24, image=True, seed=seed % 1000)
    hidden = rng.random(codes.shape) < 0.4
    hidden[:, 0] &= ~hidden[:, 1]
    weights[hidden] = 0
    trained = []
    for filling in (-1, 0, 1):
        codes[hidden] = filling
        values = build_network(program_spec, seed=3).variables
        program.start(values, FixedLossWeights(), None, learning_rate=0.01, seed=3)
        program.run(program.load(table, codes, weights), batch_plan(np.arange(24), 8))
        trained.append(program.values())
    for first, *others in zip(*trained, strict=True):
        assert all(np.array_equal(first, other) for other in others)


program_spec = dense_spec(image=True)
_programs = []


def _shared_program():
    if not _programs:
        _programs.append(started(program_spec, keras.optimizers.Adam()))
    return _programs[0]


@pytest.mark.slow
def test_state_goes_on_where_it_stopped():
    spec = dense_spec()
    rows = make_rows(32)
    plan = batch_plan(np.arange(32), 8)
    whole = started(spec, keras.optimizers.Adam(0.01))
    for _ in range(4):
        whole.run(whole.load(*rows), plan)
    half = started(spec, keras.optimizers.Adam(0.01))
    for _ in range(2):
        half.run(half.load(*rows), plan)
    rest = Program(
        build_network(spec, seed=8), keras.optimizers.Adam(0.01), FixedLossWeights(), None
    )
    rest.start(
        half.values(),
        FixedLossWeights(),
        None,
        learning_rate=None,
        seed=0,
        state=half.training_state(),
    )
    for _ in range(2):
        rest.run(rest.load(*rows), plan)
    for one, other in zip(whole.values(), rest.values(), strict=True):
        assert np.array_equal(one, other)


def test_a_branch_computes_only_rows_that_have_its_modality():
    spec = dense_spec(image=True)
    program = started(spec, keras.optimizers.SGD(0.1))
    table, codes, weights = make_rows(20, image=True)
    present = np.arange(20) % 2 == 0
    image = Modality.of_rows(table.modalities["image"].values[present], present)
    half = Table(20, {**table.modalities, "image": image})
    data = program.load(half, codes, weights)
    assert data["arrays"]["image_values"].shape[0] == 10
    sums = program.run(data, batch_plan(np.arange(20), 5))
    assert np.isfinite(sums["loss"])
    # a batch without any image at all
    sums = program.run(data, batch_plan(np.flatnonzero(~present), 5))
    assert np.isfinite(sums["loss"])
