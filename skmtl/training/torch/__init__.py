"""Training and predicting on PyTorch.

Nothing is compiled: a step is so many operations one after another, recorded where that pays, and a
branch computes the rows that have its modality, and no others.
"""

from skmtl.training.torch._memory import is_on_cpu, is_out_of_memory
from skmtl.training.torch._predictor import CompiledEncoder, Predictor
from skmtl.training.torch._program import Program

__all__ = [
    "CompiledEncoder",
    "Predictor",
    "Program",
    "is_on_cpu",
    "is_out_of_memory",
]
