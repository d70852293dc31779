"""Losses of Keras, by name or as objects, as texts that can be compared, kept and saved."""

import json

import keras
from keras import ops

from skmtl._runtime.keras_loss_arguments import loss_arguments
from skmtl.exceptions import describe

_OF_BATCHES = ("dice", "tversky")


def as_keras_loss(value) -> str:
    """Return a text that `row_losses` reads.

    Parameters
    ----------
    value : str or keras.losses.Loss
        A name, such as "log_cosh", or an object of a class of `keras.losses`.

    Raises
    ------
    ValueError
        If Keras has no such loss.
    TypeError
        If it is no loss of Keras.
    """
    if isinstance(value, str):
        try:
            value = keras.losses.get(value)
        except ValueError:
            raise ValueError(
                f"task_losses: neither a kind of label nor Keras has the loss {value!r}."
            ) from None
        value = value if isinstance(value, keras.losses.Loss) else value.__name__
    if value in _OF_BATCHES or getattr(value, "axis", 0) is None:
        raise ValueError(
            "task_losses: Dice and Tversky mix the rows of a batch, the unlabelled ones included; "
            "pass an object with axis=-1, such as keras.losses.Dice(axis=-1)."
        )
    if isinstance(value, str):
        return json.dumps({"function": value})
    name, is_loss = type(value).__name__, isinstance(value, keras.losses.Loss)
    is_known = getattr(keras.losses, name, None) is type(value) is not keras.losses.Loss
    if not is_loss or not is_known:
        raise TypeError(
            "task_losses must be names of losses, or objects of the classes in keras.losses; "
            f"got {describe(value)}."
        )
    return json.dumps({"class": name, "config": loss_arguments(value)}, sort_keys=True)


def is_sparse(text) -> bool:
    """Return whether a loss compares codes of classes, and not shares, with the predictions."""
    return "sparse" in text.lower()


def row_losses(text, targets, predictions):
    """Return the loss of each row ``(n_rows,)``.

    Parameters
    ----------
    text : str
        What `as_keras_loss` returned.
    targets, predictions : tensor of shape (n_rows, n)
        What the loss compares; probabilities, not logits, where it is one of classes or tags.
    """
    node = json.loads(text)
    if "function" in node:
        losses = getattr(keras.losses, node["function"])(targets, predictions)
    else:
        losses = loss_of(text).call(targets, predictions)
    return ops.reshape(losses, (-1,))


def loss_of(text) -> keras.losses.Loss:
    """Return the object of a text that `as_keras_loss` made of one."""
    node = json.loads(text)
    return getattr(keras.losses, node["class"])(**node["config"])


def trouble(text) -> str | None:
    """Return what is wrong with a text out of a file, None if nothing is."""
    try:
        node = json.loads(text)
        if "function" in node:
            same = as_keras_loss(node["function"])
        else:
            same = as_keras_loss(loss_of(text))
    except Exception:  # whatever a stranger's text does to Keras
        return "a loss that Keras has not"
    return None if same == text else "a loss that Keras has not"
