"""Loss-weight grids and distributions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.model_selection import ParameterGrid, ParameterSampler

from skmtl.model_selection import DirichletLossWeights, LogUniformLossWeights, loss_weight_grid

TASKS = ["a", "b", "c", "d"]


@given(
    n_tasks=st.integers(2, 4),
    n=st.integers(1, 6),
    spacing=st.sampled_from(["simplex", "log"]),
    total=st.floats(0.1, 10),
)
def test_every_candidate_is_positive_distinct_and_sums_to_the_total(n_tasks, n, spacing, total):
    grid = loss_weight_grid(TASKS[:n_tasks], n, spacing=spacing, total=total)
    count = math.comb(n + n_tasks - 2, n_tasks - 1) if spacing == "simplex" else n ** (n_tasks - 1)
    assert len(grid) == count
    rows = np.array([[weights[task] for task in TASKS[:n_tasks]] for weights in grid])
    assert (rows > 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), total)
    assert len(np.unique(rows.round(9), axis=0)) == count


def test_the_log_grid_spans_the_ratio_evenly():
    ratios = [w["b"] / w["a"] for w in loss_weight_grid(["a", "b"], 5, spacing="log", ratio=100)]
    np.testing.assert_allclose(ratios, [0.01, 0.1, 1, 10, 100])


def test_the_log_grid_holds_equal_weights_for_odd_n():
    assert {"a": 1.0, "b": 1.0} in loss_weight_grid(["a", "b"], 3, spacing="log", total=2.0)


def test_the_defaults():
    tasks = ["a", "b", "c"]
    plain, logarithmic = loss_weight_grid(tasks), loss_weight_grid(tasks, spacing="log")
    assert plain == loss_weight_grid(tasks, 5, spacing="simplex", total=1.0)
    assert logarithmic == loss_weight_grid(tasks, 5, spacing="log", ratio=10.0, total=1.0)
    uniform = DirichletLossWeights(tasks, concentration=1.0, total=1.0)
    assert DirichletLossWeights(tasks).rvs(0) == uniform.rvs(0)
    log_uniform = LogUniformLossWeights(tasks, ratio=10.0, total=1.0)
    assert LogUniformLossWeights(tasks).rvs(0) == log_uniform.rvs(0)


def test_concentrated_weights_are_nearly_equal():
    draws = [DirichletLossWeights(["a", "b"], concentration=c).rvs(0)["a"] for c in (0.01, 1e4)]
    assert abs(draws[0] - 0.5) > 0.4
    assert abs(draws[1] - 0.5) < 0.05


def test_one_candidate_has_equal_weights():
    for spacing in ("simplex", "log"):
        assert loss_weight_grid(["a", "b"], 1, spacing=spacing) == [{"a": 0.5, "b": 0.5}]


def test_a_grid_goes_into_a_parameter_grid():
    grid = ParameterGrid({"loss_weights": loss_weight_grid(["a", "b"], 3)})
    assert [candidate["loss_weights"]["a"] for candidate in grid] == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    "distribution",
    [
        DirichletLossWeights(["a", "b", "c"], total=3.0),
        LogUniformLossWeights(["a", "b", "c"], total=3.0),
    ],
)
def test_draws_are_repeatable_and_sum_to_the_total(distribution):
    sampler = ParameterSampler({"loss_weights": distribution}, n_iter=5, random_state=0)
    first, second = list(sampler), list(sampler)
    assert first == second
    for candidate in first:
        assert sum(candidate["loss_weights"].values()) == pytest.approx(3.0)
        assert min(candidate["loss_weights"].values()) > 0
    assert len({str(candidate) for candidate in first}) == 5


def test_dirichlet_of_two_tasks_is_uniform():
    rng = np.random.RandomState(0)
    draws = [DirichletLossWeights(["a", "b"]).rvs(rng)["a"] for _ in range(500)]
    assert stats.kstest(draws, "uniform").pvalue > 0.01


def test_log_ratios_are_uniform():
    rng = np.random.RandomState(0)
    draws = [LogUniformLossWeights(["a", "b"], ratio=10).rvs(rng) for _ in range(500)]
    logs = [(np.log10(w["b"] / w["a"]) + 1) / 2 for w in draws]
    assert stats.kstest(logs, "uniform").pvalue > 0.01


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: loss_weight_grid(["a"]), "Loss weights need at least two tasks"),
        (lambda: loss_weight_grid("ab"), "must be a sequence of distinct tasks; got 'ab'"),
        (lambda: loss_weight_grid(["a", "a"]), "must be a sequence of distinct tasks"),
        (lambda: loss_weight_grid(["a", "b"], 0), "n must be an int >= 1; got 0"),
        (lambda: loss_weight_grid(["a", "b"], True), "n must be an int >= 1; got bool True"),
        (lambda: loss_weight_grid(["a", "b"], total=True), "total must be a finite number > 0"),
        (lambda: DirichletLossWeights(["a", "b"], total="1"), "total must be a finite number"),
        (
            lambda: LogUniformLossWeights(["a", "b"], total=0),
            "total must be a finite number > 0",
        ),
        (
            lambda: LogUniformLossWeights(["a", "b"], ratio=1),
            "ratio must be a finite number > 1",
        ),
        (lambda: loss_weight_grid(["a", "b"], 2.0), "n must be an int >= 1; got float 2.0"),
        (
            lambda: loss_weight_grid(["a", "b"], spacing="linear"),
            "or 'log'; got 'linear'",
        ),
        (lambda: loss_weight_grid(["a", "b"], total=0), "total must be a finite number > 0"),
        (
            lambda: loss_weight_grid(["a", "b"], spacing="log", ratio=1),
            "ratio must be a finite number > 1; got 1",
        ),
        (lambda: DirichletLossWeights(["a", "b"], concentration=-1), "concentration must be a"),
        (lambda: LogUniformLossWeights(["a", "b"], ratio=np.inf), "ratio must be a finite"),
    ],
)
def test_bad_input_is_named(call, text):
    with pytest.raises((ValueError, TypeError), match=text):
        call()
