"""Gradients of our own, and optimizers, of which TensorFlow keeps no graph for ever.

Where a graph is built, `tf.custom_gradient` registers a function that holds the graph, under a name
of its own, and the registry only grows: every program that is compiled would stay in memory.
"""

from functools import wraps

import tensorflow as tf

try:
    from tensorflow.python.eager import record
except ImportError:  # it is not public
    record = None


def custom_gradient(function):
    """Return a function with the gradient that it says, for a `tf.GradientTape`.

    Parameters
    ----------
    function : callable
        From tensors to a tensor or a list of them, and a function from their gradients to those of
        what it was given: what `tf.custom_gradient` takes, but it must not use variables.

    Examples
    --------
    >>> @custom_gradient
    ... def doubled(x):
    ...     return 2 * x, lambda gradient: 3 * gradient
    >>> x = tf.constant(1.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = doubled(x)
    >>> float(tape.gradient(y, x))
    3.0
    """
    if record is None:
        return tf.custom_gradient(function)

    @wraps(function)
    def recorded(*tensors):
        results, gradient = function(*tensors)
        with record.stop_recording():  # the tape shall know these by what is recorded below alone
            results = tf.nest.map_structure(tf.identity, results)

        def pull(*gradients):
            return tf.nest.flatten(gradient(*gradients))

        record.record_operation(function.__name__, tf.nest.flatten(results), list(tensors), pull)
        return results

    return recorded


def on_one_replica(optimizer):
    """Return an optimizer that does not sum gradients over replicas; it is changed.

    Keras' optimizers add them up over the replicas of a `tf.distribute` strategy, by a function
    with a custom gradient, even where there is one. A program has one: what several devices
    compute is summed before.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        A program's own.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # of a LossScaleOptimizer
    inner._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
    return optimizer
