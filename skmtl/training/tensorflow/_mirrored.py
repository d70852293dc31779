"""A compiled training loop whose batches several devices share."""

import numpy as np
import tensorflow as tf

from skmtl.training.shapes import planned_steps, rows_by_modality
from skmtl.training.step import TrainStep
from skmtl.training.tensorflow._custom_gradient import on_one_replica
from skmtl.training.tensorflow._devices import Devices
from skmtl.training.tensorflow._graph import (
    any_rows_spec,
    compiled,
    densified,
    exact_spec,
    sum_over_batches,
)


class MirroredProgram(TrainStep):
    """A compiled training loop over one architecture, optimizer and strategy, on several devices.

    Parameters
    ----------
    network : Network
        Its variables are the program's own from now on.
    optimizer : keras.optimizers.Optimizer
        Not built yet; the program's own from now on.
    weighting : LossWeighting
        Task losses to weighted losses.
    aggregator : GradientAggregator, GradientMatrixAggregator or None
        Task gradients of the shared variables to one gradient.
    n_devices : int
        Number of devices that share the rows of every batch.

    Raises
    ------
    ValueError
        If TensorFlow sees fewer devices.
    """

    def __init__(self, network, optimizer, weighting, aggregator, n_devices):
        self._devices = Devices(n_devices)
        super().__init__(network, on_one_replica(optimizer), weighting, aggregator)
        self._compiled = {}

    def load(self, table, codes, weights, whole=None) -> dict:
        """Bring a table and its labels to the first device."""
        arrays = {"codes": tf.constant(codes), "weights": tf.constant(weights)}
        for name, modality in table.modalities.items():
            values = modality.values
            if not len(values):  # nothing is taken from it then, but it must have a first row
                values = np.zeros((1, *values.shape[1:]), values.dtype)
            arrays[f"{name}_values"] = tf.constant(values)
        return {"arrays": arrays, **rows_by_modality(table, weights, whole)}

    def _call(self, data, plan, sums, *, training) -> dict:
        sums = {name: tf.constant(value) for name, value in sums.items()}
        steps = {name: tf.constant(value) for name, value in self._steps(data, plan).items()}
        arguments = (data["arrays"], steps, tf.constant(len(plan)), sums)
        key = (training, data["all_labelled"])
        if key not in self._compiled:

            def epoch(arrays, steps, n_steps, sums):
                def one(step):
                    batch = _batch(arrays, {name: value[step] for name, value in steps.items()})
                    return self.train_step(batch, key[1]) if training else self.evaluate_step(batch)

                return sum_over_batches(one, tf.range(n_steps), n_steps, sums)

            arrays, _, *rest = tf.nest.map_structure(exact_spec, arguments)
            arrays = tf.nest.map_structure(any_rows_spec, data["arrays"])
            any_steps = {n: tf.TensorSpec([None, None], x.dtype) for n, x in steps.items()}
            self._compiled[key] = compiled(epoch, (arrays, any_steps, *rest))
        sums = self._compiled[key](*arguments)
        return {name: value.numpy() for name, value in sums.items()}

    def _steps(self, data, plan) -> dict:
        """Return what each batch takes from the arrays, in as many equal parts as devices."""
        n_steps, n_devices = len(plan), self._devices.n_devices
        plan = np.pad(plan, ((0, 0), (0, -plan.shape[1] % n_devices)), constant_values=-1)
        there = plan >= 0
        # filling repeats the batch's own rows: a batch normalisation sees nothing else
        again = np.arange(plan.shape[1])[None, :] % np.maximum(there.sum(axis=1), 1)[:, None]
        rows = np.take_along_axis(np.argsort(~there, axis=1, kind="stable"), again, axis=1)
        rows = np.where(there, plan, np.take_along_axis(plan, rows, axis=1)).astype(np.int32)
        parts = planned_steps(rows.reshape(n_steps * n_devices, -1), data)
        steps = {name: part.reshape(n_steps, -1) for name, part in parts.items()}
        return steps | {"there": there.astype(np.float32)}

    def _forward(self, batch, *, training) -> list:
        return self._devices.forward(self.network, batch, training=training)

    def _vjp(self, function, variables, *inputs):
        tensors = {id(v): v.value for v in variables} | {id(x): x for x in inputs}
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(inputs)
            outputs, other = function(*inputs)

        def pull(cotangents, sources):
            used = [(y, c) for y, c in zip(outputs, cotangents, strict=True) if c is not None]
            found = tape.gradient(
                [y for y, _ in used],
                [tensors[id(source)] for source in sources],
                [tf.cast(c, y.dtype) for y, c in used],
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            return [densified(gradient) for gradient in found]

        return outputs, other, pull

    def _when(self, condition, function):
        def call():
            function()
            return 0

        tf.cond(condition, call, lambda: 0)


def _batch(arrays, step) -> dict:
    """Return a batch; rows that are filling get weight 0 everywhere."""
    batch = {
        "codes": tf.gather(arrays["codes"], step["rows"]),
        "weights": tf.gather(arrays["weights"], step["rows"]) * step["there"][:, None],
        "n_rows": tf.reduce_sum(step["there"]),
    }
    for key in step:
        name, _, kind = key.rpartition("_")
        if kind == "take":
            batch[f"{name}_inputs"] = tf.gather(arrays[f"{name}_values"], step[key])
        elif kind == "slots":
            batch[key] = step[key]
            batch[f"{name}_present"] = step[key] >= 0
    return batch
