"""Data sets for examples and tests."""

from skmtl.datasets._emoji import load_emoji
from skmtl.datasets._hanzi import load_hanzi
from skmtl.datasets._mnist import fetch_mnist
from skmtl.datasets._multi_mnist import make_multi_mnist

__all__ = ["fetch_mnist", "load_emoji", "load_hanzi", "make_multi_mnist"]
