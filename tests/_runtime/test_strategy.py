"""Keys of compiled programs follow every parameter of a strategy."""

import numpy as np
import pytest

from skmtl._runtime.strategy import Strategy


class Method(Strategy):
    def __init__(self, *, values=None):
        self.values = values


class Other(Strategy):
    def __init__(self, *, values=None):
        self.values = values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, 1),
        ([1.0], [1.0000000001]),
        (np.array([1.0]), np.array([1.0 + 1e-12])),
        (np.zeros(2000), np.r_[np.zeros(1000), 1, np.zeros(999)]),
        ("a" * 2000, "a" * 1000 + "b" + "a" * 999),
    ],
)
def test_different_parameters_have_different_keys(one, other):
    assert Method(values=one).program_key() != Method(values=other).program_key()
    assert Method(values=one).program_key() == Method(values=one).program_key()


def test_different_classes_have_different_keys():
    assert Method().program_key() != Other().program_key()


def test_a_key_is_hashable():
    assert len({Method(values=[k]).program_key() for k in (1, 2, 1)}) == 2
