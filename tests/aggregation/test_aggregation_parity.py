"""Every aggregator that TorchJD also has agrees with it, inside a compiled step.

TorchJD runs in float64 on the same gradients. Its absolute thresholds (a trace below 1e-4 counts
as 0) are no part of the methods: where a method doesn't depend on the scale of the gradients,
TorchJD sees them at scale 1.
"""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from aggregation_cases import (
    DTYPES,
    KINDS,
    SCALES,
    cases,
    make_gradients,
    relative_error,
    run,
    weigh,
)

from skmtl.aggregation import (
    IMTLG,
    MGDA,
    AlignedMTL,
    CAGrad,
    DualProj,
    FairGrad,
    GradVac,
    MeanAggregator,
    NashMTL,
    PCGrad,
    SumAggregator,
    UPGrad,
)
from skmtl.aggregation._graddrop import keep_one_sign

torch = pytest.importorskip("torch", reason="parity with TorchJD needs torch and torchjd")
reference = pytest.importorskip("torchjd.aggregation", reason="parity needs torchjd")

CLOSED_FORM = {"float32": 1e-5, "float64": 1e-10}


def torchjd_weights(aggregator, gradients):
    """Return what TorchJD's aggregator makes of the gradients, as weights."""
    gradients = torch.tensor(gradients, dtype=torch.float64)
    weighting = getattr(aggregator, "gramian_weighting", None)
    if weighting is not None:
        return weighting(gradients @ gradients.T).numpy()
    return aggregator.weighting(gradients).numpy()


def with_torchjd_extra(make):
    """Return an aggregator of TorchJD's, or skip where its solver is not installed."""
    try:
        return make()
    except ImportError as error:
        pytest.skip(f"TorchJD lacks a solver: {error}")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", cases())
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SumAggregator(), lambda: reference.Sum()),
        (MeanAggregator(), lambda: reference.Mean()),
        (IMTLG(), lambda: reference.IMTLG()),
        (AlignedMTL(), lambda: reference.AlignedMTL()),
        (AlignedMTL(scale="median"), lambda: reference.AlignedMTL(scale_mode="median")),
        (AlignedMTL(scale="rmse"), lambda: reference.AlignedMTL(scale_mode="rmse")),
    ],
    ids=["sum", "mean", "imtl_g", "aligned", "aligned-median", "aligned-rmse"],
)
def test_closed_forms(ours, theirs, case, dtype):
    kind, n_tasks, seed = case
    expected = torchjd_weights(theirs(), make_gradients(kind, n_tasks, seed))
    for scale in SCALES:
        got = weigh(ours, make_gradients(kind, n_tasks, seed, scale), dtype=dtype)
        assert relative_error(got, expected) <= CLOSED_FORM[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", cases())
@pytest.mark.parametrize(
    ("ours", "theirs"), [(UPGrad(), "UPGrad"), (DualProj(), "DualProj")], ids=["upgrad", "dualproj"]
)
def test_projections_on_the_dual_cone(ours, theirs, case, dtype):
    kind, n_tasks, seed = case
    aggregator = with_torchjd_extra(getattr(reference, theirs))
    expected = torchjd_weights(aggregator, make_gradients(kind, n_tasks, seed))
    for scale in SCALES:
        got = weigh(ours, make_gradients(kind, n_tasks, seed, scale), dtype=dtype)
        assert relative_error(got, expected) <= CLOSED_FORM[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", cases())
def test_mgda_finds_no_longer_vector(case, dtype):
    # TorchJD's weights are approximate, so their objective is an upper bound.
    kind, n_tasks, seed = case
    gradients = make_gradients(kind, n_tasks, seed)
    gramian = gradients @ gradients.T
    theirs = torchjd_weights(reference.MGDA(epsilon=1e-9, max_iters=300), gradients)
    for scale in SCALES:
        ours = weigh(MGDA(), gradients * scale, dtype=dtype)
        slack = {"float32": 1e-6, "float64": 1e-12}[dtype] * np.trace(gramian)
        assert ours @ gramian @ ours <= theirs @ gramian @ theirs + slack


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("c", [0.4, 1.0])
@pytest.mark.parametrize("case", cases())
def test_cagrad_raises_the_worst_task_as_much(case, c, dtype):
    kind, n_tasks, seed = case
    gradients = make_gradients(kind, n_tasks, seed)
    gramian = gradients @ gradients.T
    aggregator = with_torchjd_extra(lambda: reference.CAGrad(c=c))
    theirs = torchjd_weights(aggregator, gradients)
    mean = np.full(n_tasks, 1 / n_tasks)
    radius = c * np.sqrt(mean @ gramian @ mean)
    # Both are measured on the problem: the smallest product, within the ball.
    size = np.trace(gramian)
    # A vector that cancels is known to the square root of the rounding.
    slack = {"float32": 1e-4, "float64": 1e-7}[dtype] * size
    for scale in SCALES:
        ours = weigh(CAGrad(c=c), gradients * scale, dtype=dtype)
        change = ours - mean
        length = np.sqrt(max(change @ gramian @ change, 0))
        assert length <= radius + {"float32": 1e-4, "float64": 1e-7}[dtype] * np.sqrt(size)
        assert min(gramian @ ours) >= min(gramian @ theirs) - slack


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", cases(kinds=("random", "collinear", "unbalanced")))
def test_nash_mtl_solves_its_equation_better(case, dtype):
    kind, n_tasks, seed = case
    gradients = make_gradients(kind, n_tasks, seed)
    gramian = gradients @ gradients.T

    def residual(weights, scale=1.0):
        return np.max(np.abs((scale**2 * gramian @ weights) * weights - 1))

    theirs = with_torchjd_extra(
        lambda: reference.NashMTL(n_tasks=n_tasks, max_norm=0.0, optim_niter=50)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from the cone solver
        expected = torchjd_weights(theirs, gradients)
    for scale in SCALES:
        ours = weigh(NashMTL(max_norm=None), gradients * scale, dtype=dtype)
        assert residual(ours, scale) <= {"float32": 1e-5, "float64": 1e-10}[dtype]
        if dtype == "float64":
            assert residual(ours, scale) <= residual(expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("alpha", [0.5, 2.0])
@pytest.mark.parametrize("case", cases(kinds=("random", "collinear", "unbalanced")))
def test_fairgrad_solves_its_equation(case, alpha, dtype):
    kind, n_tasks, seed = case
    theirs = with_torchjd_extra(lambda: reference.FairGrad(alpha=alpha))
    for scale in SCALES:
        gradients = make_gradients(kind, n_tasks, seed, scale)
        gramian = gradients @ gradients.T

        def residual(weights, gramian=gramian):
            # Relative to the terms of the equation's left side, which may cancel.
            terms = np.abs(gramian) @ weights
            return np.max(np.abs(gramian @ weights - weights ** (-1 / alpha)) / terms)

        ours = weigh(FairGrad(alpha=alpha), gradients, dtype=dtype)
        assert residual(ours) <= {"float32": 1e-6, "float64": 1e-12}[dtype]
        if scale == 1:
            # TorchJD's least squares start far off and end somewhere for unequal gradients.
            expected = torchjd_weights(theirs, gradients)
            if residual(expected) <= 1e-9:
                assert relative_error(ours, expected) <= {"float32": 1e-4, "float64": 1e-7}[dtype]


@pytest.fixture
def in_order(monkeypatch):
    """Make both libraries meet the tasks in the order of their numbers."""
    monkeypatch.setattr(torch, "randperm", torch.arange)
    for module in ("_pcgrad", "_gradvac"):
        monkeypatch.setattr(
            f"skmtl.aggregation.{module}.random_orders",
            lambda n_tasks, _: np.tile(np.arange(n_tasks), (n_tasks, 1)),
        )


# Traced under `in_order`; `run` would hand out steps traced without it.
_pcgrad_in_order = tf.function(lambda *args: PCGrad().weigh(*args, seed=None))
_gradvac_in_order = tf.function(lambda *args: GradVac(beta=0.5).weigh(*args, seed=None))


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", cases())
def test_pcgrad_in_a_fixed_order(case, dtype):
    kind, n_tasks, seed = case
    expected = torchjd_weights(reference.PCGrad(), make_gradients(kind, n_tasks, seed))
    for scale in SCALES:
        gradients = tf.constant(make_gradients(kind, n_tasks, seed, scale), dtype)
        gramian = tf.matmul(gradients, gradients, transpose_b=True)
        got, _ = _pcgrad_in_order(gramian, tf.ones(n_tasks, bool), {})
        assert relative_error(got.numpy(), expected) <= CLOSED_FORM[dtype]


# A gradient of zero keeps its goals here (test_aggregation_references), while TorchJD's become NaN,
# or shrink with its `eps`. Dependent gradients may cancel on the way: then TorchJD's goals are
# cosines of rounding errors, so that only the first step can be compared.
@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", cases(kinds=tuple(kind for kind in KINDS if kind != "zero")))
def test_gradvac_over_steps_in_a_fixed_order(case, dtype):
    kind, n_tasks, seed = case
    for scale in SCALES:
        theirs = reference.GradVac(beta=0.5, eps=0.0)
        state = {"goals": tf.zeros((n_tasks, n_tasks), dtype)}
        for step in range(1 if kind == "rank_deficient" else 3):
            gradients = make_gradients(kind, n_tasks, 10 * seed + step, scale)
            expected = torchjd_weights(theirs, gradients)
            gramian = tf.constant(gradients @ gradients.T, dtype)
            got, state = _gradvac_in_order(gramian, tf.ones(n_tasks, bool), state)
            if not np.isfinite(expected).all():
                break  # a goal of exactly 1 makes TorchJD divide by 0
            # The sine of opposite gradients is known to the square root of the rounding.
            tolerance = 1e-7 if (kind, dtype) == ("opposite", "float64") else CLOSED_FORM[dtype]
            assert relative_error(got.numpy(), expected) <= tolerance


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("case", cases())
def test_graddrop_with_the_same_draws(case, leak, dtype, monkeypatch):
    kind, n_tasks, seed = case
    gradients = make_gradients(kind, n_tasks, seed)
    draws = np.random.default_rng(seed).uniform(size=gradients.shape[1])
    monkeypatch.setattr(torch, "rand", lambda *_, **__: torch.tensor(draws))
    theirs = reference.GradDrop(leak=torch.full((n_tasks,), leak, dtype=torch.float64))
    expected = theirs(torch.tensor(gradients)).numpy()
    for scale in SCALES:
        got = _keep_one_sign(tf.constant(gradients * scale, dtype), tf.constant(draws, dtype), leak)
        assert relative_error(got.numpy(), expected * scale) <= CLOSED_FORM[dtype]


_keep_one_sign = tf.function(keep_one_sign)


def test_two_tasks_of_pcgrad_in_the_compiled_step():
    # With two tasks there is only one order.
    for dtype in DTYPES:
        for kind, _, seed in cases(n_tasks=(2,)):
            gradients = make_gradients(kind, 2, seed)
            expected = torchjd_weights(reference.PCGrad(), gradients)
            got, _ = run(PCGrad(), gradients, dtype=dtype)
            assert relative_error(got, expected) <= CLOSED_FORM[dtype]
