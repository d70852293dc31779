"""Training and predicting on TensorFlow.

A program holds a network and is reused: `start` loads weights, `run` trains whole epochs in one
call of a compiled function, `values` returns the weights.
"""

from skmtl.training.tensorflow._encode import CompiledEncoder
from skmtl.training.tensorflow._memory import is_on_cpu, is_out_of_memory
from skmtl.training.tensorflow._predictor import Predictor
from skmtl.training.tensorflow._program import Program

__all__ = [
    "CompiledEncoder",
    "Predictor",
    "Program",
    "is_on_cpu",
    "is_out_of_memory",
]
