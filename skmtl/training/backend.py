"""The classes and functions of the backend that Keras runs on."""

import keras

_NAME = keras.config.backend()

if _NAME == "tensorflow":
    from skmtl.training import tensorflow as _backend
elif _NAME == "jax":
    from skmtl.training import jax as _backend
elif _NAME == "torch":
    from skmtl.training import torch as _backend
else:
    raise ImportError(
        "KERAS_BACKEND must be 'tensorflow', 'jax' or 'torch' to train with skmtl; set it before "
        f"keras is imported (got {_NAME!r})."
    )

CompiledEncoder = _backend.CompiledEncoder
Predictor = _backend.Predictor
Program = _backend.Program
is_on_cpu = _backend.is_on_cpu
is_out_of_memory = _backend.is_out_of_memory

__all__ = [
    "CompiledEncoder",
    "Predictor",
    "Program",
    "is_on_cpu",
    "is_out_of_memory",
]
