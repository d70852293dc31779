"""The rows of a batch, and the branches that compute only rows which have their modality."""

import tensorflow as tf


def planned_inputs(arrays, rows, presence) -> dict:
    """Return what the branches compute for some rows of a table.

    Parameters
    ----------
    arrays : dict of str to tensor
        Values and positions of the table by modality. Values without positions are those of the
        planned rows, one after the other: nothing is copied.
    rows : tensor of int, shape (n_rows,)
        Consecutive where there are no positions.
    presence : dict of str to {"all", "some", "any", "masked"}
        By modality: whether all rows of every batch have it, at least one, or any number; "masked":
        any number, and all rows are computed.
    """
    inputs = {}
    for name, known in presence.items():
        values, positions = arrays[f"{name}_values"], arrays.get(f"{name}_positions")
        if positions is None:
            values = values[rows[0] : rows[0] + tf.size(rows)]
        else:
            positions = tf.gather(positions, rows)
        inputs |= modality_inputs(name, values, positions, known)
    return inputs


def modality_inputs(name, values, positions, known) -> dict:
    """Return "<name>_inputs", "<name>_present" and "<name>_known".

    Parameters
    ----------
    name : str
        Modality.
    values : tensor of shape (n_values, ...)
        Of the whole table, or without positions those of these rows, in order.
    positions : tensor of int, shape (n_rows,), or None
        Where each row's value stands, -1 where it is missing.
    known : {"all", "some", "any", "masked"}
        See `planned_inputs`.
    """
    if positions is None:
        present = tf.ones([tf.shape(values)[0]], tf.bool)
    else:
        present = positions >= 0
        is_all = known in ("all", "masked")
        taken = tf.maximum(positions, 0) if is_all else tf.boolean_mask(positions, present)
        values = tf.gather(values, taken)
    return {f"{name}_inputs": values, f"{name}_present": present, f"{name}_known": known}


def branch_vectors(branch, batch, *, training):
    """Return the vector of every row of a batch; zeros where a row lacks the modality."""
    inputs, present, known = (
        batch[f"{branch.modality}_{key}"] for key in ("inputs", "present", "known")
    )
    if known in ("all", "masked"):
        vectors = branch.model(inputs, training=training)
        return vectors if known == "all" else tf.where(present[:, None], vectors, 0)
    places = tf.where(present)
    shape = tf.stack([tf.shape(present)[0], branch.model.output_shape[-1]])

    def compute():
        vectors = branch.model(inputs, training=training)
        return tf.scatter_nd(places, vectors, tf.cast(shape, places.dtype))

    # a condition makes the gradient a function in which oneDNN's kernel for maxima is not found
    if known == "some":
        return compute()
    # an empty batch would turn the statistics of a batch normalisation into NaN
    zeros = tf.zeros(shape, branch.model.compute_dtype)
    return tf.cond(tf.size(places) > 0, compute, lambda: zeros)
