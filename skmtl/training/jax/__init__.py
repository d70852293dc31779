"""Training and predicting on JAX."""

from skmtl.training.jax._encode import CompiledEncoder
from skmtl.training.jax._memory import is_on_cpu, is_out_of_memory
from skmtl.training.jax._predictor import Predictor
from skmtl.training.jax._program import Program

__all__ = [
    "CompiledEncoder",
    "Predictor",
    "Program",
    "is_on_cpu",
    "is_out_of_memory",
]
