"""The last layer of a task: the logits."""

import keras


def build_head(n_outputs, name) -> keras.layers.Layer:
    """Return a dense layer whose weights are zeros until it learns.

    A network that has learned nothing claims nothing: all classes are as likely, a number is the
    mean. With random weights the first epochs would have to unlearn what these say, which costs
    accuracy where rows are few (docs/accuracy.md).

    Parameters
    ----------
    n_outputs : int
        Number of logits.
    name : str
        Of the layer.
    """
    return keras.layers.Dense(n_outputs, kernel_initializer="zeros", name=name, dtype="float32")
