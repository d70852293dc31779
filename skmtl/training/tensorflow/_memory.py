"""What the forward pass of a network keeps in memory, read off its graph."""

import numpy as np
import tensorflow as tf
from tensorflow.python.client import device_lib

# operations whose output is their input under another name, or no activation at all
_FREE = {
    "Const", "ExpandDims", "Identity", "NoOp", "Placeholder", "ReadVariableOp", "Reshape",
    "Shape", "Squeeze", "StopGradient", "StridedSlice", "VarHandleOp",
}  # fmt: skip


def activation_bytes(model, *, training) -> tuple[int, int, int]:
    """Return the bytes of the outputs of a model's operations.

    Parameters
    ----------
    model : keras.Model
        It is traced, not run.
    training : bool
        Whether in training.

    Returns
    -------
    tuple of int
        Bytes per row, bytes whatever the number of rows (weights cast to half precision), and bytes
        per row of the largest output.
    """
    one, largest = _traced_bytes(model, 1, training)
    two, _ = _traced_bytes(model, 2, training)
    return two - one, 2 * one - two, largest


def device_memory() -> int | None:
    """Return the bytes of the device that Keras computes on, None for a CPU."""
    if not tf.config.list_physical_devices("GPU"):
        return None
    sizes = [d.memory_limit for d in device_lib.list_local_devices() if d.device_type == "GPU"]
    return min(sizes, default=None)


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, tf.errors.ResourceExhaustedError)


def _traced_bytes(model, n_rows, training) -> tuple[int, int]:
    inputs = [tf.TensorSpec([n_rows, *x.shape[1:]], x.dtype) for x in model.inputs]
    call = tf.function(
        lambda *x: model(list(x) if len(x) > 1 else x[0], training=training), autograph=False
    )
    sizes = [0]
    for operation in call.get_concrete_function(*inputs).graph.get_operations():
        if operation.type in _FREE:
            continue
        for tensor in operation.outputs:
            if tensor.shape.is_fully_defined() and tensor.dtype.size:
                sizes.append(int(np.prod(tensor.shape, dtype=np.int64)) * tensor.dtype.size)
    return sum(sizes), max(sizes)
