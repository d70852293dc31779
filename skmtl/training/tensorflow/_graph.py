"""What runs inside a compiled function."""

import tensorflow as tf

from skmtl.training.shapes import filled


def forward(network, batch, presence, *, training, call=None):
    """Return the logits of a batch, one tensor per task.

    A branch computes the rows that have its modality, and no others. Without positions, the values
    are those of all rows, in order.

    Parameters
    ----------
    network : Network
        What to call.
    batch : dict of str to tensor
        Values and positions by modality.
    presence : dict of str to {"all", "some", "any"}
        Which rows of a batch have a modality: all of them, at least one, or any number.
    training : bool
        Whether in training.
    call : callable, default=None
        ``call(part, inputs)`` computes a part of the network; None calls it.

    Returns
    -------
    list of tensor, shape (n_rows, n_classes)
    """
    call = call or (lambda part, inputs: part(inputs, training=training))
    vectors, flags = [], {}
    for branch in network.branches:
        positions = batch.get(f"{branch.modality}_positions")
        values = batch[f"{branch.modality}_values"]
        if positions is None:
            flags[branch.modality] = tf.ones([tf.shape(values)[0], 1])
            vectors.append(call(branch.model, values))
            continue
        flags[branch.modality] = tf.cast(positions >= 0, tf.float32)[:, None]
        if presence[branch.modality] == "all":
            vectors.append(call(branch.model, tf.gather(values, tf.maximum(positions, 0))))
        else:
            is_there = presence[branch.modality] == "some"
            vectors.append(_sparse_branch(branch.model, values, positions, call, is_there))
    inputs = [*vectors, *flags.values()][: len(network.joint.inputs)]
    logits = call(network.joint, inputs)
    return logits if isinstance(logits, list) else [logits]


def _sparse_branch(model, values, positions, call, is_there):
    slots = tf.where(positions >= 0)
    shape = tf.stack([tf.shape(positions)[0], model.output_shape[-1]])

    def compute():
        vectors = call(model, tf.gather(values, tf.gather(positions, slots[:, 0])))
        return tf.scatter_nd(slots, vectors, tf.cast(shape, slots.dtype))

    # a condition makes the gradient a function of its own, where oneDNN's for maxima is not found
    if is_there:
        return compute()
    # an empty batch would turn the statistics of a batch normalisation into NaN
    return tf.cond(tf.size(slots) > 0, compute, lambda: tf.zeros(shape, model.compute_dtype))


def exact_spec(array):
    return tf.TensorSpec(array.shape, array.dtype)


def any_rows_spec(array):
    return tf.TensorSpec([None, *array.shape[1:]] if array.shape.rank else [], array.dtype)


def compiled(function, specs, jit=False):
    """Trace once and for all: a concrete function never traces again."""
    return tf.function(function, jit_compile=jit, autograph=False).get_concrete_function(*specs)


class FlatFunction:
    """A function that is traced once, and called without the checks before every call.

    They take as long as a small network does for one row.

    Parameters
    ----------
    function : callable
        Of nested tensors; returns a list of tensors.
    specs : tuple
        Of its arguments.
    """

    def __init__(self, function, specs):
        self._traced = compiled(function, specs)
        self._constants = self._traced.captured_inputs
        self._dtypes = [output.dtype for output in self._traced.outputs]

    def __call__(self, *arguments) -> list:
        """Return the outputs; arguments, tensors or arrays, must be as the specs say."""
        return tf.raw_ops.StatefulPartitionedCall(
            args=[*tf.nest.flatten(arguments), *self._constants],
            Tout=self._dtypes,
            f=self._traced.inference_fn,
        )


def sum_over_batches(step, plan, n_steps, zeros):
    """Sum what `step` returns over the batches of a plan."""

    def body(position, sums):
        seen = step(plan[position])
        return position + 1, {name: sums[name] + seen[name] for name in sums}

    return tf.while_loop(lambda i, _: i < n_steps, body, (0, zeros), parallel_iterations=1)[1]


def batch_sums(n_rows, total, losses, n_labelled, n_correct) -> dict:
    return {
        "n_rows": n_rows,
        "loss": total * n_rows,
        "losses": losses * n_labelled,
        "n_labelled": n_labelled,
        "n_correct": n_correct,
    }


def gradient(tape, target, sources, scale=None) -> list:
    """Return the gradients; with `scale`, scaled on the way, as half precision needs."""
    sources = [getattr(source, "value", source) for source in sources]
    zero = tf.UnconnectedGradients.ZERO
    grads = tape.gradient(target, sources, scale, unconnected_gradients=zero)
    grads = [densified(grad) for grad in grads]
    return grads if scale is None else [grad / scale for grad in grads]


def densified(grad):
    """Return the gradient of an embedding with a row for every id, added up in their order."""
    if not isinstance(grad, tf.IndexedSlices):
        return grad
    # what TensorFlow would do, a sum by segments, waits for threads that convolutions hold
    shape = tf.cast(grad.dense_shape, grad.indices.dtype)
    return tf.scatter_nd(grad.indices[:, None], grad.values, shape)


def jacobian(tape, outputs, inputs):
    """Return d outputs / d inputs of two short vectors."""
    rows = [
        tape.gradient(outputs, inputs, output_gradients=tf.one_hot(row, outputs.shape[0]))
        for row in range(outputs.shape[0])
    ]
    return tf.stack(rows)


def gather_batch(arrays, rows) -> dict:
    """Return the arrays of a batch; a row of -1 gets weight 0 everywhere.

    Values without positions are those of the planned rows, one after the other: nothing is copied.
    """
    safe = tf.maximum(rows, 0)
    batch = {}
    for name, array in arrays.items():
        if not name.endswith("_values"):
            batch[name] = tf.gather(array, safe)
        elif name.replace("_values", "_positions") in arrays:
            batch[name] = array
        else:
            batch[name] = array[safe[0] : safe[0] + tf.size(safe)]
    batch["weights"] *= tf.cast(rows >= 0, tf.float32)[:, None]
    return batch


def padded(array, size):
    """Return a tensor of `size` rows, the last ones zeros.

    An aligned array lends it its memory, any other one is copied: `tf.constant` would copy first.
    """
    return tf.raw_ops.Identity(input=filled(array, size))
