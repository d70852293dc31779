"""Products of task gradients of dense layers, without the gradients themselves.

Where a layer computes ``z = x W + b``, a task's gradient of ``W`` is ``x' d`` and that of ``b`` is
the sum of the rows of ``d``, its gradient of ``z``. So the product of the gradients of two tasks is
``sum_ij (x x' + 1)_ij (d_1 d_2')_ij``: with few rows in a batch, much less than the gradients.
"""

from dataclasses import replace

import keras
import tensorflow as tf
from keras import ops

from skmtl.training.tensorflow._graph import for_each
from skmtl.training.wide_heads import WideHeads


class DenseRecords:
    """What the dense layers of a network got and computed in the last forward pass.

    Parameters
    ----------
    network : Network
        Its layers are called.

    Attributes
    ----------
    network : Network
        Computes the same with the same variables, and notes what its dense layers do.
    is_complete : bool
        Whether all variables that tasks share are those of dense layers.
    """

    def __init__(self, network):
        shared = {id(v) for v in network.shared_variables}
        covered = set()
        self.clear()

        def swap(layer):
            if type(layer) is not keras.layers.Dense or layer.activity_regularizer is not None:
                return layer
            own = {id(v) for v in layer.trainable_variables}
            if not own & shared:
                return layer
            covered.update(own)
            return _NotedDense(layer, self)

        def swapped(model):
            return keras.models.clone_model(model, clone_function=swap)

        branches = [replace(branch, model=swapped(branch.model)) for branch in network.branches]
        joint = WideHeads(network, swap, self._note_head)
        self.network = replace(network, branches=branches, joint=joint)
        self.is_complete = bool(shared) and covered >= shared

    def clear(self):
        """Forget everything."""
        self._calls, self._heads = {}, []

    def note(self, layer, x, z):
        """Note that a layer has computed `z` from `x`."""
        self._calls.setdefault(id(layer), (layer, []))[1].append((x, z))

    def _note_head(self, task, vector, kernel, logits):
        self._heads.append((task, vector, kernel, logits))

    def gramian(self, pull, n_tasks, scale):
        """Return the products ``(n_tasks, n_tasks)`` of the task gradients; None if not known.

        Parameters
        ----------
        pull : callable
            As from `Program._vjp`, of the losses of the tasks and a penalty.
        n_tasks : int
            Number of tasks.
        scale : tensor of shape ()
            Keeps gradients of half precision from vanishing; the products are without it.
        """
        noted = [z for _, calls in self._calls.values() for _, z in calls]
        graph = tf.compat.v1.get_default_graph()
        if any(z.graph is not graph for z in noted):
            return None  # a branch is in a condition
        # no two tasks have logits in common, so one pass backwards finds the slopes of all
        found = pull([scale] * n_tasks + [None], [logits for *_, logits in self._heads])
        vectors, slopes = {}, {}
        for (task, vector, kernel, _), of_logits in zip(self._heads, found, strict=True):
            slope = tf.matmul(of_logits, kernel, transpose_b=True)
            vectors[vector.ref()] = vector
            of_vector = slopes.setdefault(vector.ref(), [tf.zeros_like(slope)] * n_tasks)
            of_vector[task] += slope
        vectors = list(vectors.values())
        slopes = [tf.stack(each) for each in slopes.values()]
        found = for_each(lambda rows: pull(rows, noted, outputs=vectors), slopes)
        total, position = tf.zeros((n_tasks, n_tasks)), 0
        for layer, calls in self._calls.values():
            gradients = found[position : position + len(calls)]
            position += len(calls)
            x = tf.cast(tf.concat([x for x, _ in calls], 0), tf.float32)
            d = tf.cast(tf.concat(gradients, 1), tf.float32) / scale
            total += products(x, d, has_bias=layer.use_bias)
        return total


def products(x, d, *, has_bias):
    """Return the products of the gradients of the weights of one dense layer.

    Parameters
    ----------
    x : tensor of shape (n_rows, n_inputs)
        What the layer got.
    d : tensor of shape (n_tasks, n_rows, n_outputs)
        Each task's gradient of what the layer computed, before its activation.
    has_bias : bool
        Whether the layer has a bias.

    Returns
    -------
    tensor of shape (n_tasks, n_tasks)
    """
    n_tasks, (n_rows, n_inputs) = d.shape[0], x.shape

    def between(a, b):
        a, b = (tf.reshape(each, (n_tasks, -1)) for each in (a, b))
        return tf.matmul(a, b, transpose_b=True)

    def from_rows():
        alike = tf.matmul(x, x, transpose_b=True) + float(has_bias)
        return between(tf.matmul(alike, d), d)

    def from_gradients():
        of_weights = tf.matmul(x, d, transpose_a=True)
        total = between(of_weights, of_weights)
        if has_bias:
            of_bias = tf.reduce_sum(d, axis=1)
            total += between(of_bias, of_bias)
        return total

    if n_rows is None:  # what computes less
        return tf.cond(tf.shape(x)[0] <= n_inputs, from_rows, from_gradients)
    return from_rows() if n_rows <= n_inputs else from_gradients()


class _NotedDense(keras.layers.Layer):
    """A dense layer whose inputs and outputs are noted; it has that layer's variables."""

    def __init__(self, layer, records):
        super().__init__(name=layer.name, dtype=layer.dtype_policy, autocast=False)
        self.layer = layer
        self._note = records.note

    def call(self, inputs):
        """Compute what the layer does."""
        x = ops.cast(inputs, self.compute_dtype)
        z = ops.matmul(x, ops.cast(self.layer.kernel, self.compute_dtype))
        if self.layer.use_bias:
            z = ops.add(z, ops.cast(self.layer.bias, self.compute_dtype))
        self._note(self.layer, x, z)
        return self.layer.activation(z)
