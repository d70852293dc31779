"""Training and predicting on TensorFlow: the only folder that knows it.

A program holds a network of its own and is reused: `start` loads weights, `run` trains whole epochs
in one call of a compiled function, `values` hands the weights back.
"""

from skmtl.training.tensorflow._encode import CompiledEncoder
from skmtl.training.tensorflow._memory import device_memory, is_out_of_memory, output_bytes
from skmtl.training.tensorflow._predictor import Predictor
from skmtl.training.tensorflow._program import Program

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
