"""Trunks with known weights, and every scheme's forward pass written out in NumPy."""

import keras
import numpy as np

from skmtl.sharing import CGC, PLE, CrossStitch, HardSharing, MMoE, NoSharing

N_FEATURES = 5

# scheme and widths of its layers
SCHEMES = {
    "hard": (HardSharing(), (4, 3)),
    "none": (NoSharing(), (4, 3)),
    "cross_stitch": (CrossStitch(own_share=0.7), (4, 3)),
    "cross_stitch-per_unit": (CrossStitch(per_unit=True), (4, 3)),
    "mmoe": (MMoE(n_experts=3), (4, 3)),
    "cgc": (CGC(n_shared_experts=2, n_task_experts=2), (4, 3)),
    "ple-1": (PLE(), (4,)),
    "ple-3": (PLE(n_shared_experts=2, n_task_experts=2), (4, 3, 2)),
}


def make_trunk(sharing, n_tasks, units, *, same_input=True, dropout=0.0):
    """Return a trunk, the model from the tasks' inputs to their outputs, and the inputs."""
    n_inputs = 1 if same_input else n_tasks
    inputs = [keras.Input((N_FEATURES,)) for _ in range(n_inputs)]
    trunk = sharing.build(n_tasks=n_tasks, units=units, dropout=dropout)
    outputs = trunk.call(inputs * n_tasks if same_input else inputs)
    # a layer keeps apart what is the same tensor for several tasks
    model = keras.Model(inputs, [keras.layers.Identity()(x) for x in outputs])
    return trunk, model, inputs


def layers_of(model):
    """Return the layers with weights by name."""
    return {layer.name: layer for layer in model.layers if layer.weights}


def draw_weights(model, seed=0):
    """Set every weight to a number of its own, and return the arrays by the layer's name."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for name, layer in sorted(layers_of(model).items()):
        drawn[name] = [rng.normal(size=w.shape).astype("float32") for w in layer.weights]
        layer.set_weights(drawn[name])
    return drawn


def draw_rows(n_rows=7, seed=1):
    """Return rows of features."""
    return np.random.default_rng(seed).normal(size=(n_rows, N_FEATURES)).astype("float32")


def call(model, *inputs):
    """Return the outputs as NumPy arrays, one per task."""
    outputs = model(list(inputs), training=False)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return [np.asarray(output) for output in outputs]


def reference(sharing, n_tasks, units, weights, x):
    """Return the output of every task for rows that all tasks see, from the papers' equations."""
    tasks = range(n_tasks)

    def stack(name, x, depths=None):
        for depth in range(len(units)) if depths is None else depths:
            kernel, bias = weights[f"{name}_dense_{depth}"]
            x = np.maximum(x @ kernel + bias, 0)
        return x

    def gated(gate, x, outputs):
        shares = np.exp(x @ weights[gate][0])
        shares /= shares.sum(axis=1, keepdims=True)
        return sum(shares[:, [k]] * output for k, output in enumerate(outputs))

    if isinstance(sharing, HardSharing):
        return [stack("trunk", x)] * n_tasks
    if isinstance(sharing, NoSharing):
        return [stack(f"trunk_{t}", x) for t in tasks]
    if isinstance(sharing, MMoE):
        experts = [stack(f"expert_{k}", x) for k in range(sharing.n_experts)]
        return [gated(f"gate_{t}", x, experts) for t in tasks]
    if isinstance(sharing, CrossStitch):
        xs = [x] * n_tasks
        for level in range(len(units)):
            towers = [stack(f"level_{level}_tower_{t}", xs[t], [0]) for t in tasks]
            (alpha,) = weights[f"level_{level}_cross_stitch"]
            xs = [sum(alpha[t, u] * towers[u] for u in tasks) for t in tasks]
        return xs
    n_shared, n_own = range(sharing.n_shared_experts), range(sharing.n_task_experts)
    if isinstance(sharing, CGC):
        shared = [stack(f"expert_shared_{k}", x) for k in n_shared]
        own = [[stack(f"expert_{t}_{k}", x) for k in n_own] for t in tasks]
        return [gated(f"gate_{t}", x, own[t] + shared) for t in tasks]
    xs, common = [x] * n_tasks, x
    for level in range(len(units)):
        name = f"level_{level}"
        shared = [stack(f"{name}_expert_shared_{k}", common, [0]) for k in n_shared]
        own = [[stack(f"{name}_expert_{t}_{k}", xs[t], [0]) for k in n_own] for t in tasks]
        xs = [gated(f"{name}_gate_{t}", xs[t], own[t] + shared) for t in tasks]
        if level < len(units) - 1:
            every = [expert for experts in own for expert in experts]
            common = gated(f"{name}_gate_shared", common, every + shared)
    return xs
