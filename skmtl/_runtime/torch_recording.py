"""What a function does to tensors, recorded once and done again without Python in between.

Private: `torch.fx.experimental` holds what `torch.compile` and `torch.export` are built of. A layer
of Keras takes ten times as long in Python as in PyTorch where tensors are small; a recording has
the operations of PyTorch alone, backward passes and assignments included (docs/backends.md).
"""

import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode


class _NoReads(TorchDispatchMode):
    """Refuses to hand the value of a tensor to Python: a recording would keep it for ever."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError("the value of a tensor is read")
        return func(*args, **(kwargs or {}))


def record(function, tensors):
    """Record what a function does.

    The function is called; what it assigns meanwhile is to be thrown away, since PyTorch computes
    some assignments twice.

    Parameters
    ----------
    function : callable
        From a dict of tensors to a dict of tensors. It may read and assign other tensors, which the
        recording will read and assign as they are then.
    tensors : dict of str to tensor
        The argument.

    Returns
    -------
    callable
        Does the same as the function, for tensors of the same names, shapes and dtypes.

    Raises
    ------
    Exception
        Of any kind, where something cannot be recorded.
    """
    names = list(tensors)

    def flat(*values):
        return function(dict(zip(names, values, strict=True)))

    with _NoReads():
        module = make_fx(flat)(*tensors.values())

    def again(tensors):
        with torch.no_grad():
            return module.forward(*(tensors[name] for name in names))

    return again


@torch.no_grad()
def only_where(condition, function, tensors):
    """Call a function, and undo what it assigned to some tensors where a condition does not hold.

    Parameters
    ----------
    condition : tensor of bool, shape ()
        Its value is not looked at, so that this can be recorded.
    function : callable
        Takes nothing.
    tensors : list of tensor
        What the function may assign.
    """
    before = [(tensor, tensor._version, tensor.clone()) for tensor in tensors]
    function()
    for tensor, version, copy in before:
        if tensor._version != version:
            tensor.copy_(torch.where(condition, tensor, copy))
