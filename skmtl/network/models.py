"""Keras models made of the parts of a network, sharing their layers."""

import keras
from keras import ops

from skmtl._runtime.keras_state import building


def as_list(outputs) -> list:
    """Return the outputs of a model as a list, also if there is one alone."""
    return outputs if isinstance(outputs, list) else [outputs]


def compose(network) -> keras.Model:
    """Join encoders, branches and heads into one functional model."""
    inputs, vectors = {}, []
    with building(0):
        of_joint = network.joint.inputs[len(network.branches) :]
        flags = {x.name: keras.Input((1,), name=x.name) for x in of_joint}
        for branch in network.branches:
            if branch.modality not in inputs:
                encoder = network.encoders.get(branch.modality)
                stem = network.stems.get(branch.modality)
                first = stem or (branch if encoder is None else encoder).model
                spec = first.inputs[0]
                x = keras.Input(spec.shape[1:], dtype=spec.dtype, name=branch.modality)
                features = x if encoder is None else encoder.model(x, training=False)
                inputs[branch.modality] = (x, features if stem is None else stem(x))
            x = branch.model(inputs[branch.modality][1])
            if (flag := flags.get(f"has_{branch.modality}")) is not None:
                x = x * ops.cast(flag, x.dtype)  # a row without the column has the vector 0
            # `output` of a nested model is not connected to the inputs of the whole; this layer is
            vectors.append(keras.layers.Identity(name=f"{branch.name}_branch")(x))
        logits = as_list(network.joint([*vectors, *flags.values()]))
        outputs = [
            keras.layers.Identity(dtype="float32", name=f"task_{task}")(
                head.in_units(head.outputs(ops.cast(x, "float32")))
            )
            for task, (head, x) in enumerate(zip(network.heads, logits, strict=False))
        ]
        return keras.Model(
            [*(x for x, _ in inputs.values()), *flags.values()], outputs, name="skmtl"
        )


def vectors_model(network) -> keras.Model:
    """Return the model from the inputs of `joint` to the vectors before the heads.

    Its outputs are the vectors of the branches and, unless the heads read these, the vectors that
    the heads read; zeros where a row has none.
    """
    outputs = list(network.joint.inputs[: len(network.branches)])
    with building(0):
        if not network.has_straight_heads:
            for z, flag in network.head_inputs:
                outputs.append(z if flag is None else z * ops.cast(flag, z.dtype))
        return keras.Model(network.joint.inputs, outputs, name="vectors")
