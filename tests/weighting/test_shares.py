"""Equal shares of the tasks present."""

import numpy as np
import pytest

from skmtl.weighting._shares import equal_shares


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ([True], [1]),
        ([True, True], [0.5, 0.5]),
        ([True, False, True, True, True], [0.25, 0, 0.25, 0.25, 0.25]),
        ([False, False], [0, 0]),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_shares_of_the_tasks_present(present, expected, dtype):
    shares = np.asarray(equal_shares(np.array(present), np.zeros(1, dtype)))
    assert shares.tolist() == expected
    assert shares.dtype == dtype
