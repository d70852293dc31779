import keras
import numpy as np
import pandas as pd
import pytest
from differentiate import value_and_gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from numpy.testing import assert_equal
from scipy.special import log_softmax
from sklearn.base import clone

from skmtl import MultiTaskClassifier, MultiTaskEstimator
from skmtl.labels import ClassHead
from skmtl.labels.keras_losses import as_keras_loss
from skmtl.labels.numbers import NumberHead
from skmtl.labels.tags import TagHead
from skmtl.training import objective, step
from skmtl.training.objective import task_losses
from skmtl.training.programs import forget_programs
from skmtl.weighting import LOSS_WEIGHTINGS, LossWeighting


@st.composite
def batches(draw):
    n_rows, n_tasks = draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 3, 12]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes = rng.integers(2, 5, n_tasks)
    logits = [rng.normal(size=(n_rows, k)).astype(np.float32) * 3 for k in n_classes]
    codes = np.stack([rng.integers(-1, k, n_rows) for k in n_classes], axis=1).astype(np.float32)
    weights = (rng.random((n_rows, n_tasks)) * (codes >= 0)).astype(np.float32)
    return logits, codes, weights


def computed(logits, codes, weights):
    tensors = [ops.convert_to_tensor(x) for x in (codes, weights)]
    heads = [ClassHead(z.shape[1]) for z in logits[: weights.shape[1]]]
    losses, n_labelled, statistics = task_losses(
        heads, [ops.convert_to_tensor(z) for z in logits], *tensors
    )
    return [ops.convert_to_numpy(x) for x in (ops.stack(losses), n_labelled, statistics[:, 0])]


@given(batches())
def test_losses_are_the_masked_means_of_the_cross_entropy(batch):
    logits, codes, weights = batch
    losses, n_labelled, n_correct = computed(logits, codes, weights)
    for task, z in enumerate(logits):
        rows = np.flatnonzero(weights[:, task] > 0)
        entropy = -log_softmax(z[rows].astype(float), axis=1)[
            np.arange(len(rows)), codes[rows, task].astype(int)
        ]
        expected = (entropy * weights[rows, task]).sum() / max(len(rows), 1)
        np.testing.assert_allclose(losses[task], expected, rtol=1e-5, atol=1e-6)
        assert n_labelled[task] == len(rows)
        assert n_correct[task] == (z[rows].argmax(axis=1) == codes[rows, task]).sum()


@given(batches(), st.integers(0, 5))
def test_a_row_without_a_label_changes_the_loss_by_exactly_nothing(batch, row):
    logits, codes, weights = batch
    row %= len(codes)
    weights[row] = 0
    before = computed(logits, codes, weights)
    for z in logits:
        z[row] = np.inf  # whatever the network says of the row
    codes[row] = 0
    after = computed(logits, codes, weights)
    for one, other in zip(before, after, strict=True):
        assert one.tolist() == other.tolist()


@given(batches(), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_weighted_branches_learn_from_the_mean_of_their_own_losses(batch, n_branches, seed):
    logits, codes, weights = batch
    rng = np.random.default_rng(seed)
    n_rows, n_tasks = weights.shape
    terms = [
        [(3 * rng.normal(size=z.shape)).astype(np.float32) for _ in range(n_branches)]
        for z in logits
    ]
    flags = (rng.random((n_tasks, n_rows, n_branches)) < 0.7).astype(np.float32)
    for task in range(n_tasks):
        for i in range(n_branches):  # what is not there has any logits
            terms[task][i][flags[task, :, i] == 0] = np.inf
    outputs = [*logits, *(z for task in terms for z in task), np.concatenate(list(flags), axis=1)]
    losses, n_labelled, n_correct = computed(outputs, codes, weights)
    for task, z in enumerate(logits):
        expected, rows = 0.0, np.flatnonzero(weights[:, task] > 0)
        for row in rows:
            own = [
                -log_softmax(terms[task][i][row].astype(float))[int(codes[row, task])]
                for i in np.flatnonzero(flags[task, row])
            ]
            expected += weights[row, task] * (np.mean(own) if own else 0.0)
        np.testing.assert_allclose(losses[task], expected / max(len(rows), 1), rtol=1e-4, atol=1e-5)
        assert n_labelled[task] == len(rows)
        assert n_correct[task] == (z[rows].argmax(axis=1) == codes[rows, task]).sum()


def slopes(heads, outputs, targets, weights, task, **options):
    """Return the loss of a task, and its derivatives by all outputs."""
    variables = [keras.Variable(z, dtype="float32") for z in outputs]
    loads = [ops.convert_to_tensor(x) for x in (targets, weights)]

    def loss():
        values = [v * 1.0 for v in variables]
        return [task_losses(heads, values, *loads, **options)[0][task]]

    (value,), (found,) = value_and_gradients(loss, variables)
    return value, found


@settings(max_examples=20)
@given(st.sampled_from(["squared", "huber"]), st.sampled_from([2, 12]), st.data())
def test_a_squared_error_has_the_gradient_of_its_root(loss, n_tasks, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    n_rows = data.draw(st.integers(1, 6))
    targets = rng.normal(size=(n_rows, n_tasks)).astype(np.float32)
    weights = (rng.random((n_rows, n_tasks)) * (rng.random((n_rows, n_tasks)) < 0.7)).astype("f4")
    logits = [rng.normal(size=(n_rows, 1)).astype(np.float32) for _ in range(n_tasks)]
    heads = [NumberHead(1, loss)] * n_tasks
    n_branches = data.draw(st.sampled_from([0, 2]))
    terms = [rng.normal(size=(n_rows, 1)).astype("f4") for _ in range(n_branches * n_tasks)]
    flags = (rng.random((n_rows, n_branches * n_tasks)) < 0.7).astype("f4")
    outputs = logits + ([*terms, flags] if n_branches else [])
    plain, plain_slopes = slopes(heads, outputs, targets, weights, 1)
    value, found = slopes(heads, outputs, targets, weights, 1, by_root=True)
    assert value == plain
    parts = range(n_tasks + n_branches, n_tasks + 2 * n_branches) if n_branches else [1]
    for i, part in enumerate(parts):
        counts = weights[:, 1] > 0
        if n_branches:
            counts &= flags[:, n_branches + i] > 0
        rows = ops.convert_to_numpy(heads[1].row_losses(outputs[part], targets[:, 1:2]))[counts]
        expected = plain_slopes[part] / np.sqrt(max(rows.sum() / max(len(rows), 1), 1e-6))
        np.testing.assert_allclose(found[part], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    "head",
    [
        ClassHead(3),
        TagHead(3),
        NumberHead(1, "absolute"),
        NumberHead(3, "quantile", (0.1, 0.5, 0.9)),
        NumberHead(1, as_keras_loss("mean_squared_error")),
    ],
)
def test_other_losses_remain_as_they_are(head):
    rng = np.random.default_rng(0)
    outputs = [rng.random((5, head.n_outputs)).astype("f4") for _ in range(2)]
    targets = rng.integers(0, 2, (5, 2 * head.n_targets)).astype("f4")
    case = [head, head], outputs, targets, np.ones((5, 2), "f4"), 0
    assert_equal(slopes(*case), slopes(*case, by_root=True))


def test_a_number_alone_has_a_plain_loss():
    rng = np.random.default_rng(0)
    targets, z = rng.normal(size=(2, 5, 1)).astype("f4")
    case = [NumberHead(1, "squared")], [z], targets, np.ones((5, 1), "f4"), 0
    assert_equal(slopes(*case), slopes(*case, by_root=True))


def test_methods_that_find_weights_see_plain_losses():
    # their equations are about the losses themselves
    roots = {name for name, one in LOSS_WEIGHTINGS.items() if one.takes_roots}
    assert roots == {"fixed"}


def test_a_number_beside_a_class_learns_faster_by_the_root():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 6)).astype("f4")
    y = pd.DataFrame({"kind": np.digitize(X[:, 0] * X[:, 1], [-0.5, 0, 0.5]), "size": X[:, 2] / 3})
    model = MultiTaskEstimator(tasks={"size": "number"}, epochs=12, random_state=0)
    plain = clone(model).set_params(loss_weights=PlainLosses())
    by_default, without = (m.fit(X, y).history_["size_loss"][-1] for m in (model, plain))
    assert by_default < 0.7 * without


class PlainLosses(LossWeighting):
    def weigh(self, losses, present, state, *, seed):  # noqa: ARG002
        return losses


@pytest.fixture
def few_are_many(monkeypatch):
    """Let a function decide from how many tasks on they are computed in groups."""

    def set_to(n_tasks):
        forget_programs()
        for module in (objective, step):
            monkeypatch.setattr(module, "MOST_APART", n_tasks)

    yield set_to
    forget_programs()


@pytest.mark.slow
def test_tasks_of_every_kind_learn_in_groups_what_they_learn_apart(few_are_many):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 4))
    a, b = (rng.integers(0, 2, 40) for _ in range(2))
    y = pd.DataFrame({"a": a, "x": X[:, 0], "b": b, "y": X[:, 1] * 100})
    y["tags"] = [[t for t, on in zip("pq", row, strict=True) if on] for row in np.c_[a, b]]
    y = y.astype(object).mask(rng.random(y.shape) < 0.2, None)
    model = MultiTaskEstimator(epochs=2, batch_size=16, trunk_units=4, random_state=0)
    few_are_many(1)
    grouped = model.fit(X, y).history_
    few_are_many(100)
    apart = model.fit(X, y).history_
    assert grouped.keys() == apart.keys()
    for name in apart:
        np.testing.assert_allclose(grouped[name], apart[name], rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    "options", [{"gradient_aggregator": "pcgrad"}, {"loss_weights": "gradnorm"}]
)
def test_task_gradients_are_the_same_all_at_once(options, few_are_many):
    rng = np.random.default_rng(1)
    X = rng.integers(0, 256, (24, 8, 8, 3), dtype=np.uint8)
    y = rng.integers(0, 2, (24, 3))
    model = MultiTaskClassifier(epochs=2, batch_size=8, trunk_units=4, random_state=0, **options)
    few_are_many(2)
    together = model.fit(X, y).history_
    few_are_many(100)
    one_by_one = model.fit(X, y).history_
    for name in one_by_one:
        np.testing.assert_allclose(
            together[name], one_by_one[name], rtol=1e-3, atol=1e-5, err_msg=name
        )
