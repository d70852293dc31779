"""Heads that read the same vector, computed by one product, and the sums of their logits.

A head is a small product and a sum, and as much again backwards. With 40 tasks, or seven tasks that
each have a head on five branches, these are most of what a program compiles and a prediction runs.
"""

from dataclasses import replace

import keras
import numpy as np
from keras import ops

from skmtl.network.heads import task_of_head
from skmtl.network.models import as_list
from skmtl.training.objective import MOST_APART


def with_wide_heads(network):
    """Return a network that computes the same from the same variables, sooner for many heads.

    Parameters
    ----------
    network : Network
        It is not changed.

    Returns
    -------
    Network
        The network itself, if it has few heads. To be called only: it lists its variables in
        another order.
    """
    n_heads = sum(task_of_head(layer) is not None for layer in network.joint.layers)
    return network if n_heads <= MOST_APART else replace(network, joint=WideHeads(network))


class WideHeads(keras.layers.Layer):
    """What `Network.joint` computes, with one product for all heads that read the same vector.

    Parameters
    ----------
    network : Network
        Its joint part and the weights of its branches are used.
    swap : callable, optional
        From another layer of the joint part to what is called in its place.
    note : callable, optional
        Called with the task of a head, the vector that it reads, its kernel and its logits.
    """

    def __init__(self, network, swap=lambda layer: layer, note=lambda *seen: None):  # noqa: ARG005
        super().__init__(name="wide_heads", dtype="float32", autocast=False)
        heads = []

        def swapped(layer):
            if task_of_head(layer) is None:
                return swap(layer)
            heads.append(_Place(layer))
            return heads[-1]

        copy = keras.models.clone_model(network.joint, clone_function=swapped)
        groups = {}
        for head in heads:
            groups.setdefault(id(head.input), []).append(head)
        groups = list(groups.values())
        self.inputs = copy.inputs
        self._note = note
        self._groups = [[head.layer for head in group] for group in groups]
        vectors = [group[0].input for group in groups]
        self._before = keras.Model(copy.inputs, vectors, name="before_heads")
        logits = [head.output for group in groups for head in group]
        places = {id(z): place for place, z in enumerate(logits)}
        self._widths = [head.n_outputs for head in network.heads]
        self._branch_weights = network.branch_weights
        if self._branch_weights:
            *terms, flags = copy.outputs[len(network.heads) :]
            self._order = [places[id(z)] for z in terms]
            self._after = keras.Model(copy.inputs, flags, name="after_heads")
        elif all(id(z) in places for z in copy.outputs):
            self._order, self._after = [places[id(z)] for z in copy.outputs], None
        else:
            self._order = list(range(len(logits)))
            inputs = [*logits, *copy.inputs]
            self._after = keras.Model(inputs, copy.outputs, name="after_heads")

    def call(self, inputs, training=False):
        """Compute what the joint part does."""
        logits = self._logits(self._before(inputs, training=training))
        logits = [logits[place] for place in self._order]
        if self._branch_weights:
            flags = self._after(inputs)
            return [*self._weighted_sums(logits, flags), *logits, flags]
        if self._after is None:
            return logits
        return as_list(self._after([*logits, *inputs], training=training))

    def _logits(self, vectors) -> list:
        """Return the logits of each head, those of one vector after those of another."""
        logits = []
        for vector, heads in zip(as_list(vectors), self._groups, strict=True):
            kernels = [ops.cast(head.kernel, "float32") for head in heads]
            biases = [ops.cast(head.bias, "float32") for head in heads]
            z = ops.matmul(ops.cast(vector, "float32"), ops.concatenate(kernels, axis=1))
            z = ops.add(z, ops.concatenate(biases, axis=0))
            parts = _split(z, [head.units for head in heads])
            for head, kernel, part in zip(heads, kernels, parts, strict=True):
                self._note(task_of_head(head), vector, kernel, part)
            logits += parts
        return logits

    def _weighted_sums(self, terms, flags) -> list:
        """Return the sum over its branches of each task; see `skmtl.network.fusion.combine`."""
        n_tasks = len(self._branch_weights)
        n_rounds = len(terms) // n_tasks
        task_of = np.repeat(np.arange(n_tasks), self._widths)
        rounds = [ops.concatenate(terms[i::n_rounds], axis=1) for i in range(n_rounds)]
        flags = ops.reshape(ops.cast(flags, "float32"), (-1, n_tasks, n_rounds))
        weights = ops.stack([ops.cast(x, "float32")[:, 0] for x in self._branch_weights])
        shares = ops.take(flags * weights, task_of, axis=1)
        return _split(ops.sum(ops.stack(rounds, axis=-1) * shares, axis=-1), self._widths)


class _Place(keras.layers.Layer):
    """Where a head is in the graph of layers."""

    def __init__(self, layer):
        super().__init__(name=layer.name, dtype="float32")
        self.layer = layer

    def call(self, inputs):
        """Compute what the head does."""
        return self.layer(inputs)

    def compute_output_shape(self, input_shape):
        """Return the shape of the logits; without this method Keras would trace the layer."""
        return (*input_shape[:-1], self.layer.units)


def _split(z, widths) -> list:
    """Return the columns of each head."""
    stops = np.cumsum(widths)[:-1].tolist()
    return ops.split(z, stops, axis=1) if stops else [z]
