"""Several devices that share the rows of every batch, by `tf.distribute.MirroredStrategy`."""

import keras
import tensorflow as tf

from skmtl.training.step import forward
from skmtl.training.tensorflow._custom_gradient import custom_gradient
from skmtl.training.tensorflow._graph import densified

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

    Examples
    --------
    >>> Devices(1).names
    ['/device:CPU:0']
    """

    def __init__(self, n_devices):
        known = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        if n_devices > len(known):
            raise ValueError(
                f"n_devices must be at most {len(known)}, the number of devices that TensorFlow "
                f"sees; got {n_devices}."
            )
        self.n_devices = n_devices
        self.names = [device.name for device in known[:n_devices]]
        # the sum is needed on one device, and is then always added up in the same order
        self._strategy = tf.distribute.MirroredStrategy(
            self.names, cross_device_ops=tf.distribute.ReductionToOneDevice(self.names[0])
        )

    def forward(self, network, batch, *, training) -> list:
        """Return the logits of a batch, one tensor per task, as `skmtl.training.step.forward` does.

        Parameters
        ----------
        network : Network
            Of the program.
        batch : dict
            See `TrainStep`; all arrays are cut evenly, and the places of "<modality>_slots" are
            those in the device's own part of "<modality>_inputs".
        training : bool
            Whether in training.
        """
        arrays = {name: x for name, x in batch.items() if name.rpartition("_")[2] in PARTS}
        cut = {name: tf.split(x, self.n_devices) for name, x in arrays.items()}
        parts = [{name: pieces[i] for name, pieces in cut.items()} for i in range(self.n_devices)]
        trained = network.trainable_variables
        others = [v for v in network.variables if not v.trainable]
        kept = [tf.convert_to_tensor(v) for v in others]
        updates = []

        @custom_gradient
        def logits_of(*weights):
            tapes, new = {}, {}

            def one(number):
                state = [own_state(value, number) for value in kept]
                mapping = [*zip(trained, weights, strict=True), *zip(others, state, strict=True)]
                with tf.GradientTape(persistent=True) as tape, keras.StatelessScope(mapping) as now:
                    # a copy of its own, so that gradients are computed where they arise
                    tape.watch(weights)
                    logits = forward(network, parts[number], training=training)
                tapes[number] = tape, logits
                new[number] = [now.get_current_value(v) for v in others]
                return logits

            results = self._run(one)
            updates.extend(_merged(value) for value in zip(*new.values(), strict=True))

            def pull(*cotangents):
                pieces = [tf.split(c, self.n_devices) for c in cotangents]

                def gradients(number):
                    tape, logits = tapes[number]
                    mine = [piece[number] for piece in pieces]
                    return [
                        densified(gradient)
                        for gradient in tape.gradient(
                            logits, weights, mine, unconnected_gradients="zero"
                        )
                    ]

                return self._sums(gradients)

            return [tf.concat(task, 0) for task in results], pull

        logits = logits_of(*[tf.convert_to_tensor(v) for v in trained])
        if training:
            for variable, value in zip(others, updates, strict=True):
                variable.assign(value)
        return logits

    def _run(self, function) -> list:
        """Call a function of the device's number on each, and gather what it returns."""
        results = self._strategy.run(lambda: function(_number()))
        return [self._strategy.experimental_local_results(value) for value in results]

    def _sums(self, function) -> list:
        """Call a function of the device's number on each, and add up what it returns."""
        values = self._strategy.run(lambda: function(_number()))
        pairs = [(value, self.names[0]) for value in values]
        sums = self._strategy.extended.batch_reduce_to(tf.distribute.ReduceOp.SUM, pairs)
        return [self._strategy.experimental_local_results(value)[0] for value in sums]


PARTS = ("inputs", "slots", "present")


def _number() -> int:
    return int(tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group))


def own_state(value, number):
    """Return what a device starts from: seeds of its own, for its rows are others."""
    if value.dtype.is_integer and value.shape == (2,):
        return value + tf.constant([number * SEED_STEP % 2**31, 0], value.dtype)
    return value


def _merged(values):
    """Return one value for those of all devices: the mean of statistics, the first of seeds."""
    return tf.add_n(values) / len(values) if values[0].dtype.is_floating else values[0]
