"""A compiled training loop that is kept and reused."""

import numpy as np
import tensorflow as tf

from skmtl.training.objective import task_losses
from skmtl.training.program_base import ProgramBase
from skmtl.training.shapes import bucket, is_all_labelled
from skmtl.training.tensorflow._adam import with_kernels
from skmtl.training.tensorflow._cpu_layers import with_cpu_layers
from skmtl.training.tensorflow._custom_gradient import on_one_replica
from skmtl.training.tensorflow._dense import for_xla
from skmtl.training.tensorflow._graph import (
    any_rows_spec,
    batch_sums,
    compiled,
    exact_spec,
    forward,
    gather_batch,
    gradient,
    jacobian,
    padded,
    sum_over_batches,
)
from skmtl.weighting import StepObservation


class Program(ProgramBase):
    """A compiled training loop over one architecture, optimizer and strategy.

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
    """

    def __init__(self, network, optimizer, weighting, aggregator):
        fused = for_xla(network)
        self.jit, self._computed = fused is not None, fused or with_cpu_layers(network)
        # XLA fuses Keras' operations itself
        optimizer = optimizer if self.jit else with_kernels(optimizer)
        super().__init__(network, on_one_replica(optimizer), weighting, aggregator)
        self._compiled = {}

    def load(self, table, codes, weights, whole=None) -> dict:
        """Bring a table and its labels to the device."""
        n_rows = bucket(len(codes)) if self.jit else len(codes)
        arrays = {"codes": padded(codes, n_rows), "weights": padded(weights, n_rows)}
        for name, modality in table.modalities.items():
            n_values = bucket(len(modality.values)) if self.jit else len(modality.values)
            arrays[f"{name}_values"] = padded(modality.values, n_values)
            # parts of a large table are read in the order of their plan
            if self.jit or whole is None or not modality.is_in_order:
                arrays[f"{name}_positions"] = padded(modality.positions, n_rows)
        # with XLA shapes are fixed, so a branch computes all rows
        all_rows = (table if whole is None else whole.table).modalities
        sparse = [n for n, m in all_rows.items() if not (self.jit or m.is_complete)]
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
            step = self._train_step if training else self._evaluate_step

            def epoch(arrays, plan, n_steps, sums):
                def one(rows):
                    return step(arrays, rows, presence, labelled)

                return sum_over_batches(one, plan, n_steps, sums)

            specs = tf.nest.map_structure(exact_spec, arguments)
            if not self.jit:  # any number of rows, any batch size
                any_rows = tf.nest.map_structure(any_rows_spec, arguments[0])
                specs = (any_rows, tf.TensorSpec([None, None], tf.int32), *specs[2:])
            self._compiled[key] = compiled(epoch, specs, jit=self.jit)
        sums = self._compiled[key](*arguments)
        return {name: value.numpy() for name, value in sums.items()}

    def _presence(self, there, plan) -> dict:
        """Return which rows of the batches of a plan have a modality; see `forward`."""
        presence = dict.fromkeys((branch.modality for branch in self.network.branches), "all")
        is_row = plan >= 0
        sizes = is_row.sum(axis=1)
        for name, has_it in there.items():
            counts = (has_it[plan] & is_row).sum(axis=1)
            # rows are dealt evenly: with a share of two it will be so in the next epoch as well,
            # and no second program is compiled
            share = counts.sum() / sizes.sum() * sizes.min()
            presence[name] = "some" if counts.min() > 0 and share >= 2 else "any"
        return presence

    def _batch(self, arrays, rows):
        if not self.jit:
            rows = tf.boolean_mask(rows, rows >= 0)  # the last batch is smaller, as in Keras
        return gather_batch(arrays, rows), tf.reduce_sum(tf.cast(rows >= 0, tf.float32))

    def _evaluate_step(self, arrays, rows, presence, _):
        batch, n_rows = self._batch(arrays, rows)
        logits = forward(self._computed, batch, presence, training=False)
        losses, n_labelled, n_correct = task_losses(logits, batch["codes"], batch["weights"])
        losses = tf.stack(losses)
        return batch_sums(n_rows, tf.reduce_sum(losses), losses, n_labelled, n_correct)

    def _train_step(self, arrays, rows, presence, all_labelled):
        batch, n_rows = self._batch(arrays, rows)
        persistent = self.aggregator is not None or self.weighting.needs_gradient_norms
        with tf.GradientTape(persistent=persistent) as tape:
            state = self.state.weighting_tensors()
            logits = forward(self._computed, batch, presence, training=True)
            task_loss, n_labelled, n_correct = task_losses(logits, batch["codes"], batch["weights"])
            losses = tf.stack(task_loss)
            present = n_labelled > 0
            visible = self.aggregator.transform_losses(losses) if self.aggregator else losses
            weighted = self.weighting.weigh(visible, present, state, seed=self.state.seed)
            weighted = tf.where(present, weighted, tf.zeros_like(weighted))
            penalty = [loss for part in self._computed.parts for loss in part.losses]
            total = tf.reduce_sum(weighted) + (tf.add_n(penalty) if penalty else 0.0)
            objective = self.optimizer.scale_loss(total)
        scale = self.optimizer.scale_loss(tf.ones(()))
        sums = {}
        if self.aggregator is None:
            *gradients, pull = gradient(tape, objective, [*self._trained, losses])
        else:
            rest = self._trained[len(self._shared) :]
            *gradients, pull = gradient(tape, objective, [*rest, losses])
            mixing = jacobian(tape, weighted, losses)
            shared, sums = self._aggregate(tape, task_loss, mixing, present, scale)
            gradients = shared + gradients
        norms = None
        if self.weighting.needs_gradient_norms:
            last = self.network.last_shared_variables
            found = [gradient(tape, loss, last, scale) for loss in task_loss]
            norms = tf.stack([tf.linalg.global_norm(task) for task in found])
        self._apply(gradients, present, all_labelled)
        if self.weighting.needs_losses_after:
            logits = forward(self._computed, batch, presence, training=True)
            after = tf.stack(task_losses(logits, batch["codes"], batch["weights"])[0])
        else:
            after = None
        if self.state.weighting:
            seen = StepObservation(losses, present, norms, after)
            self.state.assign_weighting(self.weighting.update(dict(state), seen), state, present)
        mask = tf.cast(present, tf.float32)
        sums |= {"loss_weights": pull / scale * mask, "n_present": mask}
        return sums | batch_sums(n_rows, total, losses, n_labelled, n_correct)

    def _aggregate(self, tape, task_loss, mixing, present, scale):
        """Return the aggregated gradients of the shared variables, and what to record."""
        rows, sizes = [], [int(np.prod(v.shape)) for v in self._shared]
        for loss in task_loss:
            # one scalar at a time: the backward pass leaves out the heads of the other tasks
            grads = gradient(tape, loss, self._shared, scale)
            rows.append(
                tf.concat([tf.reshape(g, [n]) for g, n in zip(grads, sizes, strict=True)], 0)
            )
        matrix = tf.matmul(mixing, tf.stack(rows))
        matrix = tf.where(present[:, None], matrix, tf.zeros_like(matrix))
        gramian = tf.matmul(matrix, matrix, transpose_b=True)
        state = {name: tf.convert_to_tensor(v) for name, v in self.state.aggregator.items()}
        weights = mask = tf.cast(present, tf.float32)
        if hasattr(self.aggregator, "aggregate"):
            combined, new = self.aggregator.aggregate(matrix, present, state, seed=self.state.seed)
        else:
            weights, new = self.aggregator.weigh(gramian, present, state, seed=self.state.seed)
            weights = weights * mask
            combined = tf.linalg.matvec(matrix, weights, transpose_a=True)
        self.state.assign_aggregator(new)
        shared = [
            tf.reshape(part, v.shape) * scale
            for part, v in zip(tf.split(combined, sizes), self._shared, strict=True)
        ]
        norms = tf.sqrt(tf.maximum(tf.linalg.diag_part(gramian), 1e-30))
        pairs = mask[:, None] * mask[None, :]
        cosines = pairs * gramian / (norms[:, None] * norms[None, :])
        return shared, {"gradient_weights": weights, "cosines": cosines, "n_pairs": pairs}

    def _apply(self, gradients, present, all_labelled):
        if all_labelled:
            self._move(gradients, self._trained)
            return
        # the variables of an absent task, and what the optimizer knows of them, stay as they are
        step = tf.convert_to_tensor(self.optimizer.iterations.value)
        start = len(self._common)
        if self._common:
            self._move(gradients[:start], self._common)
        for task, variables in enumerate(self._own):
            part = gradients[start : start + len(variables)]
            start += len(variables)

            def move(part=part, variables=variables):
                self.optimizer.iterations.assign(step)
                self._move(part, variables)
                return 0

            tf.cond(present[task], move, lambda: 0)
        self.optimizer.iterations.assign(step + 1)

    def _move(self, gradients, variables):
        """Apply the optimizer; the steps of pretrained backbones are scaled."""
        scaled = [v for v in variables if id(v) in self._update_scales]
        before = [tf.identity(v.value) for v in scaled]
        self.optimizer.apply(gradients, variables)
        for variable, start in zip(scaled, before, strict=True):
            moved = variable.value - start
            variable.assign(start + self._update_scales[id(variable)] * moved)
