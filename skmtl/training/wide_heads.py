"""Heads that read the same vector, computed by one product.

Each head alone is a product, a sum, and as much again backwards: with 40 tasks these small
operations are most of what a program compiles.
"""

from dataclasses import replace

import keras
import numpy as np
from keras import ops

from skmtl.training.objective import MOST_APART


def with_wide_heads(network):
    """Return a network that computes the same with the same variables, sooner for many tasks.

    Parameters
    ----------
    network : Network
        It is not changed.

    Returns
    -------
    Network
        The network itself, if it has few tasks.
    """
    if len(network.heads) <= MOST_APART:
        return network
    return replace(network, joint=WideHeads(network.joint))


class WideHeads(keras.layers.Layer):
    """What `Network.joint` computes, with one product for all heads of a vector.

    Parameters
    ----------
    joint : keras.Model
        The heads are its layers named ``head_<task>`` or ``head_<task>_<round>``.
    swap : callable, optional
        From another layer of `joint` to what is called in its place.
    note : callable, optional
        Called with the task of a head, the vector that it reads, its kernel and its logits.
    """

    def __init__(self, joint, swap=lambda layer: layer, note=lambda *seen: None):  # noqa: ARG005
        super().__init__(name="wide_heads", dtype="float32", autocast=False)
        heads = []

        def swapped(layer):
            if not layer.name.startswith("head_"):
                return swap(layer)
            heads.append(_Place(layer))
            return heads[-1]

        copy = keras.models.clone_model(joint, clone_function=swapped)
        groups = {}
        for head in heads:
            groups.setdefault(id(head.input), []).append(head)
        self.inputs = copy.inputs
        self._note = note
        self._groups = [[head.layer for head in group] for group in groups.values()]
        self._before = keras.Model(copy.inputs, [group[0].input for group in groups.values()])
        logits = [head.output for group in groups.values() for head in group]
        places = {id(z): place for place, z in enumerate(logits)}
        sums = [x for x in copy.outputs if id(x) not in places]  # and what says which are there
        places |= {id(x): len(logits) + place for place, x in enumerate(sums)}
        self._order = [places[id(output)] for output in copy.outputs]
        self._after = keras.Model([*logits, *copy.inputs], sums) if sums else None

    def call(self, inputs, training=False):
        """Return the outputs of the joint part."""
        vectors = self._before(inputs, training=training)
        logits = []
        for vector, heads in zip(_as_list(vectors), self._groups, strict=True):
            kernels = [ops.cast(head.kernel, "float32") for head in heads]
            biases = [ops.cast(head.bias, "float32") for head in heads]
            z = ops.matmul(ops.cast(vector, "float32"), ops.concatenate(kernels, axis=1))
            z = ops.add(z, ops.concatenate(biases, axis=0))
            stops = np.cumsum([head.units for head in heads])[:-1].tolist()
            parts = ops.split(z, stops, axis=1) if stops else [z]
            for head, kernel, part in zip(heads, kernels, parts, strict=True):
                self._note(int(head.name.split("_")[1]), vector, kernel, part)
            logits += parts
        outputs = list(logits)
        if self._after is not None:
            outputs += _as_list(self._after([*logits, *inputs], training=training))
        return [outputs[place] for place in self._order]


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


def _as_list(outputs) -> list:
    return outputs if isinstance(outputs, list) else [outputs]
