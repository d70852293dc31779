"""Branches that compute some rows of every batch: without a condition where none is needed."""

import keras
import numpy as np
import pytest
from test_program import dense_spec, make_rows, started

from skmtl.data import Modality, Table
from skmtl.training.backend import Program
from skmtl.training.plan import batch_plan

pytestmark = pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="a condition of TensorFlow's graphs"
)


def half_table(n_rows):
    """Return a table whose rows have numbers and images in turn, and labels of two tasks."""
    table, codes, weights = make_rows(n_rows, image=True)
    is_even = np.arange(n_rows) % 2 == 0
    modalities = {
        name: Modality.of_rows(table.modalities[name].values[present], present)
        for name, present in (("table", is_even), ("image", ~is_even))
    }
    return Table(n_rows, modalities), codes, weights


@pytest.fixture
def programs():
    """Two programs of one network, with the same weights."""
    return [started(dense_spec(image=True), keras.optimizers.SGD(0.1)) for _ in range(2)]


def n_conditions(program):
    (function,) = program._compiled.values()
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for f in graph.library.function for node in f.node_def)]
    return sum(node.op in ("If", "StatelessIf") for node in nodes)


def test_no_condition_where_every_batch_has_rows(programs, monkeypatch):
    table, codes, weights = half_table(24)
    plan = batch_plan(np.arange(24), 8)
    plain, conditional = programs
    ours = plain.run(plain.load(table, codes, weights), plan)
    assert n_conditions(plain) == 0
    monkeypatch.setattr(Program, "_presence", lambda *_: dict.fromkeys(("table", "image"), "any"))
    theirs = conditional.run(conditional.load(table, codes, weights), plan)
    assert n_conditions(conditional) > 0
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-6)
    for one, other in zip(plain.values(), conditional.values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ([*range(0, 24, 2), *range(1, 24, 2)], "batches without images"),
        pytest.param(range(17), "a last batch of one row", marks=pytest.mark.slow),
        (range(19), "a last batch that may have none in the next epoch"),
    ],
)
def test_a_condition_where_a_batch_may_have_none(programs, order, why):
    table, codes, weights = half_table(24)
    program = programs[0]
    program.run(program.load(table, codes, weights), batch_plan(np.array(order), 8))
    assert n_conditions(program) > 0, why
    assert all(np.isfinite(value).all() for value in program.values())
