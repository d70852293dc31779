"""What the forward pass of a network keeps in memory, read off its graph."""

import math

import jax
import keras

# operations whose output is their input under another name, or that cost nothing where fused
_FREE = {"broadcast_in_dim", "copy", "iota", "reshape", "squeeze", "stop_gradient"}


def output_bytes(model, n_rows, *, training) -> list[int]:
    """Return the bytes of what each of a model's operations returns, in their order.

    Parameters
    ----------
    model : keras.Model
        It is traced, not run.
    n_rows : int
        Number of rows of its input.
    training : bool
        Whether in training.

    Returns
    -------
    list of int
        As many, for any number of rows.
    """
    variables = model.variables

    def call(values, inputs):
        with keras.StatelessScope(zip(variables, values, strict=True)):
            return model(inputs if len(inputs) > 1 else inputs[0], training=training)

    inputs = [jax.ShapeDtypeStruct((n_rows, *x.shape[1:]), x.dtype) for x in model.inputs]
    values = [jax.ShapeDtypeStruct(v.shape, v.dtype) for v in variables]
    return list(_bytes_of(jax.make_jaxpr(call)(values, inputs).jaxpr))


def device_memory() -> int | None:
    """Return the bytes of the device that Keras computes on, None for a CPU."""
    device = jax.devices()[0]
    if device.platform == "cpu":
        return None
    return (device.memory_stats() or {}).get("bytes_limit")


def is_out_of_memory(error) -> bool:
    """Return whether an error says that the device has no memory left."""
    return isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error)


def _bytes_of(jaxpr):
    for equation in jaxpr.eqns:
        inner = [p for p in equation.params.values() if hasattr(p, "jaxpr") or hasattr(p, "eqns")]
        for part in inner:
            yield from _bytes_of(getattr(part, "jaxpr", part))
        if inner or equation.primitive.name in _FREE:
            continue
        for output in equation.outvars:
            yield math.prod(output.aval.shape) * output.aval.dtype.itemsize
