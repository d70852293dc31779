"""Trunks of every scheme, and their forward passes written out in NumPy."""

import keras
import numpy as np

from skmtl.sharing import CGC, PLE, CrossStitch, HardSharing, MMoE, NoSharing, SplitSharing

N_FEATURES = 5
UNITS = (6, 4)
SCHEMES = {
    "hard": HardSharing(),
    "split": SplitSharing(),
    "none": NoSharing(),
    "cross_stitch": CrossStitch(),
    "cross_stitch_per_unit": CrossStitch(per_unit=True),
    "mmoe": MMoE(n_experts=3),
    "cgc": CGC(n_shared_experts=2, n_task_experts=2),
    "ple": PLE(),
    "ple_one_level": PLE(level_units=6),
    "ple_three_levels": PLE(n_shared_experts=1, n_task_experts=2, level_units=(6, 5, 4)),
}


def trunk_model(sharing, n_tasks, *, one_input=True, units=UNITS, dropout=0.0):
    """Return the trunk and a model of it, with random weights."""
    inputs = [keras.Input((N_FEATURES,)) for _ in range(1 if one_input else n_tasks)]
    units = sharing.layer_units(units)
    trunk = sharing.build(n_tasks=n_tasks, units=units, dropout=dropout)
    outputs = trunk.call(inputs * n_tasks if one_input else inputs)
    model = keras.Model(inputs[0] if one_input else inputs, outputs)
    rng = np.random.default_rng(0)
    for variable in model.variables:
        if "seed" not in variable.path:
            variable.assign(rng.normal(size=variable.shape))
    return trunk, model


def all_layers(trunk):
    return [*trunk.shared_layers, *(layer for own in trunk.task_layers for layer in own)]


def weights_by_name(trunk):
    """Return the arrays of each layer by the layer's name."""
    return {layer.name: layer.get_weights() for layer in all_layers(trunk)}


def rows(seed=1, n_rows=7):
    return np.random.default_rng(seed).normal(size=(n_rows, N_FEATURES)).astype("float32")


def dense(x, weights):
    kernel, bias = weights
    return np.maximum(x @ kernel + bias, 0)


def stack(x, weights, name, depth):
    """Return `x` after the layers of a small network."""
    for level in range(depth):
        x = dense(x, weights[f"{name}_dense_{level}"])
    return x


def gate(x, weights, name):
    """Return the shares of the experts, by the definition of the softmax."""
    (kernel,) = weights[name]
    powers = np.exp(x @ kernel)
    return powers / powers.sum(axis=1, keepdims=True)


def mixture(shares, outputs):
    return sum(share[:, None] * output for share, output in zip(shares.T, outputs, strict=True))


def reference(name, x, weights, n_tasks):
    """Return the outputs of a scheme's trunk, one per task, by its paper's equations."""
    tasks, sharing = range(n_tasks), SCHEMES[name]
    depth = len(sharing.layer_units(UNITS))
    if name in ("hard", "split"):
        return [stack(x, weights, "trunk", depth)] * n_tasks
    if name == "none":
        return [stack(x, weights, f"trunk_{t}", depth) for t in tasks]
    if name.startswith("cross_stitch"):
        hidden = [x] * n_tasks
        for level in range(depth):
            found = [stack(hidden[t], weights, f"level_{level}_tower_{t}", 1) for t in tasks]
            (alpha,) = weights[f"level_{level}_cross_stitch"]
            hidden = [sum(alpha[t, u] * found[u] for u in tasks) for t in tasks]
        return hidden
    if name == "mmoe":
        outputs = [stack(x, weights, f"expert_{k}", depth) for k in range(sharing.n_experts)]
        return [mixture(gate(x, weights, f"gate_{t}"), outputs) for t in tasks]
    n_own, n_shared = sharing.n_task_experts, sharing.n_shared_experts
    if name == "cgc":
        common = [stack(x, weights, f"expert_shared_{k}", depth) for k in range(n_shared)]
        return [
            mixture(
                gate(x, weights, f"gate_{t}"),
                [stack(x, weights, f"expert_{t}_{k}", depth) for k in range(n_own)] + common,
            )
            for t in tasks
        ]
    hidden, shared = [x] * n_tasks, x
    for level in range(depth):
        prefix = f"level_{level}"
        own = [
            [stack(hidden[t], weights, f"{prefix}_expert_{t}_{k}", 1) for k in range(n_own)]
            for t in tasks
        ]
        common = [stack(shared, weights, f"{prefix}_expert_shared_{k}", 1) for k in range(n_shared)]
        hidden = [
            mixture(gate(hidden[t], weights, f"{prefix}_gate_{t}"), own[t] + common) for t in tasks
        ]
        if level < depth - 1:
            shares = gate(shared, weights, f"{prefix}_gate_shared")
            shared = mixture(shares, [expert for experts in own for expert in experts] + common)
    return hidden
