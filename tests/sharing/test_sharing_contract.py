"""What the network relies on, of every scheme: parameters, keys, and who trains what."""

from pathlib import Path

import keras
import numpy as np
import pytest
from differentiate import numbers, value_and_gradients
from random_heads import draw_small
from sharing_cases import SCHEMES, UNITS, all_layers, trunk_model
from sklearn.base import clone

from skmtl.columns import BranchSpec
from skmtl.labels import ClassHead
from skmtl.network.network import build_network
from skmtl.network.spec import NetworkSpec
from skmtl.sharing import (
    CGC,
    PLE,
    SHARINGS,
    CrossStitch,
    HardSharing,
    MMoE,
    NoSharing,
    Sharing,
    SplitSharing,
)

every = pytest.mark.parametrize("name", sorted(SCHEMES))
N_TASKS = 3


def spec(sharing, fusion="late", trunk_units=(6,), precision=None):
    """Return a network on numbers and images with three tasks."""
    branches = (
        BranchSpec("table", "table", (5,), "float32", units=8),
        BranchSpec("image", "image", (6, 6, 1), "float32", "small_cnn", pooling="flatten", units=8),
    )
    visible = (frozenset({"table", "image"}),) * N_TASKS
    heads = (ClassHead(2),) * N_TASKS
    return NetworkSpec(branches, heads, visible, sharing, fusion, trunk_units, 0.0, precision)


@pytest.mark.parametrize("name", sorted(SHARINGS))
def test_is_final_and_clones(name):
    kind = SHARINGS[name]
    assert kind.__mro__[1] is Sharing
    assert kind.__subclasses__() == []
    sharing = kind()
    assert clone(sharing).key == sharing.key
    for parameter, value in sharing.get_params().items():
        assert clone(sharing).set_params(**{parameter: value}).get_params()[parameter] == value


def test_keys_tell_parameters_apart():
    long = tuple(range(1, 61))
    different = [
        MMoE(),
        MMoE(n_experts=5),
        MMoE(expert_units=long),
        # what `repr` would have shortened
        MMoE(expert_units=(*long[:40], 1, *long[41:])),
        CGC(),
        CrossStitch(own_share=0.9 + 1e-12),
        CrossStitch(),
        HardSharing(),
        NoSharing(),
        PLE(),
        SplitSharing(),
        SplitSharing(own_width=0.25),
    ]
    assert len({repr(sharing.key) for sharing in different}) == len(different)
    assert len({spec(sharing).key for sharing in different}) == len(different)
    assert spec(MMoE()).key == spec(MMoE(n_experts=4)).key


@pytest.mark.parametrize("name", ["cross_stitch", "mmoe", "cgc", "ple"])
def test_widths_are_its_own_or_the_trunks_or_the_default(name):
    kind = SHARINGS[name]
    (parameter,) = [p for p in kind().get_params() if p.endswith("_units")]
    default = (128, 128) if name == "ple" else (128,)
    assert kind().layer_units(()) == default
    assert kind().layer_units((7, 3)) == (7, 3)
    assert kind(**{parameter: 9}).layer_units((7, 3)) == (9,)
    assert kind(**{parameter: [9, 2]}).layer_units(()) == (9, 2)
    for wrong in (0, (3, -1)):
        with pytest.raises(ValueError, match=rf"{parameter} must be an int >= 1; got"):
            kind(**{parameter: wrong}).layer_units(())
    for wrong in ("3", (3.5,), True, 2.0, iter([3])):
        with pytest.raises(TypeError, match=rf"{parameter} must be"):
            kind(**{parameter: wrong}).layer_units(())
    with pytest.raises(ValueError, match=rf"{parameter} must have at least one width, or be None"):
        kind(**{parameter: ()}).layer_units(())


@pytest.mark.parametrize("name", ["hard", "none", "split"])
def test_schemes_without_layers_of_their_own_take_the_trunks(name):
    assert SHARINGS[name]().layer_units(()) == ()
    assert SHARINGS[name]().layer_units((4,)) == (4,)


@pytest.mark.parametrize(
    ("sharing", "message"),
    [
        (MMoE(n_experts=0), "n_experts must be an int >= 1; got 0"),
        (MMoE(n_experts=2.0), "n_experts must be an int >= 1; got float 2.0"),
        (CGC(n_shared_experts=True), "n_shared_experts must be an int >= 1; got bool True"),
        (CGC(n_task_experts="2"), "n_task_experts must be an int >= 1; got str '2'"),
        (PLE(n_shared_experts=0), "n_shared_experts must be an int >= 1; got 0"),
        (PLE(n_task_experts=-1), "n_task_experts must be an int >= 1; got -1"),
        (CrossStitch(own_share=1.1), r"own_share must be a number in \[0, 1\]; got 1.1"),
        (SplitSharing(n_shared_stages=0), "n_shared_stages must be an int >= 1; got 0"),
        (SplitSharing(own_width=0), r"own_width must be a number in \(0, 1\]; got 0"),
        (SplitSharing(max_tasks="8"), "max_tasks must be an int >= 1; got str '8'"),
        (CrossStitch(own_share="1"), r"own_share must be a number in \[0, 1\]; got str '1'"),
    ],
)
def test_parameters_are_checked(sharing, message):
    with pytest.raises((ValueError, TypeError), match=message):
        sharing.build(n_tasks=2, units=UNITS, dropout=0.0)


@every
@pytest.mark.parametrize("fusion", ["late", "concat", "mean"])
def test_each_variable_is_shared_or_one_tasks_own_by_its_gradients(name, fusion):
    network = build_network(spec(SCHEMES[name], fusion, UNITS), seed=0)
    draw_small(network.trainable_variables)
    for variable in network.trainable_variables:
        # positive, so that no ReLU is dead, and small, so that no softmax saturates
        variable.assign(0.3 * np.abs(numbers(variable)))
    own = network.task_variables
    parts = [network.shared_variables, *own]
    ids = [id(variable) for part in parts for variable in part]
    assert len(ids) == len(set(ids))
    assert set(ids) == {id(variable) for variable in network.trainable_variables}

    rng = np.random.default_rng(0)
    inputs = [rng.random(size=(40, 5)), rng.random(size=(40, 6, 6, 1)), np.ones((40, 1))]
    inputs = [keras.ops.convert_to_tensor(x, "float32") for x in [*inputs, inputs[-1]]]

    def sums():
        return [keras.ops.sum(output[:, 0]) for output in network.model(inputs)]

    _, found = value_and_gradients(sums, network.trainable_variables)
    trainers = {}
    for task, gradients in enumerate(found):
        for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
            if np.any(gradient):
                trainers.setdefault(id(variable), set()).add(task)
    for variable in network.shared_variables:
        assert trainers[id(variable)] == set(range(N_TASKS)), variable.path
    for task, mine in enumerate(own):
        for variable in mine:
            assert trainers[id(variable)] == {task}, variable.path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hard", ["trunk_dense_1"]),
        ("mmoe", [f"expert_{k}_dense_1" for k in range(3)]),
        ("cgc", [f"expert_shared_{k}_dense_1" for k in range(2)]),
        ("ple", [f"level_1_expert_shared_{k}_dense_0" for k in range(2)]),
        (
            "cross_stitch",
            [f"level_1_tower_{t}_dense_0" for t in range(3)] + ["level_1_cross_stitch"],
        ),
    ],
)
def test_gradnorm_looks_at_the_last_shared_layers(name, expected):
    network = build_network(spec(SCHEMES[name], "concat", UNITS), seed=0)
    found = dict.fromkeys(v.path.split("/")[-2] for v in network.last_shared_variables)
    assert list(found) == expected


@every
def test_mixed_precision(name):
    network = build_network(spec(SCHEMES[name], precision="mixed_bfloat16"), seed=0)
    inputs = [np.ones((4, 5)), np.ones((4, 6, 6, 1)), np.ones((4, 1)), np.ones((4, 1))]
    outputs = numbers(network.model([x.astype("float32") for x in inputs]))
    assert all(output.dtype == "float32" for output in outputs)
    assert all(np.isfinite(output).all() for output in outputs)
    assert all(variable.dtype == "float32" for variable in network.trainable_variables)


@every
def test_layers_lie_in_one_place(name):
    trunk, model = trunk_model(SCHEMES[name], 3, dropout=0.2)
    layers = all_layers(trunk)
    assert len(layers) == len({id(layer) for layer in layers})
    inside = {id(v) for v in model.trainable_variables}
    assert {id(v) for layer in layers for v in layer.trainable_variables} == inside
    assert {id(layer) for layer in trunk.last_shared_layers} <= {id(x) for x in trunk.shared_layers}


@every
def test_networks_survive_keras_own_format(name, tmp_path):
    network = build_network(spec(SCHEMES[name]), seed=0)
    draw_small(network.trainable_variables)
    path = tmp_path / "network.keras"
    network.model.save(path)
    again = keras.saving.load_model(path)
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(4, 5)), rng.normal(size=(4, 6, 6, 1)), np.ones((4, 1))]
    inputs = [x.astype("float32") for x in [*inputs, inputs[-1]]]
    for one, other in zip(numbers(network.model(inputs)), numbers(again(inputs)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_guide_names_every_scheme():
    text = (Path(__file__).resolve().parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    for name, kind in SHARINGS.items():
        assert f'`"{name}"` | `{kind.__name__}`' in text, name
