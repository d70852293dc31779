"""The device that PyTorch computes on, and its memory."""

import torch
from keras import ops


def is_on_cpu() -> bool:
    """Return whether Keras computes on a CPU."""
    return ops.zeros(()).device.type == "cpu"


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, torch.OutOfMemoryError)
