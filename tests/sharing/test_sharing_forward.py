"""What each scheme computes: equations, permutations, special cases."""

import re

import numpy as np
import pytest
from sharing_cases import (
    N_FEATURES,
    SCHEMES,
    call,
    draw_rows,
    draw_weights,
    layers_of,
    make_trunk,
    reference,
)

from skmtl.sharing import CGC, PLE, CrossStitch, HardSharing, MMoE, NoSharing

every = pytest.mark.parametrize("scheme", SCHEMES)


def assert_same(got, expected):
    for mine, wanted in zip(got, expected, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-5)


@every
@pytest.mark.parametrize("n_tasks", [1, 2, 3])
def test_forward_pass_is_the_equation(scheme, n_tasks):
    sharing, units = SCHEMES[scheme]
    _, model, _ = make_trunk(sharing, n_tasks, units)
    weights, x = draw_weights(model), draw_rows()
    assert_same(call(model, x), reference(sharing, n_tasks, units, weights, x))


@every
def test_each_task_gets_what_the_trunk_makes_of_its_own_input(scheme):
    sharing, units = SCHEMES[scheme]
    _, model, _ = make_trunk(sharing, 2, units, same_input=False)
    weights = draw_weights(model)
    xs = [draw_rows(seed=1), draw_rows(seed=2)]
    expected = [reference(sharing, 2, units, weights, x)[task] for task, x in enumerate(xs)]
    assert_same(call(model, *xs), expected)


@every
def test_a_trunk_called_again_uses_the_same_layers(scheme):
    sharing, units = SCHEMES[scheme]
    trunk, model, inputs = make_trunk(sharing, 2, units)
    weights = [id(weight) for layer in layers_of(model).values() for weight in layer.weights]
    again = type(model)(inputs, trunk.call(inputs * 2))
    assert [id(w) for layer in layers_of(again).values() for w in layer.weights] == weights
    draw_weights(model)
    assert_same(call(again, draw_rows()), call(model, draw_rows()))


def with_tasks_in_order(sharing, weights, order):
    """Return the weights of a trunk whose task t is the task order[t] of the given one."""
    number = re.compile(r"((?:trunk|gate|tower|expert)_)(\d+)")
    if isinstance(sharing, MMoE):
        number = re.compile(r"(gate_)(\d+)")
    taken = {}
    for name in weights:
        source = number.sub(lambda found: f"{found[1]}{order[int(found[2])]}", name, count=1)
        arrays = weights[source]
        if name.endswith("cross_stitch"):
            arrays = [arrays[0][order][:, order]]
        elif name.endswith("gate_shared"):  # one column per expert, task by task
            n_own = sharing.n_task_experts
            columns = np.arange(len(order) * n_own).reshape(-1, n_own)[order].ravel()
            rest = np.arange(columns.size, arrays[0].shape[1])
            arrays = [arrays[0][:, [*columns, *rest]]]
        taken[name] = arrays
    return taken


@every
def test_permutation_of_the_tasks(scheme):
    sharing, units = SCHEMES[scheme]
    order = [2, 0, 1]
    _, model, _ = make_trunk(sharing, 3, units)
    weights, x = draw_weights(model), draw_rows()
    before = call(model, x)
    for name, arrays in with_tasks_in_order(sharing, weights, order).items():
        layers_of(model)[name].set_weights(arrays)
    assert_same(call(model, x), [before[task] for task in order])


@pytest.mark.parametrize("sharing", [MMoE(), CGC(), PLE()], ids=["mmoe", "cgc", "ple"])
def test_gates_see_the_input_and_their_shares_sum_to_one(sharing):
    _, model, _ = make_trunk(sharing, 2, (4,))
    weights = draw_weights(model)
    gates = [name for name in weights if "gate" in name]
    assert len(gates) == 2
    for name in gates:
        assert weights[name][0].shape[0] == N_FEATURES
        assert len(weights[name]) == 1, "the papers' gates have no bias"
        shares = np.asarray(layers_of(model)[name](draw_rows()))
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_equal_experts_make_the_gates_meaningless():
    # A mixture of equal outputs is that output.
    for sharing in (MMoE(), CGC(), PLE()):
        _, model, _ = make_trunk(sharing, 2, (4,))
        weights = draw_weights(model)
        expert = next(arrays for name, arrays in weights.items() if "expert" in name)
        for name, layer in layers_of(model).items():
            if "expert" in name:
                layer.set_weights(expert)
        x = draw_rows()
        assert_same(call(model, x), [np.maximum(x @ expert[0] + expert[1], 0)] * 2)


def test_mmoe_of_one_expert_is_hard_sharing():
    _, hard, _ = make_trunk(HardSharing(), 2, (4, 3))
    _, mixture, _ = make_trunk(MMoE(n_experts=1), 2, (4, 3))
    weights, x = draw_weights(hard), draw_rows()
    for depth in range(2):
        layers_of(mixture)[f"expert_0_dense_{depth}"].set_weights(weights[f"trunk_dense_{depth}"])
    assert_same(call(mixture, x), call(hard, x))


def test_ple_of_one_level_is_cgc():
    _, ple, _ = make_trunk(PLE(), 3, (4,))
    _, cgc, _ = make_trunk(CGC(), 3, (4,))
    weights = draw_weights(ple)
    assert {name.removeprefix("level_0_") for name in weights} == set(layers_of(cgc))
    for name, arrays in weights.items():
        layers_of(cgc)[name.removeprefix("level_0_")].set_weights(arrays)
    assert_same(call(cgc, draw_rows()), call(ple, draw_rows()))


def test_cross_stitch_without_exchange_is_separate_trunks():
    _, stitched, _ = make_trunk(CrossStitch(own_share=1.0), 2, (4, 3))
    _, separate, _ = make_trunk(NoSharing(), 2, (4, 3))
    weights, x = draw_weights(separate), draw_rows()
    for level in range(2):
        for task in range(2):
            layer = layers_of(stitched)[f"level_{level}_tower_{task}_dense_0"]
            layer.set_weights(weights[f"trunk_{task}_dense_{level}"])
    assert_same(call(stitched, x), call(separate, x))


@pytest.mark.parametrize("n_tasks", [1, 2, 4])
@pytest.mark.parametrize("per_unit", [False, True])
def test_cross_stitch_units_start_with_the_own_share(n_tasks, per_unit):
    _, model, _ = make_trunk(CrossStitch(per_unit=per_unit), n_tasks, (3,))
    alpha = np.asarray(layers_of(model)["level_0_cross_stitch"].kernel)
    assert alpha.shape == ((n_tasks, n_tasks, 3) if per_unit else (n_tasks, n_tasks))
    np.testing.assert_allclose(alpha.sum(axis=1), 1, rtol=1e-6)
    for task in range(n_tasks):
        np.testing.assert_allclose(alpha[task, task], 0.9 if n_tasks > 1 else 1, rtol=1e-6)


@every
def test_dropout_drops_in_training_only(scheme):
    sharing, units = SCHEMES[scheme]
    _, model, _ = make_trunk(sharing, 2, units, dropout=0.5)
    draw_weights(model)
    x = draw_rows(20)
    still = call(model, x)
    assert_same(call(model, x), still)
    dropped = [np.asarray(output) for output in model([x], training=True)]
    assert all(abs(a - b).max() > 1e-3 for a, b in zip(dropped, still, strict=True))
