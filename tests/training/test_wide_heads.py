"""One product for many heads computes what the heads do."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from keras import ops

from skmtl import MultiTaskClassifier
from skmtl.network.network import build_network
from skmtl.training.wide_heads import WideHeads, with_wide_heads

RNG = np.random.default_rng(0)
X = pd.DataFrame({"number": np.arange(30.0), "text": [f"a{i % 7} b{i % 5} c" for i in range(30)]})


def assert_close(found, expected):
    found, expected = (ops.convert_to_numpy(x) for x in (found, expected))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def network(n_tasks=10, **options):
    y = pd.DataFrame({f"task_{t}": np.arange(30) % (2 + t % 3) for t in range(n_tasks)})
    kinds = {"number": "number", "text": "text"}
    model = MultiTaskClassifier(columns=kinds, **options).initialize(X, y)
    built = build_network(model._fitted.spec, 0)
    for variable in built.variables:
        if variable.dtype == "float32":
            variable.assign(RNG.normal(size=variable.shape))
    return built


@pytest.mark.parametrize(
    "options",
    [
        {"fusion": "concat"},
        {"fusion": "late"},
        {"fusion": "weighted", "trunk_units": (5,), "branch_units": 4},
        {"fusion": "concat", "sharing": "mmoe", "trunk_units": (5,)},
        {"sharing": "none"},
        {"task_columns": {"task_3": ["text"]}},
        {"fusion": "concat", "precision": "mixed_bfloat16"},
    ],
    ids=str,
)
def test_outputs_are_those_of_the_heads(options):
    built = network(**options)
    joint = built.joint
    inputs = [RNG.normal(size=(6, *x.shape[1:])).astype("float32") for x in joint.inputs]
    for x, given in zip(joint.inputs, inputs, strict=True):
        if x.name.startswith("has_"):
            given[:] = given > 0
    wide = WideHeads(built)
    expected, found = joint(inputs), wide(inputs)
    assert [x.shape for x in found] == [x.shape for x in expected]
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other)


def test_each_head_is_noted_with_what_it_reads():
    seen = []
    built = network(fusion="concat")
    wide = WideHeads(built, note=lambda *each: seen.append(each))
    inputs = [RNG.normal(size=(6, *x.shape[1:])).astype("float32") for x in built.joint.inputs]
    outputs = wide(inputs)
    assert sorted(task for task, *_ in seen) == list(range(10))
    for task, vector, kernel, logits in seen:
        head = built.task_layers[task][-1]
        assert_close(kernel, head.kernel)
        assert_close(logits, ops.matmul(vector, kernel) + head.bias)
        assert_close(logits, outputs[task])


def test_few_heads_stay_apart():
    few = network(8, fusion="concat")
    assert with_wide_heads(few) is few
    assert with_wide_heads(network(4)).joint.name == "joint"
    for many in (network(9, fusion="concat"), network(5)):
        assert isinstance(with_wide_heads(many).joint, WideHeads)


def test_penalties_of_the_trunk_count():
    built = network(fusion="concat", trunk_units=(4,))
    (dense,) = (x for x in built.shared_layers if isinstance(x, keras.layers.Dense))
    dense.activity_regularizer = keras.regularizers.L2(3.0)
    wide = replace(built, joint=WideHeads(built))
    inputs = [np.ones((6, *x.shape[1:]), "float32") for x in built.joint.inputs]
    built.joint(inputs)
    wide.joint(inputs)
    (expected,), (found,) = built.joint.losses, wide.joint.losses
    assert_close(found, expected)
    assert float(ops.convert_to_numpy(found)) > 0
