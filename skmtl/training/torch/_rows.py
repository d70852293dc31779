"""The rows of a batch, as tensors on the device."""

import numpy as np
import torch
from keras import ops


def on_device(array) -> torch.Tensor:
    """Return an array as a tensor on the device that Keras uses."""
    if isinstance(array, np.ndarray) and not array.flags.writeable:
        array = np.array(array)  # a file in memory; PyTorch warns, although nobody writes
    return torch.as_tensor(array).to(ops.zeros(()).device)


def modality_rows(values, positions) -> dict:
    """Return what a branch computes for some rows.

    Parameters
    ----------
    values : tensor of shape (n_values, ...)
        Of the whole table.
    positions : tensor of int, shape (n_rows,)
        Where each row's value stands, -1 where it is missing.

    Returns
    -------
    dict
        "inputs", "slots" and "present", see `TrainStep`.
    """
    present = positions >= 0
    if bool(present.all()):
        return {"inputs": values[positions], "slots": None, "present": present}
    slots = torch.where(present, torch.cumsum(present, 0) - 1, -1)
    return {"inputs": values[positions[present]], "slots": slots, "present": present}
