"""The training step, written once for all backends in operations of Keras."""

from abc import ABC, abstractmethod
from functools import cached_property
from itertools import pairwise

import keras
import numpy as np
from keras import ops

from skmtl.training.forward import forward
from skmtl.training.objective import MOST_APART, task_losses
from skmtl.training.program_base import ProgramBase
from skmtl.training.wide_heads import with_wide_heads
from skmtl.weighting import StepObservation


class TrainStep(ProgramBase, ABC):
    """A program with the step of all backends; a subclass says how to differentiate.

    A batch is a dict: "targets" and "weights" of its rows; "n_rows", the number of rows that are
    not padding; and for every modality "<modality>_inputs" (the values that its branches read),
    "<modality>_slots" (for each row its position among them, -1 for none; None if row i is at
    position i) and "<modality>_present" (whether the row has it).
    """

    @cached_property
    def _computed(self):
        """The network whose layers are called; it has the same variables as `network`."""
        return with_wide_heads(self.network)

    @abstractmethod
    def _vjp(self, function, variables, *inputs):
        """Call a function, and return how to differentiate it.

        Parameters
        ----------
        function : callable
            Takes `inputs`; may read and assign other variables. Returns a list of tensors
            to differentiate, and any other object.
        variables : list of keras.Variable
            Differentiated with respect to; the function must not assign them.
        *inputs : tensor
            Arguments of the function, differentiated with respect to.

        Returns
        -------
        outputs : list of tensor
        other : object
            The other object that the function returned.
        pull : callable
            ``pull(cotangents, sources)``, with None for a cotangent of 0, returns the gradients of
            the sum of outputs times cotangents with respect to some of `variables` and `inputs`.
        """

    def _for_each(self, function, rows) -> list:
        """Return the tensors that a function returns for each row of a matrix, stacked."""
        found = [function(row) for row in ops.unstack(rows)]
        return [ops.stack(each) for each in zip(*found, strict=True)]

    def _gramian(self, pull, scale):
        """Return the products of all pairs of task gradients, None if they are not known sooner."""

    @abstractmethod
    def _when(self, condition, function):
        """Call a function that only assigns variables if a condition holds."""

    def _update(self, optimizer, gradients, variables):
        """Take one step of an optimizer without a loss scale."""
        optimizer.apply(gradients, variables)

    def _forward(self, batch, *, training) -> list:
        return forward(self._computed, batch, training=training)

    def _losses(self, logits, batch):
        return task_losses(
            self.network.heads,
            logits,
            batch["targets"],
            batch["weights"],
            by_root=self.weighting.takes_roots,
        )

    def evaluate_step(self, batch) -> dict:
        """Return what a batch adds to the sums of `evaluate`."""
        logits = self._forward(batch, training=False)[: self.n_tasks]
        losses, n_labelled, statistics = self._losses(logits, batch)
        losses = ops.stack(losses)
        return _batch_sums(batch["n_rows"], ops.sum(losses), losses, n_labelled, statistics)

    def train_step(self, batch, all_labelled) -> dict:
        """Train on a batch, and return what it adds to the sums of `run`.

        Parameters
        ----------
        batch : dict
            See the class.
        all_labelled : bool
            Whether no label is missing in any batch.
        """

        def network_losses():
            logits = self._forward(batch, training=True)
            losses, n_labelled, statistics = self._losses(logits, batch)
            penalty = [loss for part in self._computed.parts for loss in part.losses]
            total = ops.sum(ops.stack(penalty)) if penalty else ops.zeros(())
            return [*losses, total], (n_labelled, statistics, bool(penalty))

        weights = self.network.trainable_variables
        outputs, (n_labelled, statistics, is_penalised), pull = self._vjp(network_losses, weights)
        *task_loss, penalty = outputs
        losses, present = ops.stack(task_loss), n_labelled > 0
        state = self.state.weighting_tensors()

        def weigh(losses):
            visible = self.aggregator.transform_losses(losses) if self.aggregator else losses
            now = self.state.weighting_tensors()  # read here, so that their gradients are known
            weighted = self.weighting.weigh(visible, present, now, seed=self.state.seed)
            return [ops.where(present, weighted, ops.zeros_like(weighted))], None

        (weighted,), _, pull_weighted = self._vjp(weigh, self.state.learned, losses)
        scale = ops.cast(self.optimizer.scale_loss(ops.ones(())), "float32")
        gradients = pull_weighted([ops.ones_like(weighted)], [*self.state.learned, losses])
        *learned, slopes = gradients
        gradients = {id(v): g * scale for v, g in zip(self.state.learned, learned, strict=True)}
        sums = {}
        cotangents = [*ops.unstack(slopes * scale, self.n_tasks), scale]
        if self.aggregator is None:
            rest = weights
        else:
            mixing = self._mixing(pull_weighted, weighted, losses)
            shared, sums = self._aggregate(pull, mixing, present, scale)
            if is_penalised:
                of_penalty = pull([None] * self.n_tasks + [scale], self._shared)
                shared = [g + more for g, more in zip(shared, of_penalty, strict=True)]
            gradients |= {id(v): g for v, g in zip(self._shared, shared, strict=True)}
            rest = [v for v in weights if id(v) not in gradients]
        gradients |= {id(v): g for v, g in zip(rest, pull(cotangents, rest), strict=True)}
        norms = self._gradient_norms(pull, scale) if self.weighting.needs_gradient_norms else None
        self._apply([gradients[id(v)] for v in self._trained], present, all_labelled)
        after = None
        if self.weighting.needs_losses_after:
            logits = self._forward(batch, training=True)
            after = ops.stack(self._losses(logits, batch)[0])
        if self.state.weighting:
            seen = StepObservation(losses, present, norms, after)
            self.state.assign_weighting(self.weighting.update(dict(state), seen), state, present)
        mask = ops.cast(present, "float32")
        sums |= {"loss_weights": slopes * mask, "n_present": mask}
        total = ops.sum(weighted) + penalty
        return sums | _batch_sums(batch["n_rows"], total, losses, n_labelled, statistics)

    def _mixing(self, pull_weighted, weighted, losses):
        """Return d weighted losses / d losses."""
        rows = ops.eye(self.n_tasks, dtype=weighted.dtype)
        return self._for_each(lambda row: pull_weighted([row], [losses]), rows)[0]

    def _gradient_norms(self, pull, scale):
        last = self.network.last_shared_variables
        return ops.sqrt(ops.sum(self._task_gradients(pull, scale, last) ** 2, axis=1))

    def _task_gradients(self, pull, scale, variables, mixing=None):
        """Return the gradients of the task losses, a row each; half precision needs `scale`.

        With `mixing`, they are those of the weighted losses.
        """
        if self.n_tasks > MOST_APART:
            rows = ops.eye(self.n_tasks) if mixing is None else mixing
            rows = ops.pad(rows, ((0, 0), (0, 1))) * scale
            each = self._for_each(lambda row: pull(ops.unstack(row), variables), rows)
            flat = [ops.reshape(g, (self.n_tasks, -1)) for g in each]
            return ops.concatenate(flat, axis=1) / scale
        rows = []
        for task in range(self.n_tasks):
            cotangents = [scale if i == task else None for i in range(self.n_tasks + 1)]
            gradients = pull(cotangents, variables)
            rows.append(ops.concatenate([ops.reshape(g, (-1,)) for g in gradients]))
        matrix = ops.stack(rows) / scale
        return matrix if mixing is None else ops.matmul(mixing, matrix)

    def _aggregate(self, pull, mixing, present, scale):
        """Return the aggregated gradients of the shared variables, and what to record."""
        # a task of weight 0 has no gradient, with which the smallest improvement would always be 0
        present = ops.logical_and(present, ops.any(mixing != 0, axis=1))
        weights = mask = ops.cast(present, "float32")
        pairs = mask[:, None] * mask[None, :]
        needs_matrix, matrix = hasattr(self.aggregator, "aggregate"), None
        gramian = None if needs_matrix else self._gramian(pull, scale)
        if gramian is None:
            matrix = self._task_gradients(pull, scale, self._shared, mixing)
            matrix = ops.where(present[:, None], matrix, ops.zeros_like(matrix))
            gramian = ops.matmul(matrix, ops.transpose(matrix))
        else:
            gramian = ops.matmul(ops.matmul(mixing, gramian), ops.transpose(mixing))
            gramian = ops.where(pairs > 0, gramian, ops.zeros_like(gramian))
        state = {name: ops.copy(v) for name, v in self.state.aggregator.items()}
        if needs_matrix:
            combined, new = self.aggregator.aggregate(matrix, present, state, seed=self.state.seed)
        else:
            weights, new = self.aggregator.weigh(gramian, present, state, seed=self.state.seed)
            weights = weights * mask
        self.state.assign_aggregator(new)
        if matrix is None:
            slopes = ops.matmul(weights[None], mixing)[0] * scale
            shared = pull([*ops.unstack(slopes, self.n_tasks), None], self._shared)
        else:
            if not needs_matrix:
                combined = ops.matmul(weights[None], matrix)[0]
            shared = _cut(combined * scale, self._shared)
        norms = ops.sqrt(ops.maximum(ops.diagonal(gramian), 1e-30))
        cosines = pairs * gramian / (norms[:, None] * norms[None, :])
        return shared, {"gradient_weights": weights, "cosines": cosines, "n_pairs": pairs}

    def _apply(self, gradients, present, all_labelled):
        if all_labelled:
            self._move(gradients, self._trained)
            return
        # the variables of an absent task, and their optimizer slots, stay as they are
        step = ops.copy(self.optimizer.iterations)
        start = len(self._common)
        if self._common:
            self._move(gradients[:start], self._common)
        for task, variables in enumerate(self._own):
            part = gradients[start : start + len(variables)]
            start += len(variables)

            def move(part=part, variables=variables):
                self.optimizer.iterations.assign(step)
                self._move(part, variables)

            self._when(present[task], move)
        self.optimizer.iterations.assign(step + 1)

    def _move(self, gradients, variables):
        """Apply the optimizer; the steps of pretrained backbones are scaled."""
        scaled = [v for v in variables if id(v) in self._update_scales]
        before = [ops.copy(v) for v in scaled]
        if isinstance(self.optimizer, keras.optimizers.LossScaleOptimizer):
            self._update_scaled(gradients, variables)
        else:
            self._update(self.optimizer, gradients, variables)
        for variable, start in zip(scaled, before, strict=True):
            moved = variable.value - start
            variable.assign(start + self._update_scales[id(variable)] * moved)

    def _update_scaled(self, gradients, variables):
        """Do what LossScaleOptimizer does; on JAX, Keras' own needs all variables at once."""
        optimizer = self.optimizer
        finite, scale = optimizer.check_finite(gradients), ops.copy(optimizer.dynamic_scale)
        unscaled = [gradient / scale for gradient in gradients]
        self._when(finite, lambda: self._update(optimizer.inner_optimizer, unscaled, variables))
        count = optimizer.step_counter + 1
        grows = ops.equal(count, optimizer.dynamic_growth_steps)
        is_counted = ops.logical_and(finite, ops.logical_not(grows))
        optimizer.step_counter.assign(ops.where(is_counted, count, 0))
        factor = ops.where(finite, ops.where(grows, 2.0, 1.0), 0.5)
        optimizer.dynamic_scale.assign(scale * factor)


def _cut(gradient, variables) -> list:
    """Return the parts of a gradient that belong to each variable, in the variables' shapes."""
    stops = np.cumsum([0] + [int(np.prod(v.shape)) for v in variables])
    places = zip(pairwise(stops), variables, strict=True)
    return [ops.reshape(gradient[start:stop], v.shape) for (start, stop), v in places]


def _batch_sums(n_rows, total, losses, n_labelled, statistics) -> dict:
    return {
        "n_rows": n_rows,
        "loss": total * n_rows,
        "losses": losses * n_labelled,
        "n_labelled": n_labelled,
        "statistics": statistics,
    }
