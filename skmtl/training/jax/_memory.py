"""What the forward pass of a network keeps in memory, read off its graph."""

import math

import jax
import keras

# operations whose output is their input under another name, or that cost nothing where fused
_FREE = {"broadcast_in_dim", "copy", "iota", "reshape", "squeeze", "stop_gradient"}


def activation_bytes(model, *, training) -> tuple[int, int, int]:
    """Return the bytes of the outputs of a model's operations.

    Parameters
    ----------
    model : keras.Model
        It is traced, not run.
    training : bool
        Whether in training.

    Returns
    -------
    tuple of int
        Bytes per row, bytes whatever the number of rows (weights cast to half precision), and bytes
        per row of the largest output.
    """
    one, largest = _traced_bytes(model, 1, training)
    two, _ = _traced_bytes(model, 2, training)
    return two - one, 2 * one - two, largest


def device_memory() -> int | None:
    """Return the bytes of the device that Keras computes on, None for a CPU."""
    device = jax.devices()[0]
    if device.platform == "cpu":
        return None
    return (device.memory_stats() or {}).get("bytes_limit")


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error)


def _traced_bytes(model, n_rows, training) -> tuple[int, int]:
    variables = model.variables

    def call(values, inputs):
        with keras.StatelessScope(zip(variables, values, strict=True)):
            return model(inputs if len(inputs) > 1 else inputs[0], training=training)

    inputs = [jax.ShapeDtypeStruct((n_rows, *x.shape[1:]), x.dtype) for x in model.inputs]
    values = [jax.ShapeDtypeStruct(v.shape, v.dtype) for v in variables]
    sizes = [0, *_output_bytes(jax.make_jaxpr(call)(values, inputs).jaxpr)]
    return sum(sizes), max(sizes)


def _output_bytes(jaxpr):
    for equation in jaxpr.eqns:
        inner = [p for p in equation.params.values() if hasattr(p, "jaxpr") or hasattr(p, "eqns")]
        for part in inner:
            yield from _output_bytes(getattr(part, "jaxpr", part))
        if inner or equation.primitive.name in _FREE:
            continue
        for output in equation.outvars:
            yield math.prod(output.aval.shape) * output.aval.dtype.itemsize
