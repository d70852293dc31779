"""Arguments of a loss of Keras.

Private name: `_fn_kwargs` of a loss. `get_config` of some losses, such as `Huber`, leaves their
arguments out, so that a copy made of it is another loss.
"""

import inspect


def loss_arguments(loss) -> dict:
    """Return the arguments that a loss was constructed with, but for name, reduction and dtype.

    Parameters
    ----------
    loss : keras.losses.Loss
        Of one of Keras' classes.
    """
    known = set(inspect.signature(type(loss).__init__).parameters)
    found = {**getattr(loss, "_fn_kwargs", {}), **loss.get_config()}
    left_out = {"self", "name", "reduction", "dtype"}
    return {key: value for key, value in found.items() if key in known - left_out}
