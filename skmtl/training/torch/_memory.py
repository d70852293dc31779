"""What the forward pass of a network keeps in memory, seen while it runs."""

import torch
from keras.src.backend.torch.core import get_device
from torch.utils._python_dispatch import TorchDispatchMode

from skmtl.training.torch._rows import on_device


def output_bytes(model, n_rows, *, training) -> list[int]:
    """Return the bytes of what each of a model's operations returns, in their order.

    Parameters
    ----------
    model : keras.Model
        It is run on rows of zeros.
    n_rows : int
        Number of rows of its input.
    training : bool
        Whether in training.

    Returns
    -------
    list of int
        As many, for any number of rows.
    """
    before = [v.value.detach().clone() for v in model.non_trainable_variables]
    inputs = [
        on_device(torch.zeros((n_rows, *x.shape[1:]), dtype=getattr(torch, x.dtype)))
        for x in model.inputs
    ]
    with torch.no_grad(), _Sizes() as seen:
        model(inputs if len(inputs) > 1 else inputs[0], training=training)
    for variable, value in zip(model.non_trainable_variables, before, strict=True):
        variable.assign(value)  # statistics of a batch normalisation, seeds of dropout
    return seen.sizes


def device_memory() -> int | None:
    """Return the bytes of the device that this process may take, None for a CPU."""
    if not get_device().startswith("cuda"):
        return None
    index = torch.device(get_device()).index  # None for the current one
    total = torch.cuda.get_device_properties(index).total_memory
    return int(total * torch.cuda.get_per_process_memory_fraction(index))


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, torch.OutOfMemoryError)


class _Sizes(TorchDispatchMode):
    """The bytes of what every operation returns, views and changes in place left out."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        known = {x.untyped_storage().data_ptr() for x in args if isinstance(x, torch.Tensor)}
        for tensor in out if isinstance(out, tuple | list) else (out,):
            if not isinstance(tensor, torch.Tensor):
                continue
            if tensor.untyped_storage().data_ptr() not in known:
                self.sizes.append(tensor.numel() * tensor.element_size())
        return out
