"""The backend that Keras runs on."""

import keras

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        "skmtl trains on TensorFlow; set KERAS_BACKEND=tensorflow before importing keras "
        f"(got {keras.backend.backend()!r})."
    )

from skmtl.training.tensorflow import CompiledEncoder, Predictor, Program, activation_bytes

__all__ = ["CompiledEncoder", "Predictor", "Program", "activation_bytes"]
