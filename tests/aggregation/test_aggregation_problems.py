"""The small problems that the aggregators solve, on Gramians made to be hard; outside of a program.

The solutions are judged by what they must fulfil, close to the accuracy of float64, or written out
in NumPy.
"""

import keras
import numpy as np
import pytest
from aggregation_cases import KINDS, make_gradients, relative_error
from on_tensors import is_float32, on_tensors

from skmtl.aggregation import (
    DBMTL,
    GRADIENT_AGGREGATORS,
    IMTLG,
    MGDA,
    AlignedMTL,
    CAGrad,
    FairGrad,
    GradientAggregator,
    GradientMatrixAggregator,
    GradVac,
    NashMTL,
)
from skmtl.aggregation import _balance as balance_module
from skmtl.aggregation import _complementarity as complementarity_module
from skmtl.aggregation._balance import balance
from skmtl.aggregation._complementarity import min_norm, raise_worst, solve_complementarity
from skmtl.aggregation._graddrop import keep_one_sign
from skmtl.aggregation._gradvac import vaccinate
from skmtl.aggregation._gramian import cosines, eigenpairs, finite_rows, prepare, rounding
from skmtl.aggregation._pcgrad import project_conflicts

RIDGE = 1e-13
# The solvers work in float64, but for JAX.
needs_float64 = pytest.mark.skipif(is_float32(), reason="JAX solves the problems in float32")
balance = on_tensors(balance)
cosines = on_tensors(cosines)
eigenpairs = on_tensors(eigenpairs)
finite_rows = on_tensors(finite_rows)
keep_one_sign = on_tensors(keep_one_sign)
min_norm = on_tensors(min_norm)
prepare = on_tensors(prepare)
project_conflicts = on_tensors(project_conflicts)
raise_worst = on_tensors(raise_worst)
solve_complementarity = on_tensors(solve_complementarity)
vaccinate = on_tensors(vaccinate)


def gramian_of(kind, n_tasks, seed=0):
    """Return an exact Gramian in units of its trace."""
    gradients = make_gradients(kind, n_tasks, seed)
    gramian = gradients @ gradients.T
    return gramian / np.trace(gramian)


def unequal_gramian(n_tasks, seed):
    """Return a Gramian of gradients whose lengths span six orders of magnitude."""
    rng = np.random.default_rng([n_tasks, seed])
    gradients = rng.normal(size=(n_tasks, 12)) * 10.0 ** rng.uniform(-3, 3, (n_tasks, 1))
    gramian = gradients @ gradients.T
    return gramian / np.trace(gramian)


def weigh(aggregator, gramian, present=None, state=None):
    """Return the weights outside of a compiled program."""
    present = np.ones(len(gramian), bool) if present is None else np.array(present)
    state = aggregator.initial_state(len(gramian)) if state is None else state
    seed = keras.random.SeedGenerator(0)
    return on_tensors(aggregator.weigh)(gramian, present, state, seed=seed)[0]


@pytest.mark.parametrize("name", sorted(GRADIENT_AGGREGATORS))
def test_absent_tasks_leave_the_others_their_weights(name):
    aggregator = GRADIENT_AGGREGATORS[name]()
    gradients = np.array([[4.0, 0.0, 1.0], [9.0, 9.0, 9.0], [-2.0, 3.0, 0.0]])
    is_matrix = isinstance(aggregator, GradientMatrixAggregator)
    present = np.array([True, False, True])
    results = []
    for rows in (np.array([True, True, True]), present):
        own, there = gradients[rows] * present[rows, None], present[rows]
        state = aggregator.initial_state(*(own.shape if is_matrix else own.shape[:1]))
        state = {key: value.astype("float64") + 0.5 for key, value in state.items()}
        method = aggregator.aggregate if is_matrix else aggregator.weigh
        values = own if is_matrix else own @ own.T
        seed = keras.random.SeedGenerator(0)
        results.append(on_tensors(method)(values, there, state, seed=seed)[0])
    whole, part = results
    if not is_matrix:
        assert whole[1] == 0
        whole = whole[present]
    np.testing.assert_allclose(whole, part, rtol=1e-6)


def test_an_aggregator_of_your_own_needs_no_state():
    class Longest(GradientMatrixAggregator):
        def aggregate(self, gradients, present, state, *, seed):  # noqa: ARG002
            return gradients[np.argmax(np.linalg.norm(gradients, axis=1))], state

    class First(GradientAggregator):
        def weigh(self, gramian, present, state, *, seed):  # noqa: ARG002
            return np.eye(len(gramian))[0], state

    assert First().initial_state(2) == Longest().initial_state(2, 3) == {}
    assert First().transform_losses(3.0) == Longest().transform_losses(3.0) == 3.0
    assert First().program_key() == First().program_key() != Longest().program_key()


# --- the Gramian


def test_a_gramian_is_prepared_in_units_of_its_trace():
    gramian = np.array([[4.0, 1.0, 2.0], [1.0, np.inf, 3.0], [2.0, 3.0, 12.0]])
    clean, usable, trace = prepare(gramian, np.array([True, True, True]))
    np.testing.assert_allclose(clean, [[0.25, 0, 0.125], [0, 0, 0], [0.125, 0, 0.75]])
    assert np.asarray(usable).tolist() == [True, False, True]
    assert float(trace) == 16
    clean, usable, trace = prepare(gramian, np.array([True, False, False]))
    np.testing.assert_allclose(clean, [[1, 0, 0], [0, 0, 0], [0, 0, 0]])
    assert np.asarray(usable).tolist() == [True, False, False]
    assert float(trace) == 4


def test_a_gramian_of_zeros_stays_one():
    clean, usable, _ = prepare(np.zeros((2, 2)), np.array([True, True]))
    assert not np.asarray(clean).any()
    assert np.asarray(usable).all()


def test_rounding_is_that_of_the_dtype():
    assert rounding(np.zeros((4, 4), "float32")) == pytest.approx(4 * 2.0**-23)
    assert rounding(np.zeros((4, 4), "float64")) == 1e-13


@needs_float64
def test_cosines_keep_unequal_lengths_apart_and_a_gradient_of_zero():
    gradients = np.array([[3.0, 4.0], [0.0, 1e-100], [0.0, 0.0]])
    matrix, units = cosines(gradients @ gradients.T, 0.25)
    np.testing.assert_allclose(matrix, [[1.25, 0.8, 0], [0.8, 1.25, 0], [0, 0, 1.25]], rtol=1e-12)
    np.testing.assert_allclose(units[:2], [5, 1e-100])
    assert 0 < float(units[2]) < 1e-10


@needs_float64
def test_cosines_are_raised_by_what_they_lack():
    # No three unit vectors have these products: the smallest eigenvalue is -0.8.
    impossible = np.full((3, 3), -0.9) + 1.9 * np.eye(3)
    matrix, _ = cosines(impossible, 0.0)
    np.testing.assert_allclose(matrix, impossible + 0.8 * np.eye(3), atol=1e-12)


def test_eigenvalues_count_above_their_part_of_the_largest():
    values, _, kept = eigenpairs(np.diag([1e-3, 0.5, 1.0]), 0.01)
    np.testing.assert_allclose(values, [1e-3, 0.5, 1.0])
    assert np.asarray(kept).tolist() == [False, True, True]
    assert not np.asarray(eigenpairs(np.zeros((2, 2)), 0.01)[2]).any()


def test_rows_that_are_absent_or_not_finite_become_zero():
    gradients = np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, 4.0]])
    rows, usable = finite_rows(gradients, np.array([True, True, False]))
    assert np.asarray(rows).tolist() == [[1, 2], [0, 0], [0, 0]]
    assert np.asarray(usable).tolist() == [True, False, False]


# --- G w = w ** -power


@needs_float64
@pytest.mark.parametrize("power", [0.1, 0.5, 1.0, 2.0, 10.0])
def test_balance_solves_its_equation_for_very_unequal_gradients(power):
    for n_tasks, seed in ((2, 0), (3, 1), (8, 2)):
        gramian = unequal_gramian(n_tasks, seed)
        weights = np.asarray(balance(gramian, power, 0.0))
        assert (weights > 0).all()
        error = np.abs(gramian @ weights - weights**-power)
        assert np.max(error / (np.abs(gramian) @ weights)) <= 1e-12


@needs_float64
@pytest.mark.parametrize("power", [0.1, 0.5, 1.0, 2.0, 10.0])
def test_balance_has_a_finite_solution_for_dependent_gradients(power):
    for kind in ("opposite", "collinear", "rank_deficient"):
        gramian = gramian_of(kind, 4)
        weights = np.asarray(balance(gramian, power, RIDGE))
        regular = gramian + RIDGE * np.diag(np.diag(gramian))
        error = np.abs(regular @ weights - weights**-power)
        assert np.max(error / (np.abs(gramian) @ weights)) <= 1e-12


@needs_float64
@pytest.mark.parametrize("power", [0.2, 0.5, 1.0, 2.0, 5.0])
def test_balance_needs_few_rounds(power, monkeypatch):
    monkeypatch.setattr(balance_module, "MAX_ROUNDS", 6)
    gramian = gramian_of("random", 4, 1)
    weights = np.asarray(balance(gramian, power, 0.0))
    np.testing.assert_allclose(gramian @ weights, weights**-power, rtol=1e-12)


@needs_float64
@pytest.mark.parametrize("power", [0.1, 1.0, 3.0])
def test_balance_of_orthogonal_gradients_needs_none(power, monkeypatch):
    monkeypatch.setattr(balance_module, "MAX_ROUNDS", 0)
    squared = np.array([1e-6, 0.25, 9.0, 0.0])
    weights = np.asarray(balance(np.diag(squared), power, 0.0))
    np.testing.assert_allclose(weights[:3], squared[:3] ** (-1 / (1 + power)), rtol=1e-12)
    assert weights[3] == 0


@needs_float64
@pytest.mark.parametrize("scale", [2.0**-10, 1.0])
@pytest.mark.parametrize("part", [0.01, 0.5, 2.0])
def test_nash_mtl_is_as_long_as_allowed_and_no_longer_than_it_is(part, scale):
    gradients = make_gradients("random", 3, scale=scale)
    gramian = gradients @ gradients.T
    free = weigh(NashMTL(max_norm=None), gramian)
    length = np.sqrt(free @ gramian @ free)
    weights = weigh(NashMTL(max_norm=part * length), gramian)
    np.testing.assert_allclose(weights, free * min(1, part), rtol=1e-9)


@needs_float64
@pytest.mark.parametrize("scale", [2.0**-10, 8.0])
def test_nash_mtl_without_a_limit_solves_its_equation_at_every_scale(scale):
    gradients = make_gradients("random", 4, 1, scale=scale)
    gramian = gradients @ gradients.T
    weights = weigh(NashMTL(max_norm=None), gramian)
    np.testing.assert_allclose(gramian @ weights, 1 / weights, rtol=1e-9)
    assert weights @ gramian @ weights == pytest.approx(4)  # the authors' code: sqrt(n_tasks) long


@needs_float64
@pytest.mark.parametrize("alpha", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("scale", [2.0**-10, 8.0])
def test_fairgrad_solves_its_equation_at_every_scale(alpha, scale):
    gradients = make_gradients("random", 4, 1, scale=scale)
    gramian = gradients @ gradients.T
    weights = weigh(FairGrad(alpha=alpha), gramian)
    np.testing.assert_allclose(gramian @ weights, weights ** (-1 / alpha), rtol=1e-9)


@pytest.mark.parametrize("aggregator", [NashMTL(), FairGrad(), FairGrad(alpha=3.0)], ids=repr)
def test_a_gradient_of_zero_cannot_bargain(aggregator):
    gramian = gramian_of("random", 3)
    padded = np.insert(np.insert(gramian, 1, 0, axis=0), 1, 0, axis=1)
    weights = weigh(aggregator, padded)
    assert weights[1] == 0
    np.testing.assert_allclose(np.delete(weights, 1), weigh(aggregator, gramian), rtol=1e-6)
    assert not weigh(aggregator, np.zeros((2, 2))).any()


# --- coefficients that may not be negative


def cosine_matrix(n_tasks, seed, rank=12):
    rows = np.random.default_rng([n_tasks, seed]).normal(size=(n_tasks, rank))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


@needs_float64
@pytest.mark.parametrize("n_tasks", [1, 2, 4, 9])
def test_complementarity_is_solved_to_rounding_for_many_problems_at_once(n_tasks):
    matrix = cosine_matrix(n_tasks, 0)
    slopes = np.random.default_rng(n_tasks).normal(size=(40, n_tasks))
    slopes[0], slopes[1] = np.abs(slopes[0]), 0
    x = np.asarray(solve_complementarity(matrix, slopes))
    falls = x @ matrix + slopes
    assert (x >= 0).all()
    assert (falls >= -1e-11 * np.abs(x).max()).all()
    assert np.abs(x * falls).max() <= 1e-10 * max(1, np.abs(x).max() ** 2)
    assert not x[:2].any()


@needs_float64
def test_complementarity_where_exchanging_all_at_once_would_go_in_circles():
    # Each alone is best without its successor, and needed without its predecessor.
    matrix = np.eye(3) + 0.6 * np.roll(np.eye(3), 1, axis=1) + 0.6 * np.roll(np.eye(3), 1, axis=0)
    rng = np.random.default_rng(0)
    slopes = np.concatenate([-np.ones((1, 3)), rng.normal(size=(200, 3))])
    big = np.kron(np.eye(4), matrix - 0.15)
    for some, q in ((matrix - 0.15, slopes), (big, np.tile(slopes, 4))):
        some = some + 1e-3 * np.eye(len(some))
        x = np.asarray(solve_complementarity(some, q))
        falls = x @ some + q
        assert (falls >= -1e-10 * (1 + np.abs(x).max(axis=1, keepdims=True))).all()
        assert (np.minimum(x, np.maximum(falls, 0)) <= 1e-10 * (1 + np.abs(x).max())).all()


@needs_float64
def test_the_nearest_point_of_very_unequal_gradients():
    for n_tasks, seed in ((2, 0), (4, 1), (9, 2)):
        gramian = unequal_gramian(n_tasks, seed)
        weights = np.asarray(min_norm(gramian, np.ones(n_tasks, bool), RIDGE))
        products = gramian @ weights
        assert abs(weights.sum() - 1) <= 1e-12
        # to the accuracy of the shortest gradient, not of the longest
        norms = np.sqrt(np.diag(gramian))
        assert ((products - weights @ products) / norms >= -1e-9 * norms.min()).all()


def test_mgda_gives_a_gradient_of_zero_all_the_weight():
    gramian = np.diag([2.0, 0.0, 1.0])
    np.testing.assert_allclose(weigh(MGDA(), gramian), [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(
        weigh(MGDA(), gramian, [True, False, True]), [1 / 3, 0, 2 / 3], rtol=1e-6
    )
    np.testing.assert_allclose(weigh(MGDA(), np.zeros((4, 4))), 0.25)
    assert not weigh(MGDA(), gramian, [False] * 3).any()


@needs_float64
@pytest.mark.parametrize("c", [0.1, 0.4, 1.0, 3.0])
def test_cagrad_is_on_the_ball_where_its_dual_is(c):
    for kind, n_tasks in (("random", 3), ("random", 5), ("unbalanced", 4)):
        gramian = gramian_of(kind, n_tasks)
        mean = np.full(n_tasks, 1 / n_tasks)
        radius = c * np.sqrt(mean @ gramian @ mean)
        change = np.asarray(raise_worst(gramian, np.ones(n_tasks, bool), mean, radius, 0.0))
        assert (change >= 0).all()
        assert np.sqrt(change @ gramian @ change) == pytest.approx(radius, rel=1e-11)
        dual = change / change.sum()
        bound = mean @ gramian @ dual + radius * np.sqrt(dual @ gramian @ dual)
        assert min(gramian @ (mean + change)) == pytest.approx(bound, rel=1e-9, abs=1e-12)


@needs_float64
@pytest.mark.parametrize("c", [0.1, 0.4, 1.0, 3.0])
def test_cagrad_needs_few_rounds(c, monkeypatch):
    gramian = gramian_of("random", 4, 1)
    expected = weigh(CAGrad(c=c), gramian)
    monkeypatch.setattr(complementarity_module, "MAX_ROUNDS", 4)
    np.testing.assert_allclose(weigh(CAGrad(c=c), gramian), expected, rtol=1e-10)


def test_cagrad_without_a_radius_is_the_mean():
    np.testing.assert_allclose(weigh(CAGrad(c=0.0), gramian_of("random", 4)), 0.25, rtol=1e-6)
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])
    np.testing.assert_allclose(weigh(CAGrad(c=0.5), opposite), 0.5, rtol=1e-6)
    assert not weigh(CAGrad(), opposite, [False, False]).any()


# --- eigenvalues


@needs_float64
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_tasks", [2, 3, 4, 5])
def test_aligned_mtl_is_its_formula(kind, n_tasks):
    gramian = gramian_of(kind, n_tasks)
    values, vectors = np.linalg.eigh(gramian)
    kept = values > 1e-12
    values, vectors = values[kept], vectors[:, kept]
    lower_median = np.sort(values)[(len(values) - 1) // 2]
    scales = {"min": values.min(), "median": lower_median, "rmse": values.mean()}
    for scale, number in scales.items():
        balance = np.sqrt(number) * vectors @ np.diag(values**-0.5) @ vectors.T
        expected = balance @ np.full(n_tasks, 1 / n_tasks)
        assert relative_error(weigh(AlignedMTL(scale=scale), gramian), expected) <= 1e-7


@pytest.mark.parametrize("scale", ["min", "median", "rmse"])
def test_aligned_mtl_without_any_gradient_is_the_mean(scale):
    weights = weigh(AlignedMTL(scale=scale), np.zeros((4, 4)), [True, False, True, False])
    assert weights.tolist() == [0.5, 0, 0.5, 0]


@needs_float64
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "opposite"])
@pytest.mark.parametrize("n_tasks", [2, 3, 5])
def test_imtl_g_is_its_formula(kind, n_tasks):
    gramian = gramian_of(kind, n_tasks, 1)
    solution = np.linalg.pinv(gramian, rcond=1e-12, hermitian=True) @ np.sqrt(np.diag(gramian))
    expected = solution / solution.sum()
    assert relative_error(weigh(IMTLG(), gramian), expected) <= 1e-7


def test_imtl_g_of_opposite_gradients_is_nothing():
    gradients = np.array([[3.0, 4.0], [-3.0, -4.0]])
    assert weigh(IMTLG(), gradients @ gradients.T).tolist() == [0, 0]
    assert weigh(IMTLG(), np.zeros((2, 2))).tolist() == [0, 0]


@needs_float64
def test_imtl_g_of_a_short_opposite_pair_is_nothing():
    # its weights are large before their sum is known to be nothing
    rng = np.random.default_rng(0)
    pairs = rng.normal(size=(2, 7)) * [[1.0], [1e-3]]
    gradients = np.concatenate([pairs, -pairs])
    assert weigh(IMTLG(), gradients @ gradients.T).tolist() == [0, 0, 0, 0]


# --- entries, goals and running means


def test_the_sign_of_an_entry_is_the_drawn_one():
    gradients = np.array([[3.0, 3.0, 0.0, 0.0], [-1.0, -1.0, 0.0, 2.0]])
    draws = np.array([0.74, 0.76, 0.5, 0.9])  # the purity of the first two entries is 0.75
    assert np.asarray(keep_one_sign(gradients, draws, 0.0)).tolist() == [3, -1, 0, 2]
    np.testing.assert_allclose(keep_one_sign(gradients, draws, 0.5), [2.5, 0.5, 0, 2])


@needs_float64
def test_a_goal_that_cannot_be_reached_changes_nothing():
    gradients = np.array([[1.0, 0.0], [1.0, 1.0]])
    orders = np.array([[0, 1], [1, 0]])
    coefficients, goals = vaccinate(gradients @ gradients.T, orders, np.ones((2, 2)), 0.5)
    np.testing.assert_allclose(coefficients, np.eye(2))
    np.testing.assert_allclose(goals, [[1, 0.5 + 0.5**1.5], [0.5 + 0.5**1.5, 1]])


@needs_float64
def test_cosines_beyond_one_are_rounding():
    gradients = np.array([[0.1, 0.7, 0.3], [-0.1, -0.7, -0.3], [0.2, 1.4, 0.6], [0.0, 0.0, 0.0]])
    orders = np.tile(np.arange(4), (4, 1))
    for factor in (1.0, 1 + 1e-15):
        gramian = gradients @ gradients.T
        off = gramian * factor + (1 - factor) * np.diag(np.diag(gramian))
        coefficients, goals = vaccinate(off, orders, np.zeros((4, 4)), 1.0)
        assert np.isfinite(coefficients).all()
        assert np.isfinite(goals).all()
        assert relative_error(coefficients[3], np.eye(4)[3]) == 0


@needs_float64
def test_pcgrad_projects_no_gradient_against_itself():
    # Two projections turn the first gradient against itself, which it then meets.
    angles = np.radians([0.0, 120.0, 190.0])
    gradients = np.column_stack([np.cos(angles), np.sin(angles)])
    orders = np.array([[1, 2, 0], [0, 1, 2], [0, 1, 2]])
    projected = gradients[0]
    for other in gradients[1:]:
        assert projected @ other < 0
        projected = projected - projected @ other * other
    assert projected @ gradients[0] < 0
    coefficients = np.asarray(project_conflicts(gradients @ gradients.T, orders))
    np.testing.assert_allclose(coefficients[0] @ gradients, projected, atol=1e-12)


def test_gradvac_starts_at_the_goals_of_pcgrad_and_keeps_their_dtype():
    gradvac = GradVac(beta=1.0)
    state = {name: value.astype("float32") for name, value in gradvac.initial_state(2).items()}
    gradients = np.array([[2.0, 0.0], [3.0, 3.0]], "float32")
    seed = keras.random.SeedGenerator(0)
    gramian = gradients @ gradients.T
    weights, state = on_tensors(gradvac.weigh)(gramian, np.array([True, True]), state, seed=seed)
    assert np.asarray(weights).tolist() == [1, 1]
    np.testing.assert_allclose(state["goals"], [[0, 0.5**0.5], [0.5**0.5, 0]], rtol=1e-6)
    assert np.asarray(state["goals"]).dtype == "float32"


def test_db_mtl_leaves_a_task_alone_that_was_never_there():
    db_mtl = DBMTL(beta=0.5, decay=1.0)
    state = {name: value.astype("float64") for name, value in db_mtl.initial_state(3, 2).items()}
    gradients = np.array([[3.0, 4.0], [9.0, 9.0], [0.0, 0.0]])
    present = np.array([True, False, True])
    for step, mean in ((1, 0.5), (2, 0.25 * 0.5 + 0.75)):
        got, state = on_tensors(db_mtl.aggregate)(gradients, present, state, seed=None)
        np.testing.assert_allclose(got, mean * gradients[0], rtol=1e-6)
        np.testing.assert_allclose(state["means"][0], mean * gradients[0], rtol=1e-6)
        assert np.asarray(state["n_steps"]).tolist() == [step, 0, step]
        assert not np.asarray(state["means"])[1:].any()
    # nor is a mean of the past part of a step without the task
    got, _ = on_tensors(db_mtl.aggregate)(
        np.eye(3, 2), np.array([False, True, False]), state, seed=None
    )
    np.testing.assert_allclose(got, [0, 0.5], rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_db_mtl_of_very_small_and_large_entries(scale):
    gradients = scale * np.array([[3.0, 4.0], [0.0, 1.0]], "float32")
    db_mtl = DBMTL(beta=0.0)
    got, _ = on_tensors(db_mtl.aggregate)(
        gradients, np.ones(2, bool), db_mtl.initial_state(2, 2), seed=None
    )
    np.testing.assert_allclose(got, scale * np.array([3.0, 9.0]), rtol=1e-6)
