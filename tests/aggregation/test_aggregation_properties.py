"""What the theory of each aggregator claims, by name."""

import numpy as np
import pytest
from aggregation_cases import SCALES, make_gradients, relative_error, run, weigh
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skmtl.aggregation import (
    DBMTL,
    IMTLG,
    MGDA,
    AlignedMTL,
    CAGrad,
    DualProj,
    FairGrad,
    GradDrop,
    GradVac,
    MeanAggregator,
    NashMTL,
    PCGrad,
    SumAggregator,
    UPGrad,
)

DETERMINISTIC = [
    SumAggregator(),
    MeanAggregator(),
    MGDA(),
    CAGrad(),
    IMTLG(),
    NashMTL(),
    AlignedMTL(),
    AlignedMTL(scale="median"),
    AlignedMTL(scale="rmse"),
    FairGrad(alpha=2.0),
    UPGrad(),
    DualProj(),
]
SCALE_FREE = [a for a in DETERMINISTIC if not isinstance(a, (NashMTL, FairGrad))]
by_name = pytest.mark.parametrize("aggregator", DETERMINISTIC, ids=[repr(a) for a in DETERMINISTIC])

# a step is compiled for every number: two tasks, which are often special, and more
N_TASKS = st.sampled_from([2, 4])
matrices = st.builds(
    make_gradients,
    st.sampled_from(["random", "unbalanced"]),
    N_TASKS,
    st.integers(0, 10_000),
)
any_matrices = st.builds(
    make_gradients,
    st.sampled_from(["random", "collinear", "opposite", "zero", "rank_deficient", "unbalanced"]),
    N_TASKS,
    st.integers(0, 10_000),
)
few = settings(max_examples=25, deadline=None, derandomize=True)


def combine(aggregator, gradients):
    return weigh(aggregator, gradients) @ gradients


def size(gradients):
    return np.linalg.norm(gradients)


@by_name
@few
@given(gradients=matrices, seed=st.integers(0, 1000))
def test_permutation_equivariance(aggregator, gradients, seed):
    order = np.random.default_rng(seed).permutation(len(gradients))
    got = combine(aggregator, gradients[order])
    np.testing.assert_allclose(got, combine(aggregator, gradients), atol=1e-6 * size(gradients))


@pytest.mark.parametrize("aggregator", SCALE_FREE, ids=[repr(a) for a in SCALE_FREE])
@few
@given(gradients=any_matrices, scale=st.sampled_from(SCALES))
def test_weights_do_not_depend_on_the_common_scale(aggregator, gradients, scale):
    got = weigh(aggregator, gradients * scale)
    assert relative_error(got, weigh(aggregator, gradients)) <= 1e-9


@few
@given(gradients=matrices, alpha=st.sampled_from([0.5, 1.0, 3.0]))
def test_fairgrad_is_homogeneous(gradients, alpha):
    factor = 8.0
    got = weigh(FairGrad(alpha=alpha), gradients * factor)
    expected = weigh(FairGrad(alpha=alpha), gradients) * factor ** (-2 * alpha / (1 + alpha))
    assert relative_error(got, expected) <= 1e-6


@few
@given(gradients=matrices)
def test_nash_mtl_does_not_see_the_lengths_of_single_gradients(gradients):
    # Multiplying one gradient only divides its weight: the direction is the same.
    factors = 2.0 ** np.arange(len(gradients))
    nash = NashMTL(max_norm=1e-3)
    got = combine(nash, factors[:, None] * gradients)
    np.testing.assert_allclose(got, combine(nash, gradients), atol=1e-8)


@few
@given(gradients=matrices)
def test_upgrad_is_linear_under_scaling_of_single_gradients(gradients):
    # Exactly so for the projection itself, that is without regularization.
    aggregator = UPGrad(regularization=1e-12)
    task = np.arange(len(gradients)) == 0

    def scaled(factor):
        return combine(aggregator, np.where(task, factor, 1.0)[:, None] * gradients)

    np.testing.assert_allclose(
        scaled(2.0), 0.5 * (scaled(1.0) + scaled(3.0)), atol=1e-5 * size(gradients)
    )


@pytest.mark.parametrize(
    ("aggregator", "tolerance"),
    [
        (MGDA(), 1e-12),
        (CAGrad(c=1.0), 1e-6),  # at opposite gradients, known to the root of the rounding
        (UPGrad(regularization=1e-10), 1e-8),
        (DualProj(regularization=1e-10), 1e-8),
    ],
    ids=["mgda", "cagrad", "upgrad", "dualproj"],
)
@few
@given(gradients=any_matrices)
def test_no_task_is_harmed(aggregator, tolerance, gradients):
    products = gradients @ combine(aggregator, gradients)
    assert min(products) >= -tolerance * size(gradients) ** 2


@few
@given(gradients=any_matrices)
def test_default_upgrad_harms_by_its_regularization_at_most(gradients):
    weights = weigh(UPGrad(), gradients)
    harm = 1e-4 * weights * size(gradients) ** 2
    assert (gradients @ (weights @ gradients) >= -harm - 1e-12 * size(gradients) ** 2).all()


@few
@given(gradients=matrices)
def test_nash_mtl_and_fairgrad_improve_every_task(gradients):
    shortest = combine(MGDA(), gradients)
    assume(shortest @ shortest >= 1e-6)  # else no direction improves all
    for aggregator in (NashMTL(), FairGrad(alpha=0.5), FairGrad(alpha=3.0)):
        assert min(gradients @ combine(aggregator, gradients)) > 0


@few
@given(gradients=any_matrices.filter(lambda gradients: len(gradients) == 2))
def test_pcgrad_of_two_tasks_harms_none(gradients):
    assert min(gradients @ combine(PCGrad(), gradients)) >= -1e-12 * size(gradients) ** 2


@few
@given(seed=st.integers(0, 1000))
def test_pcgrad_is_the_sum_where_nothing_conflicts(seed):
    gradients = np.abs(make_gradients("random", 4, seed))
    assert weigh(PCGrad(), gradients).tolist() == [1, 1, 1, 1]


@few
@given(gradients=matrices)
def test_gradvac_without_memory_is_pcgrad(gradients):
    for seed in range(3):
        vaccinated = run(GradVac(beta=0.0), gradients, seed=seed)[0]
        np.testing.assert_allclose(vaccinated, run(PCGrad(), gradients, seed=seed)[0], rtol=1e-9)


@few
@given(gradients=any_matrices)
def test_mgda_weights_are_on_the_simplex_and_stationary(gradients):
    weights = weigh(MGDA(), gradients)
    assert min(weights) >= 0
    assert abs(weights.sum() - 1) <= 1e-12
    gramian = gradients @ gradients.T
    # Every task in the combination has the smallest product.
    products = gramian @ weights
    assert weights @ (products - min(products)) <= 1e-12 * np.trace(gramian)


@pytest.mark.parametrize(
    "aggregator", [MGDA(), UPGrad(), DualProj(), CAGrad(c=1.0), NashMTL()], ids=repr
)
def test_opposite_gradients_give_no_step(aggregator):
    gradients = np.array([[3.0, 4.0, 0.0], [-3.0, -4.0, 0.0]])
    assert np.abs(combine(aggregator, gradients)).max() <= 1e-3  # UPGrad: its regularization


@few
@given(gradients=matrices)
def test_imtl_g_projects_equally_on_all_gradients(gradients):
    weights = weigh(IMTLG(), gradients)
    projections = gradients @ (weights @ gradients) / np.linalg.norm(gradients, axis=1)
    assert abs(weights.sum() - 1) <= 1e-9
    np.testing.assert_allclose(projections, projections[0], rtol=1e-6, atol=1e-9)


@few
@given(gradients=matrices)
def test_aligned_mtl_has_the_length_of_orthogonal_gradients(gradients):
    gramian = gradients @ gradients.T
    for scale, choose in (("min", np.min), ("rmse", np.mean)):
        weights = weigh(AlignedMTL(scale=scale), gradients)
        expected = choose(np.linalg.eigvalsh(gramian)) / len(gradients)
        np.testing.assert_allclose(weights @ gramian @ weights, expected, rtol=1e-6)


@pytest.mark.slow
@few
@given(gradients=matrices, c=st.sampled_from([0.0, 0.2, 0.9, 2.0]))
def test_cagrad_stays_in_its_ball(gradients, c):
    mean = gradients.mean(axis=0)
    distance = np.linalg.norm(combine(CAGrad(c=c), gradients) - mean)
    assert distance <= c * np.linalg.norm(mean) * (1 + 1e-9) + 1e-12


@few
@given(gradients=matrices)
def test_nash_mtl_is_cut_to_its_largest_length(gradients):
    assert np.linalg.norm(combine(NashMTL(max_norm=0.25), gradients)) <= 0.25 * (1 + 1e-9)


@few
@given(gradients=any_matrices)
def test_graddrop_keeps_one_sign_of_each_entry(gradients):
    dropped, _ = run(GradDrop(), gradients)
    positive = np.where(gradients > 0, gradients, 0).sum(axis=0)
    negative = np.where(gradients < 0, gradients, 0).sum(axis=0)
    assert (np.isclose(dropped, positive) | np.isclose(dropped, negative)).all()


def test_graddrop_is_right_on_average():
    gradients = np.array([[3.0, 1.0], [-1.0, 1.0]])
    drawn = np.mean([run(GradDrop(), gradients, seed=s)[0] for s in range(600)], axis=0)
    # Purity 3/4: the mean is 3/4 * 3 - 1/4 * 1.
    np.testing.assert_allclose(drawn, [2.0, 2.0], atol=0.25)


def test_graddrop_with_full_leak_is_the_sum():
    gradients = make_gradients("random", 3)
    np.testing.assert_allclose(run(GradDrop(leak=1.0), gradients)[0], gradients.sum(axis=0))


@few
@given(gradients=matrices)
def test_db_mtl_gives_all_tasks_the_longest_gradient(gradients):
    got, _ = run(DBMTL(beta=0.0), gradients)
    norms = np.linalg.norm(gradients, axis=1, keepdims=True)
    np.testing.assert_allclose(got, (gradients / norms).sum(axis=0) * norms.max(), rtol=1e-9)
