"""The backend that Keras runs on."""

import keras

_NAME = keras.config.backend()

if _NAME == "tensorflow":
    from skmtl.training.tensorflow import CompiledEncoder, Predictor, Program, activation_bytes
elif _NAME == "jax":
    from skmtl.training.jax import CompiledEncoder, Predictor, Program, activation_bytes
elif _NAME == "torch":
    from skmtl.training.torch import CompiledEncoder, Predictor, Program, activation_bytes
else:
    raise ImportError(
        "KERAS_BACKEND must be 'tensorflow', 'jax' or 'torch' to train with skmtl; set it before "
        f"keras is imported (got {_NAME!r})."
    )

__all__ = ["CompiledEncoder", "Predictor", "Program", "activation_bytes"]
