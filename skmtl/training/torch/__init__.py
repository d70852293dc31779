"""Training and predicting on PyTorch: the only folder that knows it.

Nothing is compiled: a step is so many operations one after another, and a branch computes the rows
that have its modality, and no others.
"""

from skmtl.training.torch._memory import device_memory, is_out_of_memory, output_bytes
from skmtl.training.torch._predictor import CompiledEncoder, Predictor
from skmtl.training.torch._program import Program

SHARES_THREADS = False  # each calling thread has threads of its own beside it

__all__ = [
    "SHARES_THREADS",
    "CompiledEncoder",
    "Predictor",
    "Program",
    "device_memory",
    "is_out_of_memory",
    "output_bytes",
]
