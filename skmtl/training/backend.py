"""The backend that Keras runs on."""

import keras

from skmtl._runtime.checks import as_count

_NAME = keras.config.backend()

if _NAME == "tensorflow":
    from skmtl.training.tensorflow import (
        SHARES_THREADS,
        CompiledEncoder,
        Predictor,
        Program,
        device_memory,
        is_out_of_memory,
        output_bytes,
    )
    from skmtl.training.tensorflow import MirroredProgram as SharedProgram
elif _NAME == "jax":
    from skmtl.training.jax import (
        SHARES_THREADS,
        CompiledEncoder,
        Predictor,
        Program,
        device_memory,
        is_out_of_memory,
        output_bytes,
    )

    SharedProgram = Program
elif _NAME == "torch":
    from skmtl.training.torch import (
        SHARES_THREADS,
        CompiledEncoder,
        Predictor,
        Program,
        device_memory,
        is_out_of_memory,
        output_bytes,
    )

    SharedProgram = None  # no program of several devices
else:
    raise ImportError(
        "KERAS_BACKEND must be 'tensorflow', 'jax' or 'torch' to train with skmtl; set it before "
        f"keras is imported (got {_NAME!r})."
    )


def as_devices(n_devices) -> int:
    """Return the parameter `n_devices` as a number, or say what it must be."""
    if n_devices is None:
        return 1
    n_devices = as_count("n_devices", n_devices)
    if n_devices > 1 and SharedProgram is None:
        raise ValueError(
            "n_devices above 1 needs Keras on TensorFlow or JAX (KERAS_BACKEND=tensorflow or jax); "
            f"got {n_devices} with Keras on {_NAME}."
        )
    return n_devices


__all__ = [
    "SHARES_THREADS",
    "CompiledEncoder",
    "Predictor",
    "Program",
    "SharedProgram",
    "as_devices",
    "device_memory",
    "is_out_of_memory",
    "output_bytes",
]
