"""The forward pass of every scheme: its equations, and what follows from them."""

import keras
import numpy as np
import pytest
from differentiate import numbers
from sharing_cases import (
    N_FEATURES,
    SCHEMES,
    UNITS,
    all_layers,
    reference,
    rows,
    trunk_model,
    weights_by_name,
)

from skmtl.sharing import CGC, PLE, CrossStitch, HardSharing, MMoE, NoSharing

every = pytest.mark.parametrize("name", sorted(SCHEMES))


@every
@pytest.mark.parametrize("n_tasks", [1, 2, 3])
def test_equations_in_numpy(name, n_tasks):
    trunk, model = trunk_model(SCHEMES[name], n_tasks)
    x = rows()
    got = numbers(model(x))
    got = got if isinstance(got, list) else [got]
    expected = reference(name, x, weights_by_name(trunk), n_tasks)
    assert len(got) == n_tasks
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@every
def test_each_task_gets_what_the_trunk_makes_of_its_own_input(name):
    # Nothing of another task's input, which it may not be allowed to see, reaches it.
    trunk, model = trunk_model(SCHEMES[name], 3, one_input=False)
    inputs = [rows(seed) for seed in range(3)]
    got = numbers(model(inputs))
    weights = weights_by_name(trunk)
    for task, x in enumerate(inputs):
        expected = reference(name, x, weights, 3)[task]
        np.testing.assert_allclose(got[task], expected, rtol=1e-4, atol=1e-4)


@every
def test_calls_share_their_layers(name):
    # Late fusion calls the trunk once per modality.
    trunk, model = trunk_model(SCHEMES[name], 2)
    n_variables = len(model.variables)
    again = trunk.call(model.inputs * 2)
    both = keras.Model(model.inputs[0], [*model.outputs, *again])
    assert len(both.variables) == n_variables
    first, second = np.split(np.stack(numbers(both(rows()))), 2)
    assert np.array_equal(first, second)


def _renamed(weights, order, sharing):
    """Return the weights of the network in which task ``order[t]`` plays the part of task t."""
    renamed = {}
    for name, arrays in weights.items():
        parts = name.split("_")
        new = list(parts)
        for word in ("tower", "gate", "trunk", "expert"):
            if word in parts:
                place = parts.index(word) + 1
                if parts[place].isdigit() and not (word == "expert" and isinstance(sharing, MMoE)):
                    new[place] = str(order[int(parts[place])])
        if name.endswith("cross_stitch"):
            back = np.argsort(order)
            arrays = [array[np.ix_(back, back)] for array in arrays]
        elif name.endswith("gate_shared"):
            n_own, n_tasks = sharing.n_task_experts, len(order)
            blocks = np.arange(n_tasks * n_own).reshape(n_tasks, n_own)[np.argsort(order)]
            rest = np.arange(n_tasks * n_own, arrays[0].shape[1])
            arrays = [arrays[0][:, [*blocks.ravel(), *rest]]]
        renamed["_".join(new)] = arrays
    return renamed


@pytest.mark.parametrize("name", sorted(set(SCHEMES) - {"hard", "split"}))
def test_permuted_tasks_give_permuted_outputs(name):
    sharing, order, x = SCHEMES[name], [2, 0, 1], rows()
    trunk, model = trunk_model(sharing, 3)
    other_trunk, other = trunk_model(sharing, 3)
    weights = _renamed(weights_by_name(trunk), order, sharing)
    for layer in all_layers(other_trunk):
        layer.set_weights(weights[layer.name])
    got, expected = numbers(other(x)), numbers(model(x))
    for task in range(3):
        np.testing.assert_allclose(got[order[task]], expected[task], rtol=1e-5, atol=1e-5)
    assert not np.allclose(expected[0], expected[1])


@pytest.mark.parametrize("sharing", [MMoE(), CGC(), PLE()], ids=["mmoe", "cgc", "ple"])
def test_gates_see_the_input_and_their_shares_sum_to_one(sharing):
    trunk, _ = trunk_model(sharing, 2, units=(4,))
    gates = [layer for layer in all_layers(trunk) if "gate" in layer.name]
    assert len(gates) == 2
    for gate in gates:
        assert [weight.shape[0] for weight in gate.weights] == [N_FEATURES]  # and no bias
        np.testing.assert_allclose(np.sum(numbers(gate(rows())), axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("sharing", [MMoE(), CGC(), PLE()], ids=["mmoe", "cgc", "ple"])
def test_a_mixture_of_equal_experts_is_one_of_them(sharing):
    trunk, model = trunk_model(sharing, 2, units=(4,))
    experts = [layer for layer in all_layers(trunk) if "expert" in layer.name]
    for expert in experts:
        expert.set_weights(experts[0].get_weights())
    expected = numbers(experts[0](rows()))
    for output in numbers(model(rows())):
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)


def _copy_in_order(source, target):
    for variable, value in zip(target, source, strict=True):
        assert variable.shape == value.shape
        variable.assign(value)


def test_a_single_expert_is_hard_sharing():
    trunk, model = trunk_model(MMoE(n_experts=1), 2)
    hard, hard_model = trunk_model(HardSharing(), 2)
    for layer, other in zip(trunk.shared_layers, hard.shared_layers, strict=True):
        _copy_in_order(layer.variables, other.variables)
    for got, expected in zip(numbers(model(rows())), numbers(hard_model(rows())), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_one_level_is_customized_gate_control():
    options = {"n_shared_experts": 2, "n_task_experts": 2}
    trunk, model = trunk_model(PLE(**options, level_units=6), 2)
    other, other_model = trunk_model(CGC(**options, expert_units=6), 2)
    weights = {n.removeprefix("level_0_"): a for n, a in weights_by_name(trunk).items()}
    for layer in all_layers(other):
        layer.set_weights(weights[layer.name])
    for got, expected in zip(numbers(model(rows())), numbers(other_model(rows())), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_stitches_of_the_identity_are_no_sharing():
    stitched = CrossStitch(own_share=1.0).build(n_tasks=2, units=UNITS, dropout=0.0)
    alone = NoSharing().build(n_tasks=2, units=UNITS, dropout=0.0)
    inputs = keras.Input((5,))
    model = keras.Model(inputs, [*stitched.call([inputs] * 2), *alone.call([inputs] * 2)])
    towers = [layer for layer in stitched.shared_layers if "tower" in layer.name]
    # by level and task there, by task and level here
    for layer, other in zip([towers[i] for i in (0, 2, 1, 3)], all_layers(alone), strict=True):
        other.set_weights(layer.get_weights())
    first, second = np.split(np.stack(numbers(model(rows()))), 2)
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.parametrize("per_unit", [False, True])
@pytest.mark.parametrize("n_tasks", [1, 2, 4])
def test_stitches_start_where_the_paper_says(per_unit, n_tasks):
    trunk = CrossStitch(own_share=0.7, per_unit=per_unit).build(
        n_tasks=n_tasks, units=(3,), dropout=0.0
    )
    stitch = trunk.shared_layers[-1]
    stitch.build((None, n_tasks, 3))
    (alpha,) = stitch.get_weights()
    expected = np.full((n_tasks, n_tasks), 0.3 / max(n_tasks - 1, 1))
    np.fill_diagonal(expected, 0.7 if n_tasks > 1 else 1.0)
    if per_unit:
        expected = np.repeat(expected[:, :, None], 3, axis=2)
    np.testing.assert_allclose(alpha, expected, rtol=1e-6)
    np.testing.assert_allclose(alpha.sum(axis=1), 1, rtol=1e-6)


@every
def test_dropout_acts_in_training_only(name):
    _, model = trunk_model(SCHEMES[name], 2, dropout=0.5)
    quiet, again = (
        np.stack(numbers(model(rows()))),
        np.stack(numbers(model(rows(), training=False))),
    )
    assert np.array_equal(quiet, again)
    assert not np.array_equal(quiet, np.stack(numbers(model(rows(), training=True))))
