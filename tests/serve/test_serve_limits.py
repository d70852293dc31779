"""Limits are positive numbers."""

import pytest

from skmtl.serve import Limits


def test_limits():
    assert Limits(rows=3, seconds=0.5) == Limits(seconds=0.5, rows=3)


@pytest.mark.parametrize("name", ["rows", "pixels", "seconds"])
def test_what_is_no_limit(name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Limits(**{name: 0})
    with pytest.raises(TypeError, match=f"{name} must be"):
        Limits(**{name: "many"})
