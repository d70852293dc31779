"""Data sets for examples and tests."""

from skmtl.datasets._emoji import load_emoji
from skmtl.datasets._mnist import fetch_mnist

__all__ = ["fetch_mnist", "load_emoji"]
