"""What a network computes for a batch, in operations of Keras."""

from keras import ops

from skmtl.network.models import as_list


def branch_vectors(branch, batch, *, training):
    """Return the vector of every row of a batch; zeros where a row lacks the modality."""
    inputs, slots = batch[f"{branch.modality}_inputs"], batch[f"{branch.modality}_slots"]
    if slots is None:
        return branch.model(inputs, training=training)
    if inputs.shape[0] == 0:
        # an empty batch would turn the statistics of a batch normalisation into NaN
        width = branch.model.output_shape[-1]
        return ops.zeros((slots.shape[0], width), branch.model.compute_dtype)
    vectors = branch.model(inputs, training=training)
    taken = ops.take(vectors, ops.maximum(slots, 0), axis=0)
    return ops.where(slots[:, None] >= 0, taken, ops.zeros_like(taken))


def forward(network, batch, *, training, branch_vectors=branch_vectors, last=None) -> list:
    """Return the outputs of `Network.joint` for a batch: first the logits, one tensor per task.

    Parameters
    ----------
    network : Network
        Its layers are called.
    batch : dict
        See `TrainStep`; "targets", "weights" and "n_rows" are not needed.
    training : bool
        Whether in training.
    branch_vectors : callable
        ``branch_vectors(branch, batch, training=training)`` computes a branch.
    last : keras.Model, optional
        What takes the vectors in place of `Network.joint`.
    """
    last = network.joint if last is None else last
    for modality, stem in network.stems.items():
        name = f"{modality}_inputs"
        batch = batch | {name: stem(batch[name], training=training)}
    vectors, flags = [], {}
    for branch in network.branches:
        flags[branch.modality] = ops.cast(batch[f"{branch.modality}_present"], "float32")[:, None]
        vectors.append(branch_vectors(branch, batch, training=training))
    inputs = [*vectors, *flags.values()][: len(last.inputs)]
    return as_list(last(inputs, training=training))
