"""Training and predicting on TensorFlow: the only file that knows it.

A program holds a network of its own and is reused: `start` loads weights, `run` trains whole epochs
in one call of a compiled function, `values` hands the weights back.
"""

import numpy as np
import tensorflow as tf
from keras import ops

from skmtl.training.objective import task_losses
from skmtl.training.strategy_state import StrategyState
from skmtl.weighting import StepObservation


class Program:
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
        self.network = network
        self.optimizer = optimizer
        self.weighting = weighting
        self.aggregator = aggregator
        self.n_tasks = len(network.task_layers)
        self._shared = network.shared_variables
        sizes = [int(np.prod(v.shape)) for v in self._shared]
        self.state = StrategyState(weighting, aggregator, self.n_tasks, sum(sizes))
        self._common = self._shared + self.state.common_parameters
        self._own = [
            variables + self.state.task_parameters(task)
            for task, variables in enumerate(network.task_variables)
        ]
        self._trained = self._common + [v for own in self._own for v in own]
        optimizer.build(self._trained)
        self._optimizer_start = [np.asarray(v) for v in optimizer.variables]
        # XLA fuses the many small operations of dense networks, but slows convolutions on a CPU
        self.jit = network.is_dense
        self._compiled = {}

    def start(self, values, weighting, aggregator, *, learning_rate, seed, state=None):
        """Load weights and reset, or restore, everything else.

        Parameters
        ----------
        values : list of array
            One per variable of the network, in its order.
        weighting, aggregator : strategies of this fit
            Of the same program key as the program's own; they say where their states start.
        learning_rate : float or None
            None keeps the optimizer's own (a schedule).
        seed : int
            Seed of random strategies.
        state : list of array, optional
            What `training_state` returned, to go on from there.
        """
        _assign(self.network.variables, values)
        _assign(self.optimizer.variables, self._optimizer_start)
        self.state.reset(weighting, aggregator, seed)
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate
        if state is not None:
            _assign([*self.optimizer.variables, *self.state.variables], state)

    def values(self) -> list:
        """Return the weights, one array per variable of the network."""
        return [np.asarray(variable) for variable in self.network.variables]

    def assign(self, values):
        """Replace the weights, and nothing else."""
        _assign(self.network.variables, values)

    def training_state(self) -> list:
        """Return what `start` needs, beside the weights, to go on exactly from here."""
        variables = [*self.optimizer.variables, *self.state.variables]
        return [np.asarray(variable) for variable in variables]

    def load(self, table, codes, weights) -> dict:
        """Bring a table and its labels to the device, as input of `run` and `evaluate`."""
        n_rows = _bucket(len(codes)) if self.jit else len(codes)
        arrays = {"codes": _padded(codes, n_rows), "weights": _padded(weights, n_rows)}
        for name, modality in table.modalities.items():
            n_values = _bucket(len(modality.values)) if self.jit else len(modality.values)
            arrays[f"{name}_values"] = _padded(modality.values, n_values)
            arrays[f"{name}_positions"] = _padded(modality.positions, n_rows)
        # with XLA shapes are fixed, so a branch computes all rows
        complete = {n: self.jit or m.is_complete for n, m in table.modalities.items()}
        return {
            "arrays": arrays,
            "complete": complete,
            "all_labelled": bool((weights > 0).any(axis=0).all() and (weights > 0).all()),
        }

    def run(self, data, plan) -> dict:
        """Train on batches, and return the sums of what was seen.

        Parameters
        ----------
        data : dict
            What `load` returned.
        plan : ndarray of int32, shape (n_batches, batch_size)
            Rows of the batches, -1 for none.

        Returns
        -------
        dict of str to ndarray
            Sums over the batches, weighted by rows: "n_rows", "loss", "losses", "n_labelled",
            "n_correct", "loss_weights", "n_present"; with an aggregator "gradient_weights",
            "cosines" and "n_pairs".
        """
        return self._call("train", data, plan)

    def evaluate(self, data, plan) -> dict:
        """Return the same sums, those of the strategies excepted, without training."""
        return self._call("evaluate", data, plan)

    def _call(self, mode, data, plan) -> dict:
        n_steps = len(plan)
        if self.jit:
            plan = np.concatenate([plan, np.repeat(plan[-1:], _bucket(n_steps) - n_steps, axis=0)])
        arguments = (data["arrays"], tf.constant(plan), tf.constant(n_steps))
        complete, labelled = data["complete"], data["all_labelled"]
        key = (mode, tuple(sorted(complete.items())), labelled)
        if self.jit:  # XLA compiles for fixed shapes
            key += tuple(tuple(array.shape) for array in tf.nest.flatten(arguments))
        if key not in self._compiled:
            step = self._train_step if mode == "train" else self._evaluate_step

            def epoch(arrays, plan, n_steps):
                def one(rows):
                    return step(arrays, rows, complete, labelled)

                return _loop(one, plan, n_steps, self._zero_sums(mode))

            specs = tf.nest.map_structure(_exact if self.jit else _any_rows, arguments)
            self._compiled[key] = _compiled(epoch, specs, jit=self.jit)
        sums = self._compiled[key](*arguments)
        return {name: value.numpy() for name, value in sums.items()}

    def _zero_sums(self, mode) -> dict:
        n = self.n_tasks
        shapes = {"n_rows": (), "loss": (), "losses": (n,), "n_labelled": (n,), "n_correct": (n,)}
        if mode == "train":
            shapes |= {"loss_weights": (n,), "n_present": (n,)}
            if self.aggregator is not None:
                shapes |= {"gradient_weights": (n,), "cosines": (n, n), "n_pairs": (n, n)}
        return {name: tf.zeros(shape) for name, shape in shapes.items()}

    def _batch(self, arrays, rows):
        if not self.jit:
            rows = tf.boolean_mask(rows, rows >= 0)  # the last batch is smaller, as in Keras
        return _gather(arrays, rows), tf.reduce_sum(tf.cast(rows >= 0, tf.float32))

    def _evaluate_step(self, arrays, rows, complete, _):
        batch, n_rows = self._batch(arrays, rows)
        logits = forward(self.network, batch, complete, training=False)
        losses, n_labelled, n_correct = task_losses(logits, batch["codes"], batch["weights"])
        losses = tf.stack(losses)
        return _sums(n_rows, tf.reduce_sum(losses), losses, n_labelled, n_correct)

    def _train_step(self, arrays, rows, complete, all_labelled):
        batch, n_rows = self._batch(arrays, rows)
        persistent = self.aggregator is not None or self.weighting.needs_gradient_norms
        with tf.GradientTape(persistent=persistent) as tape:
            state = self.state.weighting_tensors()
            logits = forward(self.network, batch, complete, training=True)
            task_loss, n_labelled, n_correct = task_losses(logits, batch["codes"], batch["weights"])
            losses = tf.stack(task_loss)
            present = n_labelled > 0
            visible = self.aggregator.transform_losses(losses) if self.aggregator else losses
            weighted = self.weighting.weigh(visible, present, state, seed=self.state.seed)
            weighted = tf.where(present, weighted, tf.zeros_like(weighted))
            penalty = [loss for part in self.network.parts for loss in part.losses]
            total = tf.reduce_sum(weighted) + (tf.add_n(penalty) if penalty else 0.0)
            objective = self.optimizer.scale_loss(total)
        scale = self.optimizer.scale_loss(tf.ones(()))
        sums = {}
        if self.aggregator is None:
            *gradients, pull = _gradient(tape, objective, [*self._trained, losses])
        else:
            rest = self._trained[len(self._shared) :]
            *gradients, pull = _gradient(tape, objective, [*rest, losses])
            jacobian = _jacobian(tape, weighted, losses)
            shared, sums = self._aggregate(tape, task_loss, jacobian, present, scale)
            gradients = shared + gradients
        norms = None
        if self.weighting.needs_gradient_norms:
            last = self.network.last_shared_variables
            norms = tf.stack([tf.linalg.global_norm(_gradient(tape, x, last)) for x in task_loss])
        self._apply(gradients, present, all_labelled)
        if self.weighting.needs_losses_after:
            logits = forward(self.network, batch, complete, training=True)
            after = tf.stack(task_losses(logits, batch["codes"], batch["weights"])[0])
        else:
            after = None
        if self.state.weighting:
            seen = StepObservation(losses, present, norms, after)
            self.state.assign_weighting(self.weighting.update(dict(state), seen), state, present)
        mask = tf.cast(present, tf.float32)
        sums |= {"loss_weights": pull / scale * mask, "n_present": mask}
        return sums | _sums(n_rows, total, losses, n_labelled, n_correct)

    def _aggregate(self, tape, task_loss, jacobian, present, scale):
        """Return the aggregated gradients of the shared variables, and what to record."""
        rows = []
        for loss in task_loss:
            # one scalar at a time: the backward pass leaves out the heads of the other tasks
            grads = _gradient(tape, loss, self._shared)
            rows.append(tf.concat([tf.reshape(g, [-1]) for g in grads], 0))
        matrix = tf.matmul(jacobian, tf.stack(rows))
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
        sizes = [int(np.prod(v.shape)) for v in self._shared]
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
            self.optimizer.apply(gradients, self._trained)
            return
        # the variables of an absent task, and what the optimizer knows of them, stay as they are
        step = tf.convert_to_tensor(self.optimizer.iterations.value)
        start = len(self._common)
        if self._common:
            self.optimizer.apply(gradients[:start], self._common)
        for task, variables in enumerate(self._own):
            part = gradients[start : start + len(variables)]
            start += len(variables)

            def move(part=part, variables=variables):
                self.optimizer.iterations.assign(step)
                self.optimizer.apply(part, variables)
                return 0

            tf.cond(present[task], move, lambda: 0)
        self.optimizer.iterations.assign(step + 1)


class Predictor:
    """A compiled forward pass over one architecture, for the weights of any estimator.

    Parameters
    ----------
    network : Network
        Gives the architecture; its own weights are not used.
    """

    def __init__(self, network):
        self.network = network
        self._compiled = {}

    def __call__(self, values, table) -> list[np.ndarray]:
        """Return the class probabilities ``(n_samples, n_classes)`` of each task.

        Parameters
        ----------
        values : list
            One array, tensor or variable per variable of the network, in its order.
        table : Table
            Features or raw input by modality.
        """
        complete = {name: m.is_complete for name, m in table.modalities.items()}
        arrays = {}
        for name, modality in table.modalities.items():
            arrays[f"{name}_values"] = tf.convert_to_tensor(modality.values)
            arrays[f"{name}_positions"] = tf.convert_to_tensor(modality.positions)
        values = [tf.convert_to_tensor(getattr(value, "value", value)) for value in values]
        key = tuple(sorted(complete.items()))
        if key not in self._compiled:

            def probabilities(values, arrays):
                return self._probabilities(values, arrays, complete)

            specs = (
                [_exact(value) for value in values],
                {n: _any_rows(a) for n, a in arrays.items()},
            )
            self._compiled[key] = _compiled(probabilities, specs)
        return [task.numpy() for task in self._compiled[key](values, arrays)]

    def _probabilities(self, values, arrays, complete):
        known = {id(v): x for v, x in zip(self.network.variables, values, strict=True)}

        def call(part, inputs):
            trained = [known[id(v)] for v in part.trainable_variables]
            other = [known[id(v)] for v in part.non_trainable_variables]
            return part.stateless_call(trained, other, inputs, training=False)[0]

        logits = forward(self.network, arrays, complete, training=False, call=call)
        return [tf.nn.softmax(tf.cast(z, tf.float32)) for z in logits]


def forward(network, batch, complete, *, training, call=None):
    """Return the logits of a batch, one tensor per task.

    A branch computes the rows that have its modality, and no others.
    """
    call = call or (lambda part, inputs: part(inputs, training=training))
    vectors, flags = [], {}
    for branch in network.branches:
        positions = batch[f"{branch.modality}_positions"]
        values = batch[f"{branch.modality}_values"]
        flags[branch.modality] = tf.cast(positions >= 0, tf.float32)[:, None]
        if complete[branch.modality]:
            vectors.append(call(branch.model, tf.gather(values, tf.maximum(positions, 0))))
        else:
            vectors.append(_sparse_branch(branch.model, values, positions, call))
    inputs = [*vectors, *flags.values()][: len(network.joint.inputs)]
    logits = call(network.joint, inputs)
    return logits if isinstance(logits, list) else [logits]


def _sparse_branch(model, values, positions, call):
    slots = tf.where(positions >= 0)
    shape = tf.stack([tf.shape(positions)[0], model.output_shape[-1]])

    def compute():
        vectors = call(model, tf.gather(values, tf.gather(positions, slots[:, 0])))
        return tf.scatter_nd(slots, vectors, tf.cast(shape, slots.dtype))

    # an empty batch would turn the statistics of a batch normalisation into NaN
    return tf.cond(tf.size(slots) > 0, compute, lambda: tf.zeros(shape, model.compute_dtype))


def _exact(array):
    return tf.TensorSpec(array.shape, array.dtype)


def _any_rows(array):
    return tf.TensorSpec([None, *array.shape[1:]] if array.shape.rank else [], array.dtype)


def _compiled(function, specs, jit=False):
    """Trace once and for all: a concrete function never traces again."""
    return tf.function(function, jit_compile=jit, autograph=False).get_concrete_function(*specs)


def _loop(step, plan, n_steps, zeros):
    """Sum what `step` returns over the batches of a plan."""

    def body(position, sums):
        seen = step(plan[position])
        return position + 1, {name: sums[name] + seen[name] for name in sums}

    return tf.while_loop(lambda i, _: i < n_steps, body, (0, zeros), parallel_iterations=1)[1]


def _sums(n_rows, total, losses, n_labelled, n_correct) -> dict:
    return {
        "n_rows": n_rows,
        "loss": total * n_rows,
        "losses": losses * n_labelled,
        "n_labelled": n_labelled,
        "n_correct": n_correct,
    }


def _gradient(tape, target, sources) -> list:
    sources = [getattr(source, "value", source) for source in sources]
    zero = tf.UnconnectedGradients.ZERO
    grads = tape.gradient(target, sources, unconnected_gradients=zero)
    return [tf.convert_to_tensor(grad) for grad in grads]


def _jacobian(tape, outputs, inputs):
    """Return d outputs / d inputs of two short vectors."""
    rows = [
        tape.gradient(outputs, inputs, output_gradients=tf.one_hot(row, outputs.shape[0]))
        for row in range(outputs.shape[0])
    ]
    return tf.stack(rows)


def _gather(arrays, rows) -> dict:
    """Return the arrays of a batch; a row of -1 gets weight 0 everywhere."""
    safe = tf.maximum(rows, 0)
    batch = {n: a if n.endswith("_values") else tf.gather(a, safe) for n, a in arrays.items()}
    batch["weights"] *= tf.cast(rows >= 0, tf.float32)[:, None]
    return batch


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _bucket(size) -> int:
    """Round up by at most an eighth, so that folds of almost equal size share a compilation."""
    step = max(1, 1 << max(0, int(size - 1).bit_length() - 4)) if size else 1
    return -(-size // step) * step


def _padded(array, size):
    if len(array) == size:
        return tf.constant(array)
    filling = np.zeros((size - len(array), *array.shape[1:]), array.dtype)
    return tf.constant(np.concatenate([array, filling]))
