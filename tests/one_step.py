"""One training step of `fit`, and the task gradients computed beside it."""

import numpy as np
from differentiate import value_and_gradients
from keras import ops

from skmtl import MultiTaskClassifier
from skmtl.training.backend import is_on_cpu

N_ROWS = 24
# of a share of the step; GPUs take convolutions in TF32, which has ten bits
TOLERANCE = 1e-5 if is_on_cpu() else 3e-3
MODEL = MultiTaskClassifier(
    branch_units=6,
    branch_dropout=0.0,
    trunk_units=5,
    optimizer="sgd",
    epochs=1,
    batch_size=N_ROWS,
    random_state=0,
    warm_start=True,
).set_params(image_backbone__filters=(4, 4))


def make_table(n_tasks, images):
    rng = np.random.default_rng(n_tasks)
    X = rng.normal(size=(N_ROWS, 5)).astype("float32")
    if images:
        X = rng.integers(0, 256, size=(N_ROWS, 6, 6, 1)).astype("uint8")
    return X, rng.integers(0, 2, size=(N_ROWS, n_tasks))


def inputs_of(model, X):
    """Return what the only branch of a network reads for X."""
    (modality,) = model._fitted.reader.read(X).modalities.values()
    return modality.values


def twin(network, y, task, other):
    """Give a task the labels and the head of another one: their gradients are then the same."""
    y[:, task] = y[:, other]
    heads = [network.task_layers[t][-1] for t in (task, other)]
    heads[0].set_weights(heads[1].get_weights())


def task_gradients(network, X, y):
    """Return losses, gradients of the shared variables (n_tasks, n) and of each task's own."""

    def task_losses():
        logits = network.joint([network.branches[0].model(X)])
        return [
            ops.mean(ops.sparse_categorical_crossentropy(y[:, t], z, from_logits=True))
            for t, z in enumerate(logits)
        ]

    def flat(gradients):
        return np.concatenate([np.ravel(gradient) for gradient in gradients]).astype("float64")

    variables = [*network.shared_variables, *(v for own in network.task_variables for v in own)]
    losses, found = value_and_gradients(task_losses, variables)
    found = [{id(v): g for v, g in zip(variables, row, strict=True)} for row in found]
    shared = np.stack([flat([row[id(v)] for v in network.shared_variables]) for row in found])
    own = [
        flat([row[id(v)] for v in mine])
        for row, mine in zip(found, network.task_variables, strict=True)
    ]
    return np.array(losses, "float64"), shared, own


def values(variables):
    return np.concatenate([np.ravel(ops.convert_to_numpy(v)) for v in variables]).astype("float64")


def close(got, expected, size, tolerance=TOLERANCE):
    """Return whether no entry differs by more than a share of `size`."""
    return np.max(np.abs(got - expected)) <= tolerance * size
