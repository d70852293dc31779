"""A compiled training loop that is kept and reused."""

from functools import cached_property

import numpy as np
import tensorflow as tf

from skmtl._runtime.tensorflow_adam import with_kernels
from skmtl.training.forward import forward
from skmtl.training.shapes import bucket, is_all_labelled
from skmtl.training.step import TrainStep
from skmtl.training.tensorflow._dense import for_xla
from skmtl.training.tensorflow._devices import Devices
from skmtl.training.tensorflow._gramian import DenseRecords
from skmtl.training.tensorflow._graph import (
    any_rows_spec,
    compiled,
    densified,
    exact_spec,
    for_each,
    padded,
    sum_over_batches,
)
from skmtl.training.tensorflow._rows import branch_vectors, planned_inputs
from skmtl.training.wide_heads import with_wide_heads


class Program(TrainStep):
    """A training loop that is compiled into one call for an epoch; see `ProgramBase`."""

    def __init__(self, network, optimizer, weighting, aggregator, n_devices=1):
        self._devices = Devices(n_devices) if n_devices > 1 else None
        self._fused = None if self._devices else for_xla(network)
        self.jit = self._fused is not None
        # XLA fuses Keras' operations itself
        optimizer = optimizer if self.jit else with_kernels(optimizer)
        super().__init__(network, optimizer, weighting, aggregator, n_devices)
        self._records = None
        if hasattr(aggregator, "weigh") and not self._devices:
            records = DenseRecords(self._fused or network)
            self._records = records if records.is_complete else None
        self._compiled = {}
        self._tape = None

    @cached_property
    def _computed(self):
        return (
            self._records.network if self._records else with_wide_heads(self._fused or self.network)
        )

    def load(self, table, targets, weights, whole=None) -> dict:
        """Load a table and its labels onto the device."""
        n_rows = bucket(len(targets)) if self.jit else len(targets)
        arrays = {"targets": padded(targets, n_rows), "weights": padded(weights, n_rows)}
        for name, modality in table.modalities.items():
            n_values = bucket(len(modality.values)) if self.jit else len(modality.values)
            arrays[f"{name}_values"] = padded(modality.values, n_values)
            # parts of a large table are read in the order of their plan
            if self.jit or whole is None or not modality.is_in_order:
                arrays[f"{name}_positions"] = padded(modality.positions, n_rows)
        all_rows = (table if whole is None else whole.table).modalities
        sparse = [name for name, modality in all_rows.items() if not modality.is_complete]
        return {
            "arrays": arrays,
            "there": {name: table.modalities[name].present for name in sparse},
            "all_labelled": is_all_labelled(weights if whole is None else whole.weights),
        }

    def _call(self, data, plan, sums, *, training) -> dict:
        n_steps, presence = len(plan), self._presence(data["there"], plan)
        if self.jit:
            plan = np.concatenate([plan, np.repeat(plan[-1:], bucket(n_steps) - n_steps, axis=0)])
        sums = {name: tf.constant(value) for name, value in sums.items()}
        arguments = (data["arrays"], tf.constant(plan), tf.constant(n_steps), sums)
        labelled = data["all_labelled"]
        key = (training, *data["arrays"], *presence.values(), labelled)
        if self.jit:  # XLA compiles for fixed shapes
            key += tuple(tuple(array.shape) for array in tf.nest.flatten(arguments))
        if key not in self._compiled:

            def epoch(arrays, plan, n_steps, sums):
                def one(rows):
                    batch = self._batch(arrays, rows, presence)
                    return (
                        self.train_step(batch, labelled) if training else self.evaluate_step(batch)
                    )

                return sum_over_batches(one, plan, n_steps, sums)

            specs = tf.nest.map_structure(exact_spec, arguments)
            if not self.jit:  # any number of rows, any batch size
                any_rows = tf.nest.map_structure(any_rows_spec, arguments[0])
                specs = (any_rows, tf.TensorSpec([None, None], tf.int32), *specs[2:])
            self._compiled[key] = compiled(epoch, specs, jit=self.jit)
        sums = self._compiled[key](*arguments)
        return {name: value.numpy() for name, value in sums.items()}

    def _presence(self, there, plan) -> dict:
        """Return which rows of the batches of a plan have a modality; see `planned_inputs`."""
        presence = dict.fromkeys((branch.modality for branch in self.network.branches), "all")
        if self.jit:  # shapes are fixed, so a branch computes all rows
            return presence | dict.fromkeys(there, "masked")
        is_row = plan >= 0
        sizes = is_row.sum(axis=1)
        for name, has_it in there.items():
            counts = (has_it[plan] & is_row).sum(axis=1)
            # rows are dealt evenly: with a share of two it will be so in the next epoch as well,
            # and no second program is compiled
            share = counts.sum() / sizes.sum() * sizes.min()
            is_some = counts.min() > 0 and share >= 2 and not self._devices
            presence[name] = "some" if is_some else "any"
        return presence

    def _batch(self, arrays, rows, presence) -> dict:
        """Return a batch; a row of -1 gets weight 0 everywhere."""
        if not self.jit:
            rows = tf.boolean_mask(rows, rows >= 0)  # the last batch is smaller, as in Keras
        is_row, rows = rows >= 0, tf.maximum(rows, 0)
        parts = [rows]
        if self._devices:
            parts = self._devices.split(rows)
            n_rows, rows = tf.size(rows), tf.concat(parts, 0)
            is_row = tf.range(tf.size(rows)) < n_rows
        is_row = tf.cast(is_row, tf.float32)
        return {
            "targets": tf.gather(arrays["targets"], rows),
            "weights": tf.gather(arrays["weights"], rows) * is_row[:, None],
            "n_rows": tf.reduce_sum(is_row),
            "parts": [planned_inputs(arrays, part, presence) for part in parts],
        }

    def _forward(self, batch, *, training) -> list:
        if not self._devices:
            (batch,) = batch["parts"]
            if self._records:
                self._records.clear()
            return forward(self._computed, batch, training=training, branch_vectors=branch_vectors)
        logits, pull = self._devices.forward(self.network, batch["parts"], training=training)
        if self._tape:
            self._tape.watch(logits)
            self._on_devices = logits, pull
        return logits

    def _vjp(self, function, variables, *inputs):
        tensors = {id(v): v.value for v in variables} | {id(x): x for x in inputs}
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(inputs)
            self._tape, self._on_devices = tape, ([], None)
            outputs, other = function(*inputs)
        self._tape, (logits, pull_logits) = None, self._on_devices

        def pull(cotangents, sources, outputs=outputs):
            used = [(y, c) for y, c in zip(outputs, cotangents, strict=True) if c is not None]
            found = tape.gradient(
                [y for y, _ in used],
                [*(tensors.get(id(source), source) for source in sources), *logits],
                [tf.cast(c, y.dtype) for y, c in used],
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            gradients = [densified(gradient) for gradient in found[: len(sources)]]
            more = pull_logits(found[len(sources) :]) if logits else {}
            pairs = zip(sources, gradients, strict=True)
            return [g + more[id(v)] if id(v) in more else g for v, g in pairs]

        return outputs, other, pull

    def _for_each(self, function, rows) -> list:
        return for_each(function, rows)

    def _gramian(self, pull, scale):
        return self._records and self._records.gramian(pull, self.n_tasks, scale)

    def _set(self, variables, values):
        # Keras' `assign` checks and casts, which takes longer than copying a small array
        for variable, value in zip(variables, values, strict=True):
            variable.value.assign(value, read_value=False)

    def _when(self, condition, function):
        def call():
            function()
            return 0

        tf.cond(condition, call, lambda: 0)

    def _update(self, optimizer, gradients, variables):
        # In a replica's context Keras adds gradients up over replicas, by a function with a custom
        # gradient, of which TensorFlow keeps the graph for ever: every dropped program would stay.
        context = tf.distribute.get_replica_context()
        context.merge_call(lambda _: optimizer.apply(gradients, variables))
