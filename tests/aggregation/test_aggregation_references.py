"""Aggregators against their definitions written out on whole gradients, in NumPy."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from aggregation_cases import DTYPES, KINDS, cases, make_gradients, relative_error, run, weigh

from skmtl.aggregation import DBMTL, MGDA, CAGrad, UPGrad
from skmtl.aggregation._gradvac import vaccinate
from skmtl.aggregation._gramian import random_orders
from skmtl.aggregation._pcgrad import project_conflicts

_project = tf.function(project_conflicts)
_vaccinate = tf.function(vaccinate)


def draw_orders(n_tasks, seed):
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(n_tasks) for _ in range(n_tasks)])


@pytest.mark.parametrize("case", cases(n_seeds=2))
def test_pcgrad_projects_whole_gradients_in_the_given_orders(case):
    kind, n_tasks, seed = case
    gradients = make_gradients(kind, n_tasks, seed)
    orders = draw_orders(n_tasks, seed)
    projected = gradients.copy()
    for i, order in enumerate(orders):
        for j in order:
            inner = projected[i] @ gradients[j]
            if i != j and inner < 0:
                projected[i] -= inner / (gradients[j] @ gradients[j]) * gradients[j]
    coefficients = _project(tf.constant(gradients @ gradients.T), tf.constant(orders))
    assert relative_error(coefficients.numpy() @ gradients, projected) <= 1e-10


@pytest.mark.parametrize("case", cases(2, ("random", "zero", "unbalanced")))
def test_gradvac_reaches_its_goals(case):
    kind, n_tasks, seed = case
    gradients = make_gradients(kind, n_tasks, seed)
    orders = draw_orders(n_tasks, seed)
    goals = np.random.default_rng(seed).uniform(-0.5, 0.5, (n_tasks, n_tasks))
    changed, new_goals = gradients.copy(), goals.copy()
    for i, order in enumerate(orders):
        for j in order:
            lengths = np.linalg.norm(changed[i]) * np.linalg.norm(gradients[j])
            if i == j or lengths == 0:
                continue
            cosine = changed[i] @ gradients[j] / lengths
            new_goals[i, j] = 0.8 * goals[i, j] + 0.2 * cosine
            if cosine < goals[i, j]:
                # By its meaning: add what is needed of g_j to make the cosine the goal.
                unit = gradients[j] / np.linalg.norm(gradients[j])
                rest = changed[i] - changed[i] @ unit * unit
                along = np.linalg.norm(rest) * goals[i, j] / np.sqrt(1 - goals[i, j] ** 2)
                changed[i] = rest + along * unit
    coefficients, got_goals = _vaccinate(
        tf.constant(gradients @ gradients.T), tf.constant(orders), tf.constant(goals), 0.2
    )
    assert relative_error(coefficients.numpy() @ gradients, changed) <= 1e-10
    np.testing.assert_allclose(got_goals.numpy(), new_goals, atol=1e-12)


def test_random_orders_are_permutations_and_differ():
    generator = keras.random.SeedGenerator(0)
    orders = np.stack([np.asarray(random_orders(4, generator)) for _ in range(50)])
    assert (np.sort(orders, axis=-1) == np.arange(4)).all()
    assert len(np.unique(orders.reshape(-1, 4), axis=0)) == 24


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("beta", "decay"), [(0.0, 0.0), (0.9, 0.0), (0.5, 0.5)])
@pytest.mark.parametrize("kind", ["random", "collinear", "zero", "unbalanced"])
def test_db_mtl_over_steps(kind, beta, decay, dtype):
    for n_tasks, scale in itertools.product((2, 5), (2.0**-20, 1.0, 2.0**20)):
        means = np.zeros_like(make_gradients(kind, n_tasks))
        state = None
        for step in range(1, 5):
            gradients = make_gradients(kind, n_tasks, step, scale)
            past = beta / step**decay
            means = past * means + (1 - past) * gradients
            norms = np.linalg.norm(means, axis=1)
            expected = sum(
                norms.max() / norm * mean for mean, norm in zip(means, norms, strict=True) if norm
            )
            got, state = run(DBMTL(beta=beta, decay=decay), gradients, state=state, dtype=dtype)
            assert relative_error(got, expected) <= {"float32": 1e-5, "float64": 1e-10}[dtype]


def test_db_mtl_takes_the_logarithm_of_the_losses():
    losses = np.array([0.5, 2.0])
    np.testing.assert_allclose(DBMTL().transform_losses(losses), np.log(losses), rtol=1e-6)


def every_support(n_tasks):
    for size in range(1, n_tasks + 1):
        yield from (list(support) for support in itertools.combinations(range(n_tasks), size))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_tasks", [2, 3, 5, 9])
def test_mgda_is_as_short_as_the_best_of_all_supports(kind, n_tasks):
    gradients = make_gradients(kind, n_tasks)
    gramian = gradients @ gradients.T
    best = np.inf
    for support in every_support(n_tasks):
        part = gramian[np.ix_(support, support)]
        # The shortest affine combination; only those inside the simplex count.
        system = np.block(
            [[part, np.ones((len(support), 1))], [np.ones((1, len(support))), np.zeros((1, 1))]]
        )
        weights = np.linalg.lstsq(system, np.eye(len(support) + 1)[-1], rcond=None)[0][:-1]
        if weights.min() > -1e-9 and abs(weights.sum() - 1) < 1e-9:
            best = min(best, weights @ part @ weights)
    weights = weigh(MGDA(), gradients)
    assert weights @ gramian @ weights <= best + 1e-12 * np.trace(gramian)


@pytest.mark.parametrize("n_tasks", [2, 5, 12, 30])
@pytest.mark.parametrize("kind", KINDS)
def test_solutions_are_optimal_for_any_number_of_tasks(kind, n_tasks):
    gradients = make_gradients(kind, n_tasks)
    gramian = gradients @ gradients.T
    size = np.trace(gramian)
    mgda = weigh(MGDA(), gradients)
    assert mgda @ gramian @ mgda - min(gramian @ mgda) <= 1e-12 * size

    regularized = gramian / size + 1e-4 * np.eye(n_tasks)
    upgrad = weigh(UPGrad(), gradients)
    assert min(regularized @ upgrad) >= -1e-12
    assert min(upgrad) >= 1 / n_tasks - 1e-12

    cagrad = weigh(CAGrad(c=0.4), gradients)
    mean = np.full(n_tasks, 1 / n_tasks)
    radius = 0.4 * np.sqrt(mean @ gramian @ mean)
    change = cagrad - mean
    total = change.sum()
    # No direction in the ball has a larger smallest product than any point of the dual says.
    dual = change / total if total > 0 else mean
    bound = mean @ gramian @ dual + radius * np.sqrt(max(dual @ gramian @ dual, 0))
    assert np.sqrt(max(change @ gramian @ change, 0)) <= radius + 1e-7 * np.sqrt(size)
    assert min(gramian @ cagrad) >= bound - 1e-6 * size
