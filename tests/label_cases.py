"""Heads of every kind and loss, with targets, and their losses in NumPy."""

import keras
import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax

from skmtl.labels import ClassHead, NumberHead, OrdinalHead, TagHead
from skmtl.labels.keras_losses import as_keras_loss

QUANTILES = (0.1, 0.5, 0.9)


def entropy(z, t, smoothing=0.0):
    shares = np.eye(z.shape[1])[t[:, 0].astype(int)] * (1 - smoothing) + smoothing / z.shape[1]
    return -(shares * log_softmax(z, axis=1)).sum(1)


def focal(z, t):
    p = softmax(z, axis=1)[np.arange(len(z)), t[:, 0].astype(int)]
    return -((1 - p) ** 2) * np.log(p)


def pinball(z, t):
    e, q = t - z, np.array(QUANTILES)
    return np.where(e > 0, q * e, (q - 1) * e).mean(1)


def ordinal(z, t):
    above = z[:, :1] - np.concatenate(
        [np.zeros_like(z[:, :1]), np.log1p(np.exp(z[:, 1:]))], 1
    ).cumsum(1)
    is_above = np.concatenate([np.ones((len(z), 1)), expit(above), np.zeros((len(z), 1))], 1)
    p = is_above[:, :-1] - is_above[:, 1:]
    return -np.log(p[np.arange(len(z)), t[:, 0].astype(int)])


def huber(z, t, delta=1.0):
    e = np.abs(t - z)
    return np.where(e <= delta, e**2 / 2, delta * e - delta**2 / 2).mean(1)


def log_cosh(z, t):
    e = z - t
    return (e + np.log1p(np.exp(-2 * e)) - np.log(2)).mean(1)


# name: head, loss of each row in NumPy, and a loss of Keras for the whole network's outputs
CASES = {
    "class": (ClassHead(4), entropy),
    "smoothed": (ClassHead(4, label_smoothing=0.2), lambda z, t: entropy(z, t, 0.2)),
    "focal": (ClassHead(4, "focal"), focal),
    "keras_class": (ClassHead(4, as_keras_loss("sparse_categorical_crossentropy")), entropy),
    "ordinal": (OrdinalHead(3), ordinal),
    "tags": (TagHead(3), lambda z, t: -(t * log_expit(z) + (1 - t) * log_expit(-z)).mean(1)),
    "squared": (NumberHead(1), lambda z, t: ((z - t) ** 2).mean(1)),
    "absolute": (NumberHead(1, "absolute"), lambda z, t: np.abs(z - t).mean(1)),
    "huber": (NumberHead(1, "huber"), huber),
    "quantile": (NumberHead(3, "quantile", QUANTILES), pinball),
    "keras_name": (NumberHead(1, as_keras_loss("log_cosh")), log_cosh),
    "keras_object": (
        NumberHead(1, as_keras_loss(keras.losses.Huber(delta=0.3))),
        lambda z, t: huber(z, t, 0.3),
    ),
}


def targets_of(head, rng, n_rows):
    """Return random targets of a head."""
    if isinstance(head, NumberHead):
        return rng.normal(size=(n_rows, 1)).astype(np.float32)
    if isinstance(head, TagHead):
        return rng.integers(0, 2, (n_rows, head.n_outputs)).astype(np.float32)
    n_classes = head.n_outputs + isinstance(head, OrdinalHead)
    return rng.integers(0, n_classes, (n_rows, 1)).astype(np.float32)
