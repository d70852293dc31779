"""What the forward pass of a network keeps in memory, read off its graph."""

import ctypes
from contextlib import suppress
from functools import cache

import numpy as np
import tensorflow as tf

# operations whose output is their input under another name, or no activation at all
_FREE = {
    "Const", "ExpandDims", "Identity", "NoOp", "Placeholder", "ReadVariableOp", "Reshape",
    "Shape", "Squeeze", "StopGradient", "StridedSlice", "VarHandleOp",
}  # fmt: skip


def output_bytes(model, n_rows, *, training) -> list[int]:
    """Return the bytes of what each of a model's operations returns, in their order.

    Parameters
    ----------
    model : keras.Model
        It is traced, not run.
    n_rows : int
        Number of rows of its input.
    training : bool
        Whether in training.

    Returns
    -------
    list of int
        As many, for any number of rows.
    """
    inputs = [tf.TensorSpec([n_rows, *x.shape[1:]], x.dtype) for x in model.inputs]
    call = tf.function(
        lambda *x: model(list(x) if len(x) > 1 else x[0], training=training), autograph=False
    )
    sizes = []
    for operation in call.get_concrete_function(*inputs).graph.get_operations():
        if operation.type in _FREE:
            continue
        for tensor in operation.outputs:
            if tensor.shape.is_fully_defined() and tensor.dtype.size:
                sizes.append(int(np.prod(tensor.shape, dtype=np.int64)) * tensor.dtype.size)
    return sizes


@cache
def device_memory() -> int | None:
    """Return the bytes of the device that Keras computes on, None for a CPU."""
    cards = tf.config.list_physical_devices("GPU")
    if not cards:
        return None
    told = [part.memory_limit for card in cards for part in _logical_parts(card)]
    if any(told):
        return min(filter(None, told)) * 2**20
    return _card_bytes()


def _card_bytes() -> int | None:
    """Return the bytes of the first NVIDIA card, used ones included, which TensorFlow hides."""
    with suppress(OSError):  # another maker's card
        driver, card, size = ctypes.CDLL("libcuda.so.1"), ctypes.c_int(), ctypes.c_size_t()
        failed = driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(card), 0)
        if not failed and not driver.cuDeviceTotalMem_v2(ctypes.byref(size), card):
            return size.value
    return None


def _logical_parts(card) -> list:
    """Return what somebody has cut a card into, with limits in MiB."""
    return tf.config.get_logical_device_configuration(card) or []


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, tf.errors.ResourceExhaustedError)
