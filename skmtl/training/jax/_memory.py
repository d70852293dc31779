"""The device that JAX computes on, and its memory."""

import jax


def is_on_cpu() -> bool:
    """Return whether Keras computes on a CPU."""
    return jax.default_backend() == "cpu"


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error)
