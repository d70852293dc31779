"""The device that TensorFlow computes on, and its memory."""

import tensorflow as tf


def is_on_cpu() -> bool:
    """Return whether Keras computes on a CPU."""
    return not tf.config.list_physical_devices("GPU")


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, tf.errors.ResourceExhaustedError)
