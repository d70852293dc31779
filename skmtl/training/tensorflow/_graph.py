"""Compiled functions, their inputs and their loops."""

import tensorflow as tf

from skmtl.training.objective import MOST_APART
from skmtl.training.shapes import filled


def exact_spec(array):
    return tf.TensorSpec(array.shape, array.dtype)


def any_rows_spec(array):
    return tf.TensorSpec([None, *array.shape[1:]] if array.shape.rank else [], array.dtype)


def compiled(function, specs, jit=False):
    """Return a concrete function, which never traces again."""
    return tf.function(function, jit_compile=jit, autograph=False).get_concrete_function(*specs)


class FlatFunction:
    """A function that is traced once, and called without the checks before every call.

    They take as long as a small network does for one row.

    Parameters
    ----------
    function : callable
        Of nested tensors; returns a list of tensors.
    specs : tuple
        Of its arguments.
    """

    def __init__(self, function, specs):
        self._traced = compiled(function, specs)
        self._constants = self._traced.captured_inputs
        self._dtypes = [output.dtype for output in self._traced.outputs]

    def __call__(self, *arguments) -> list:
        """Return the outputs; arguments, tensors or arrays, must be as the specs say."""
        return tf.raw_ops.StatefulPartitionedCall(
            args=[*tf.nest.flatten(arguments), *self._constants],
            Tout=self._dtypes,
            f=self._traced.inference_fn,
        )


def sum_over_batches(step, plan, n_steps, zeros):
    """Sum what `step` returns over the batches of a plan."""

    def body(position, sums):
        seen = step(plan[position])
        return position + 1, {name: sums[name] + seen[name] for name in sums}

    return tf.while_loop(lambda i, _: i < n_steps, body, (0, zeros), parallel_iterations=1)[1]


def for_each(function, rows) -> list:
    """Return the tensors that a function returns for each row of a tensor, or of several, stacked.

    Of many rows all are computed at once.
    """
    n_rows = tf.nest.flatten(rows)[0].shape[0]
    if n_rows > MOST_APART:
        return tf.vectorized_map(function, rows)
    found = [function(tf.nest.map_structure(lambda x, i=i: x[i], rows)) for i in range(n_rows)]
    return [tf.stack(each) for each in zip(*found, strict=True)]


def densified(grad):
    """Return the gradient of an embedding with a row for every id, added up in their order."""
    if not isinstance(grad, tf.IndexedSlices):
        return grad
    # what TensorFlow would do, a sum by segments, waits for threads that convolutions hold
    shape = tf.cast(grad.dense_shape, grad.indices.dtype)
    return tf.scatter_nd(grad.indices[:, None], grad.values, shape)


def padded(array, size):
    """Return a tensor of `size` rows, the last ones zeros.

    An aligned array lends it its memory, any other one is copied: `tf.constant` would copy first.
    """
    return tf.raw_ops.Identity(input=filled(array, size))
