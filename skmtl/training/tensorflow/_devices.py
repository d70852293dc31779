"""Several devices that share the rows of every batch."""

import keras
import tensorflow as tf

from skmtl.training.forward import forward
from skmtl.training.tensorflow._graph import densified
from skmtl.training.tensorflow._rows import branch_vectors

SEED_STEP = 0x9E3779B1  # from device to device; odd, so that no two seeds are alike


class Devices:
    """The first devices that TensorFlow sees: its GPUs, or without one its CPUs.

    The variables lie on the first one. For every batch each device gets the weights and its rows,
    and gives back its logits and its part of the gradients, which are summed on the first one.
    Losses, strategies and the optimizer see whole batches, as they do with one device.

    Parameters
    ----------
    n_devices : int
        How many of them.

    Raises
    ------
    ValueError
        If TensorFlow sees fewer.
    """

    def __init__(self, n_devices):
        known = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        if n_devices > len(known):
            raise ValueError(
                f"n_devices must be at most {len(known)}, the number of devices that TensorFlow "
                f"sees; got {n_devices}."
            )
        self.names = [device.name for device in known[:n_devices]]

    def split(self, rows) -> list:
        """Return as many rows for each device; the last ones may repeat the first."""
        n_devices = len(self.names)
        n_filled = -(-tf.size(rows) // n_devices) * n_devices
        return tf.split(tf.gather(rows, tf.range(n_filled) % tf.size(rows)), n_devices)

    def forward(self, network, parts, *, training):
        """Return the logits of a batch, and a function from their gradients to those of weights.

        `parts` has a dict for each device, as `skmtl.training.forward.forward` takes it.
        """
        trained = network.trainable_variables
        others = [v for v in network.variables if not v.trainable]
        taped, new = [], []
        for number, (name, part) in enumerate(zip(self.names, parts, strict=True)):
            # gradients are computed where the copies of the weights are
            with tf.device(name), tf.GradientTape(persistent=True) as tape:
                # cut off: gradients of the weights are those of these tapes
                weights = [tf.stop_gradient(v.value) for v in trained]
                tape.watch(weights)
                state = [own_state(tf.convert_to_tensor(v), number) for v in others]
                mapping = [*zip(trained, weights, strict=True), *zip(others, state, strict=True)]
                with keras.StatelessScope(mapping) as scope:
                    logits = forward(
                        network, part, training=training, branch_vectors=branch_vectors
                    )
            taped.append((name, tape, weights, logits))
            new.append([scope.get_current_value(v) for v in others])
        if training:
            for variable, values in zip(others, zip(*new, strict=True), strict=True):
                variable.assign(_merged(values))

        def pull(cotangents):
            pieces = [tf.split(c, len(self.names)) for c in cotangents]
            gradients = []
            for number, (name, tape, weights, logits) in enumerate(taped):
                with tf.device(name):
                    mine = [piece[number] for piece in pieces]
                    found = tape.gradient(logits, weights, mine, unconnected_gradients="zero")
                    gradients.append([densified(gradient) for gradient in found])
            with tf.device(self.names[0]):
                sums = [tf.add_n(parts) for parts in zip(*gradients, strict=True)]
            return {id(variable): total for variable, total in zip(trained, sums, strict=True)}

        return [tf.concat(task, 0) for task in zip(*(x[-1] for x in taped), strict=True)], pull


def own_state(value, number):
    """Return the state that a device starts from: its rows need another seed."""
    if value.dtype.is_integer and value.shape == (2,):
        return value + tf.constant([number * SEED_STEP % 2**31, 0], value.dtype)
    return value


def _merged(values):
    """Return one value for those of all devices: the mean of statistics, the first of seeds."""
    return tf.add_n(values) / len(values) if values[0].dtype.is_floating else values[0]
