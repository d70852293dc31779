"""The losses of all heads against NumPy: values, gradients, scores, masks."""

import numpy as np
import pytest
from differentiate import value_and_gradients
from keras import Variable, ops
from label_cases import CASES, targets_of
from sklearn.metrics import f1_score, r2_score

from skmtl.labels import ClassHead, NumberHead, TagHead, target_slices
from skmtl.training.objective import task_losses


def batch_of(name, n_rows=7, seed=0):
    head, expected = CASES[name]
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n_rows, head.n_outputs)).astype(np.float32)
    return head, expected, logits, targets_of(head, rng, n_rows)


@pytest.mark.parametrize("scale", [1, 0], ids=["logits", "zeros"])  # about where a fit starts
@pytest.mark.parametrize("name", CASES)
def test_the_loss_of_a_row_and_its_gradient_are_those_of_numpy(name, scale):
    head, expected, logits, targets = batch_of(name)
    logits *= scale
    variable = Variable(logits)

    def mean_loss():
        return [ops.mean(head.row_losses(variable.value, ops.convert_to_tensor(targets)))]

    losses = head.row_losses(ops.convert_to_tensor(logits), ops.convert_to_tensor(targets))
    exact, truth = logits.astype(np.float64), targets.astype(np.float64)
    np.testing.assert_allclose(ops.convert_to_numpy(losses), expected(exact, truth), rtol=1e-4)
    _, ((gradient,),) = value_and_gradients(mean_loss, [variable])
    numeric = np.empty_like(exact)
    for place in np.ndindex(*exact.shape):
        step = np.zeros_like(exact)
        step[place] = 1e-6
        ends = [expected(exact + sign * step, truth).mean() for sign in (1, -1)]
        numeric[place] = (ends[0] - ends[1]) / 2e-6
    np.testing.assert_allclose(gradient, numeric, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_the_loss_that_branches_are_weighed_by_has_its_derivative(name):
    head, expected, logits, targets = batch_of(name, n_rows=9)
    exact = logits.astype(np.float64)
    losses, slopes = head.loss_and_slope(exact, targets)
    if name in ("class", "ordinal", "tags", "squared"):
        np.testing.assert_allclose(losses, expected(exact, targets.astype(float)), rtol=1e-6)
    for column, step in enumerate(1e-6 * np.eye(head.n_outputs)):
        up, down = (head.loss_and_slope(exact + s, targets)[0] for s in (step, -step))
        np.testing.assert_allclose(slopes[:, column], (up - down) / 2e-6, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_a_missing_label_changes_nothing_whatever_stands_there(name):
    head, _, logits, targets = batch_of(name)
    weights = np.ones((7, 1), np.float32)
    weights[[2, 5]] = 0

    def seen(logits, targets):
        tensors = map(ops.convert_to_tensor, (logits, targets, weights))
        z, t, w = tensors
        (loss,), n_labelled, statistics = task_losses([head], [z], t, w)
        return [ops.convert_to_numpy(x).tolist() for x in (loss, n_labelled, statistics)]

    before = seen(logits, targets)
    logits[[2, 5]], targets[[2, 5]] = 30.0, 0.0
    assert seen(logits, targets) == before


def test_heads_of_one_key_differ_in_nothing_that_is_compiled():
    one, other = NumberHead(1, center=3.0, scale=2.0), NumberHead(1, transform="log1p")
    assert one.key == other.key
    different = [NumberHead(1, "huber"), NumberHead(2), ClassHead(1), TagHead(1)]
    assert len({head.key for head in [one, *different]}) == 5


def test_each_task_has_its_columns_of_the_targets():
    heads = [ClassHead(3), TagHead(4), NumberHead(3, "quantile", (0.1, 0.5, 0.9))]
    assert target_slices(heads) == [slice(0, 1), slice(1, 5), slice(5, 6)]


@pytest.mark.parametrize("name", CASES)
def test_statistics_give_the_score(name):
    head, _, logits, targets = batch_of(name, n_rows=50)
    tensors = [ops.convert_to_tensor(x) for x in (logits, targets)]
    sums = np.array([ops.convert_to_numpy(x).sum() for x in head.row_statistics(*tensors)])
    assert len(sums) == head.n_statistics
    if isinstance(head, NumberHead):
        expected = r2_score(targets[:, 0], logits[:, len(head.quantiles) // 2])
    elif isinstance(head, TagHead):
        expected = f1_score(targets, logits >= 0, average="micro")
    else:
        outputs = ops.convert_to_numpy(head.outputs(tensors[0]))
        np.testing.assert_allclose(outputs.sum(1), 1, rtol=1e-5)
        expected = (outputs.argmax(1) == targets[:, 0]).mean()
    assert head.score(sums, 50.0) == pytest.approx(expected, abs=1e-4)
    assert np.isnan(head.score(np.zeros(3), 0.0))
