"""How much memory the training of a network takes, before it is started."""

import math
from dataclasses import dataclass

import keras
import numpy as np

from skmtl._runtime.keras_state import keras_precision
from skmtl.training.backend import output_bytes

__all__ = ["MemoryEstimate"]

GIB = 2**30


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes that a fit takes on the device, part by part.

    Parameters
    ----------
    batch_size : int
        Rows per step.
    weights : int
        Weights, frozen ones included; what is trained is there twice, once in the estimator and
        once in the compiled program.
    gradients : int
        One number per trained weight.
    optimizer : int
        The optimizer's slots.
    activations : int
        What the forward pass keeps for the backward pass, and the largest output once more.

    Examples
    --------
    >>> from skmtl.training.memory import MemoryEstimate
    >>> estimate = MemoryEstimate(32, weights=8, gradients=4, optimizer=8, activations=100)
    >>> estimate.total, estimate.fits(limit=100)
    (120, False)
    """

    batch_size: int
    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """Sum of the parts."""
        return self.weights + self.gradients + self.optimizer + self.activations

    def fits(self, limit=8 * GIB) -> bool:
        """Return whether all of it, and a tenth more for the runtime, is within a limit.

        Parameters
        ----------
        limit : int, default=8 GiB
            Bytes of the device.
        """
        return 1.1 * self.total <= limit

    def __str__(self):
        names = ("weights", "gradients", "optimizer", "activations", "total")
        parts = ", ".join(f"{name} {getattr(self, name) / GIB:.2f}" for name in names)
        return f"GiB at batch size {self.batch_size}: {parts}"


def estimate_memory(network, optimizer):
    """Estimate the peak memory of a fit for any batch size.

    Outputs of all operations are added up, which is what is kept where nothing is fused or
    recomputed; the scratch space of convolutions is not known to it.

    Parameters
    ----------
    network : Network
        Built.
    optimizer : keras.optimizers.Optimizer
        Not built.

    Returns
    -------
    callable
        ``estimate(batch_size)`` returns a `MemoryEstimate`.
    """
    trained = sum(_bytes(v) for v in network.trainable_variables)
    kept = sum(_bytes(v) for v in network.variables)
    frozen = sum(_bytes(v) for v in network.all_variables) - kept
    slots = trained * _n_slots(optimizer)
    parts = [_activation_bytes(part, training=True) for part in network.parts]
    encoders = network.encoders.values()
    encoding = [_activation_bytes(encoder.model, training=False) for encoder in encoders]

    def estimate(batch_size) -> MemoryEstimate:
        activations = sum((row + largest) * batch_size + fixed for row, fixed, largest in parts)
        for _, fixed, largest in encoding:  # one batch at a time, nothing is kept
            activations = max(activations, 2 * largest * batch_size + fixed)
        return MemoryEstimate(batch_size, frozen + 2 * kept, trained, slots, activations)

    return estimate


def _activation_bytes(model, *, training) -> tuple[int, int, int]:
    """Return bytes per row, bytes whatever the number of rows, and those of a row's largest output.

    Weights cast to half precision are outputs too, of no row.
    """
    # not one row: PyTorch makes fewer copies of what has an axis of length one
    two, three = (output_bytes(model, n_rows, training=training) for n_rows in (2, 3))
    grown = [more - fewer for fewer, more in zip(two, three, strict=True)]
    return sum(grown), sum(two) - 2 * sum(grown), max(grown, default=0)


def _bytes(variable) -> int:
    return math.prod(variable.shape) * np.dtype(variable.dtype).itemsize


def _n_slots(optimizer) -> int:
    """Count the variables that the optimizer keeps per weight, on a weight of its own."""
    with keras_precision("float32"):
        weight = keras.Variable([[0.0, 0.0], [0.0, 0.0]])
    optimizer.build([weight])
    return sum(tuple(v.shape) == (2, 2) for v in optimizer.variables)
