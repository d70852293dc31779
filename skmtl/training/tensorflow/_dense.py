"""Dense networks, whose many small operations XLA fuses, and dropout that it computes quickly.

Keras draws masks from a counter-based generator whose 64-bit products XLA does not vectorise on a
CPU: three quarters of an epoch of a dense network went into them. A mask needs no such quality.
"""

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from skmtl.training.dense import is_dense, layers_of
from skmtl.training.objective import MOST_APART


def for_xla(network):
    """Return the network as XLA computes it quickly: with `HashedDropout` for dropout.

    Parameters
    ----------
    network : Network
        It is not changed; layers and variables are shared.

    Returns
    -------
    Network or None
        None if XLA would slow it down on a CPU, if it would compile for long because there are many
        tasks, or if a dropout inside another layer cannot be replaced.
    """
    if not is_dense(network) or len(network.heads) > MOST_APART:
        return None
    branches = [replace(branch, model=_swapped(branch.model)) for branch in network.branches]
    swapped = replace(network, branches=branches, joint=_swapped(network.joint))
    left = any(isinstance(x, keras.layers.Dropout) for x in layers_of(swapped))
    return None if left else swapped


class HashedDropout(keras.layers.Layer):
    """Dropout whose mask is a hash of the position, the seed and the number of the step.

    Only compiled programs have it; the network that a fit returns has Keras' own layer. It does not
    inherit from that, whose constructor would draw a seed from the process.

    Parameters
    ----------
    layer : keras.layers.Dropout
        Its rate and its seed generator are used.
    """

    def __init__(self, layer):
        super().__init__(name=layer.name, dtype=layer.dtype_policy)
        self.rate = layer.rate
        if layer.rate > 0:
            self.seed_generator = layer.seed_generator

    def call(self, inputs, training=False):
        """Drop entries while training."""
        if not training or self.rate == 0:
            return inputs
        kept = tf.reshape(
            hashed(tf.size(inputs), self.seed_generator.next()) >= threshold(self.rate),
            tf.shape(inputs),
        )
        return tf.where(kept, inputs / (1 - self.rate), tf.zeros_like(inputs))


def threshold(rate) -> np.uint32:
    """Return a number such that a share `rate` of all 32-bit numbers is below it."""
    return np.uint32(min(round(rate * 2**32), 2**32 - 1))


def hashed(size, key):
    """Return `size` evenly distributed uint32 numbers, from a key of two numbers."""
    key = tf.cast(key, tf.uint32)
    start = _mix(key[0] ^ _mix(key[1] + np.uint32(0x9E3779B9)))
    return _mix(tf.cast(tf.range(size), tf.uint32) * np.uint32(0x9E3779B1) + start)


def _mix(x):
    """Spread every bit over all of them: a bijection of the 32-bit numbers (Wellons, 2018)."""
    x = (x ^ _shifted(x, 16)) * np.uint32(0x7FEB352D)
    x = (x ^ _shifted(x, 15)) * np.uint32(0x846CA68B)
    return x ^ _shifted(x, 16)


def _shifted(x, bits):
    return tf.bitwise.right_shift(x, np.uint32(bits))


def _swapped(model):
    def swap(layer):
        plain = type(layer) is keras.layers.Dropout and layer.noise_shape is None
        return HashedDropout(layer) if plain else layer

    return keras.models.clone_model(model, clone_function=swap)
