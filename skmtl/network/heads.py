"""The last layer of a task: the logits."""

import keras

_SHARE = 0.01  # of the weights that Keras would draw


def build_head(n_outputs, name) -> keras.layers.Layer:
    """Return a dense layer whose weights are almost zeros until it learns.

    A network that has learned nothing claims almost nothing: all classes are about as likely, a
    number is about the mean. With weights of the usual size the first epochs would have to unlearn
    what these say, which costs accuracy where rows are few (docs/decisions.md). They are not quite
    zeros because the gradients of the tasks, which some methods compare, would be zeros as well.

    Parameters
    ----------
    n_outputs : int
        Number of logits.
    name : str
        Of the layer.
    """
    small = keras.initializers.VarianceScaling(_SHARE**2, "fan_avg", "uniform")
    return keras.layers.Dense(n_outputs, kernel_initializer=small, name=name, dtype="float32")
