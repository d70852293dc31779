"""Networks whose many small operations are worth fusing."""

import keras

from skmtl._runtime.keras_layers import all_layers

_OF_BATCHES = keras.layers.BatchNormalization  # padding would be in its means
_SLOW = (keras.layers.RNN, keras.layers.Bidirectional, keras.layers.Embedding)


def layers_of(network) -> list:
    """Return every layer of the trained parts, those within others included.

    Parameters
    ----------
    network : Network
        What is trained.
    """
    return [x for part in network.parts for x in all_layers(part)]


def is_dense(network) -> bool:
    """Return whether the trained parts are fully connected layers, dropout and the like.

    On a CPU, XLA slows convolutions and embeddings, and random numbers other than those of plain
    dropout, for which there is another way (docs/decisions.md).

    Parameters
    ----------
    network : Network
        What is trained.
    """
    return not any(
        isinstance(x, _SLOW)
        or (isinstance(x, _OF_BATCHES) and x.trainable)
        or "Conv" in type(x).__name__
        or (_is_random(x) and not isinstance(x, keras.layers.Dropout))
        for x in layers_of(network)
    )


def _is_random(layer) -> bool:
    return any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values())
