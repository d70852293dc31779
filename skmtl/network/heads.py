"""The last layer of a task: the logits."""

import re

import keras

_SHARE = 0.01  # size of the weights, as a share of those that Keras would draw


def build_head(n_outputs, name) -> keras.layers.Layer:
    """Return a dense layer whose weights are almost zero before it is trained.

    An untrained network then predicts about the same probability for all classes, and about the
    mean of the numbers. With weights of the usual size the first epochs would have to unlearn
    random predictions, which costs accuracy where rows are few (docs/decisions.md). The weights are
    not exactly zero, since the gradients of the tasks, which some methods compare, would be, too.

    Parameters
    ----------
    n_outputs : int
        Number of logits.
    name : str
        Name of the layer.
    """
    small = keras.initializers.VarianceScaling(_SHARE**2, "fan_avg", "uniform")
    return keras.layers.Dense(n_outputs, kernel_initializer=small, name=name, dtype="float32")


def head_name(task, position=None) -> str:
    """Return the name of a task's head; `position` is that of its round, if there are several."""
    return f"head_{task}" if position is None else f"head_{task}_{position}"


def task_of_head(layer) -> int | None:
    """Return the task whose head a layer is, None if it is no head."""
    match = re.fullmatch(r"head_(\d+)(_\d+)?", layer.name)
    return int(match[1]) if match else None
