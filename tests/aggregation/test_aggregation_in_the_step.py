"""Aggregators in the compiled training step itself: one step of `fit`, taken apart.

One batch, plain gradient descent: the step is the learning rate times the combined gradient. The
task gradients are computed beside it, combined by TorchJD in float64 or judged by what the method
demands. Loss weights make them large, small and unbalanced.
"""

import numpy as np
import pytest
from one_step import MODEL, close, inputs_of, make_table, task_gradients, twin, values
from random_heads import with_random_heads
from sklearn.base import clone

from skmtl.aggregation import DBMTL, GRADIENT_AGGREGATORS, FairGrad, NashMTL

# On a machine without a GPU, PyTorch warns about the GPU driver.
pytestmark = pytest.mark.filterwarnings("ignore:CUDA initialization:UserWarning")

# all combinations, on gradients made for it, are in test_aggregation_parity
CASES = [("random", 1e-6), ("random", 1.0), ("random", 1e6), ("unbalanced", 1e-6), ("zero", 1e6)]
CASES += [("collinear", 1e6), ("rank_deficient", 1e-6)]
# what solves a problem, factorises or compares: the rest compiles to the same few products
IN_XLA = ("cagrad", "graddrop", "imtl_g", "mgda", "nash_mtl", "upgrad")
MODES = [(name, True) for name in sorted(GRADIENT_AGGREGATORS)] + [(n, False) for n in IN_XLA]


def one_step(aggregator, n_tasks, kind, scale, images):
    """Take a step; return the weighted task gradients, the combined one and the weights."""
    X, y = make_table(n_tasks, images)
    model = clone(MODEL).set_params(gradient_aggregator=aggregator)
    model = with_random_heads(model.initialize(X, y))
    network = model._fitted.network
    weights = np.full(n_tasks, scale)
    if kind == "unbalanced":
        weights[0] *= 100
    elif kind == "zero":
        weights[0] = 0
    elif kind == "collinear":
        for task in range(1, n_tasks):
            twin(network, y, task, 0)
        weights *= np.arange(1, n_tasks + 1)
    elif kind == "rank_deficient":
        twin(network, y, n_tasks - 1, 0)
    losses, shared, own = task_gradients(network, inputs_of(model, X), y)
    if isinstance(aggregator, DBMTL):
        shared, own = shared / losses[:, None], [g / x for g, x in zip(own, losses, strict=True)]
    shared = weights[:, None] * shared
    # far enough that the step is not lost in the weights' rounding; these two have one length
    rate = 64 / (
        1 if isinstance(aggregator, FairGrad | NashMTL) else np.linalg.norm(shared, axis=1).max()
    )
    before = [values(v) for v in (network.shared_variables, *network.task_variables)]
    model.set_params(learning_rate=rate, loss_weights=weights.tolist()).fit(X, y)
    network = model._fitted.network
    after = [values(v) for v in (network.shared_variables, *network.task_variables)]
    step, *own_steps = ((x - y) / rate for x, y in zip(before, after, strict=True))
    for task in range(n_tasks):
        # an aggregator changes nothing for the heads
        rounding = 1e-6 / rate
        error = np.abs(own_steps[task] - weights[task] * own[task]).max()
        assert error <= 1e-5 * np.linalg.norm(shared) + rounding
    history = model.history_
    given = [history[f"{task}_gradient_weight"][0] for task in model.task_names_]
    cosine = history["{}|{}_gradient_cosine".format(*model.task_names_[:2])][0]
    if kind == "zero":  # the task takes no part
        assert np.isnan(cosine)
        assert given[0] == 0
        return shared[1:], step, np.array(given[1:])
    lengths = np.linalg.norm(shared[:2], axis=1)
    assert abs(cosine - shared[0] @ shared[1] / np.prod(lengths)) <= 1e-5
    return shared, step, np.array(given)


def torchjd(name, gradients, **options):
    torch = pytest.importorskip("torch", reason="parity with TorchJD needs torch and torchjd")
    reference = pytest.importorskip("torchjd.aggregation", reason="parity needs torchjd")
    try:
        method = getattr(reference, name)(**options)
    except ImportError as error:
        pytest.skip(f"TorchJD lacks a solver: {error}")
    # at scale 1: its thresholds are absolute
    scale = np.abs(gradients).max()
    return scale * method(torch.tensor(gradients / scale)).numpy()


def as_torchjd(name):
    def judge(gradients, step, _):
        expected = torchjd(name, gradients)
        assert close(step, expected, max(np.linalg.norm(expected), np.linalg.norm(step)))

    return judge


def shortest(gradients, step, weights):
    assert min(weights) >= 0
    assert abs(sum(weights) - 1) <= 1e-5
    size = np.linalg.norm(gradients, axis=1).max() ** 2
    assert min(gradients @ step) >= step @ step - 1e-5 * size


def as_good_as_cagrad(gradients, step, _):
    expected = torchjd("CAGrad", gradients, c=0.4)
    size = np.linalg.norm(gradients, axis=1).max()
    mean = gradients.mean(axis=0)
    assert np.linalg.norm(step - mean) <= 0.4 * np.linalg.norm(mean) + 1e-5 * size
    assert min(gradients @ step) >= min(gradients @ expected) - 1e-5 * size**2


def solves_its_equation(gradients, step, weights):
    """Check ``G w = 1 / w`` for the tasks whose gradient is not 0."""
    known = np.linalg.norm(gradients, axis=1) > 0
    gramian = (gradients @ gradients.T)[known][:, known]
    w = weights[known]
    assert (weights[~known] == 0).all()
    terms = np.abs(gramian) @ w
    assert np.max(np.abs(gramian @ w - 1 / w) / terms) <= 1e-4
    assert close(step, weights @ gradients, np.linalg.norm(np.abs(weights) @ gradients))


def one_sign(gradients, step, _):
    size = np.abs(gradients).max()
    positive = np.where(gradients > 0, gradients, 0).sum(axis=0)
    negative = np.where(gradients < 0, gradients, 0).sum(axis=0)
    assert np.minimum(np.abs(step - positive), np.abs(step - negative)).max() <= 1e-5 * size


def equally_long(gradients, step, _):
    means = 0.1 * gradients  # of the default beta of 0.9, in the first step
    norms = np.linalg.norm(means, axis=1)
    known = norms > 0
    expected = (means[known] / norms[known, None]).sum(axis=0) * norms.max()
    assert close(step, expected, norms.max())


JUDGES = {
    "sum": as_torchjd("Sum"),
    "mean": as_torchjd("Mean"),
    "imtl_g": as_torchjd("IMTLG"),
    "aligned_mtl": as_torchjd("AlignedMTL"),
    "upgrad": as_torchjd("UPGrad"),
    "dualproj": as_torchjd("DualProj"),
    "pcgrad": as_torchjd("PCGrad"),  # two tasks: there is one order
    "gradvac": as_torchjd("PCGrad"),  # in the first step its goals are 0
    "mgda": shortest,
    "cagrad": as_good_as_cagrad,
    "nash_mtl": solves_its_equation,
    "fairgrad": solves_its_equation,
    "graddrop": one_sign,
    "db_mtl": equally_long,
}
RANDOM_ORDER = ("pcgrad", "gradvac")


def test_every_aggregator_is_judged():
    assert set(JUDGES) == set(GRADIENT_AGGREGATORS)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "images"), MODES)
def test_one_step_of_training(name, images):
    # networks on images are compiled without XLA, dense ones with it
    aggregator = NashMTL(max_norm=None) if name == "nash_mtl" else GRADIENT_AGGREGATORS[name]()
    # random orders of more than two tasks are in test_aggregation_parity
    n_tasks = 2 if name in RANDOM_ORDER else 5 if images else 3
    for kind, scale in CASES:
        JUDGES[name](*one_step(aggregator, n_tasks, kind, scale, images))
