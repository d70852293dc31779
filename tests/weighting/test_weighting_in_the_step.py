"""Loss weightings in the compiled training step itself: one step of `fit`, taken apart.

One batch, plain gradient descent: the step is the learning rate times the sum of the task
gradients, each times the derivative of the objective by the task's loss.
"""

import numpy as np
import pytest
from one_step import MODEL, close, inputs_of, make_table, task_gradients, values
from random_heads import with_random_heads
from sklearn.base import clone

from skmtl.weighting import LOSS_WEIGHTINGS

# On a machine without a GPU, PyTorch warns about the GPU driver.
pytestmark = pytest.mark.filterwarnings("ignore:CUDA initialization:UserWarning")

RATE = 64.0  # far enough that the step is not lost in the weights' rounding
N_TASKS = 3


def slopes(name, losses):
    """Return TorchJD's derivatives of its objective, in float64."""
    torch = pytest.importorskip("torch", reason="parity with TorchJD needs torch and torchjd")
    reference = pytest.importorskip("torchjd.scalarization", reason="parity needs torchjd")
    n = len(losses)
    scalarizers = {
        "fixed": reference.Sum,
        "gradnorm": reference.Sum,  # in the first step
        "dwa": reference.DWA,
        "gls": reference.GeometricMean,
        "stch": lambda: reference.STCH(mu=1.0),
        "uncertainty": lambda: reference.UW(n).double(),
        "imtl_l": lambda: reference.IMTLL(n).double(),
    }
    losses = torch.tensor(losses, requires_grad=True)
    scalarizers[name]()(losses).backward()
    return losses.grad.numpy()


def simplex(losses, given):  # noqa: ARG001
    """Return the weights of the step, which were drawn, if they may have been."""
    assert min(given) > 0
    assert abs(sum(given) - 1) <= 1e-5
    return given


EXPECTED = {
    "rlw": simplex,
    # equal shares of the logarithms, scaled so that they sum to the harmonic mean
    "famo": lambda losses, _: 1 / losses / np.sum(1 / losses),
    "uw_so": lambda losses, _: np.exp(1 / losses) / np.sum(np.exp(1 / losses)),
}


def test_every_weighting_is_judged():
    judged = {"fixed", "gradnorm", "dwa", "gls", "stch", "uncertainty", "imtl_l", *EXPECTED}
    assert judged == set(LOSS_WEIGHTINGS)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LOSS_WEIGHTINGS))
@pytest.mark.parametrize("images", [False, True], ids=["xla", "graph"])
def test_one_step_of_training(name, images):
    X, y = make_table(N_TASKS, images)
    model = clone(MODEL).set_params(loss_weights=name, learning_rate=RATE)
    network = with_random_heads(model.initialize(X, y))._fitted.network
    losses, shared, own = task_gradients(network, inputs_of(model, X), y)
    before = [values(v) for v in (network.shared_variables, *network.task_variables)]
    history = model.fit(X, y).history_
    network = model._fitted.network
    after = [values(v) for v in (network.shared_variables, *network.task_variables)]
    given = np.array([history[f"{task}_loss_weight"][0] for task in model.task_names_])
    weights = EXPECTED[name](losses, given) if name in EXPECTED else slopes(name, losses)
    np.testing.assert_allclose(given, weights, rtol=1e-5)
    step, *own_steps = ((x - y) / RATE for x, y in zip(before, after, strict=True))
    size = np.linalg.norm(weights[:, None] * shared)
    assert close(step, weights @ shared, size)
    for got, weight, gradient in zip(own_steps, weights, own, strict=True):
        assert close(got, weight * gradient, size)


@pytest.mark.slow
def test_gradnorm_compares_the_gradients_of_the_last_shared_layer():
    X, y = make_table(N_TASKS, False)
    model = clone(MODEL).set_params(
        loss_weights="gradnorm",
        loss_weights__alpha=0.0,
        loss_weights__learning_rate=0.5,
        learning_rate=0.01,
        epochs=2,
    )
    network = with_random_heads(model.initialize(X, y))._fitted.network
    _, shared, _ = task_gradients(network, inputs_of(model, X), y)
    trunk = sum(int(np.prod(v.shape)) for v in network.shared_layers[-1].trainable_variables)
    assert network.shared_variables[-1] is network.shared_layers[-1].trainable_variables[-1]
    norms = np.linalg.norm(shared[:, -trunk:], axis=1)
    # equation 2 of the paper with alpha = 0: towards the mean norm, by plain descent
    expected = 1 - 0.5 * np.sign(norms - norms.mean()) * norms
    expected *= N_TASKS / expected.sum()
    history = model.fit(X, y).history_
    got = [history[f"{task}_loss_weight"][1] for task in model.task_names_]
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert np.ptp(expected) > 0.01
