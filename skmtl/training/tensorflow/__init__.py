"""Training and predicting on TensorFlow: the only folder that knows it.

A program holds a network of its own and is reused: `start` loads weights, `run` trains whole epochs
in one call of a compiled function, `values` hands the weights back.
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
