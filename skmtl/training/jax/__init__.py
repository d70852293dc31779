"""Training and predicting on JAX: the only folder that knows it."""

from skmtl.training.jax._encode import CompiledEncoder
from skmtl.training.jax._memory import device_memory, is_out_of_memory, output_bytes
from skmtl.training.jax._predictor import Predictor
from skmtl.training.jax._program import Program

SHARES_THREADS = True  # all calls compute in one pool of threads

__all__ = [
    "SHARES_THREADS",
    "CompiledEncoder",
    "Predictor",
    "Program",
    "device_memory",
    "is_out_of_memory",
    "output_bytes",
]
