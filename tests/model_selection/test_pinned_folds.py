"""The same seed gives the same folds in every later version, so that results can be repeated.

Counts of classes are powers of two: distances are exact, and no processor breaks a tie otherwise.
"""

import numpy as np
import pandas as pd
import pytest

from skmtl.model_selection import (
    MultiTaskStratifiedKFold,
    MultiTaskStratifiedShuffleSplit,
    RepeatedMultiTaskStratifiedKFold,
)

RANDOM = np.random.RandomState(0)  # whose numbers NumPy keeps
ROWS = 64
Y = pd.DataFrame({n: RANDOM.permutation(np.arange(ROWS) % n) for n in (2, 4, 8, 16)}, dtype=object)
Y[4] = Y[4].where(Y[4] != 0, None)
GROUPS = RANDOM.randint(0, 20, ROWS)


FOLDS = MultiTaskStratifiedKFold(4)
SHUFFLED = MultiTaskStratifiedKFold(4, shuffle=True, random_state=0)
REPEATED = RepeatedMultiTaskStratifiedKFold(2, n_repeats=2, random_state=3)
TWO_PARTS = MultiTaskStratifiedShuffleSplit(2, test_size=8, random_state=5)
THREE_PARTS = MultiTaskStratifiedShuffleSplit(2, test_size=8, train_size=16, random_state=5)


def parts_of(cv, groups):
    """Return the test parts as hexadecimal digits, four rows each."""
    parts = []
    for _, test in cv.split(Y, Y, groups):
        is_tested = np.isin(np.arange(ROWS), test)
        parts.append(np.packbits(is_tested).tobytes().hex())
    return parts


@pytest.mark.parametrize(
    ("cv", "groups", "expected"),
    [
        (
            FOLDS,
            None,
            ["0407000032ba40d0", "0828d18900008d22", "62d0244004053201", "91000a36c940000c"],
        ),
        (
            FOLDS,
            GROUPS,
            ["3120550430080038", "8a4622200e500804", "04988803008121c3", "400100d8c126d600"],
        ),
        (
            SHUFFLED,
            None,
            ["000a1407408e042a", "04b0295004401285", "3a04408839008910", "c141822082316040"],
        ),
        (
            SHUFFLED,
            GROUPS,
            ["8a4622200e500804", "04988803008121c3", "400100d8c126d600", "3120550430080038"],
        ),
        (
            REPEATED,
            None,
            ["e49ba187c4a37873", "1b645e783b5c878c", "4e782359151c9cbf", "b187dca6eae36340"],
        ),
        (
            REPEATED,
            GROUPS,
            ["31a155dc3126f731", "ce5eaa23ced908ce", "ce5eaa23ced908ce", "31a155dc3126f731"],
        ),
        (TWO_PARTS, None, ["0044004000840205", "8080000001045041"]),
        (TWO_PARTS, GROUPS, ["0040000002980808", "0040000002980808"]),
        (THREE_PARTS, None, ["0048c20800100004", "6080010404020800"]),
        (THREE_PARTS, GROUPS, ["020422000c400004", "020422000c400004"]),
    ],
)
def test_folds_stay_the_same(cv, groups, expected):
    assert parts_of(cv, groups) == expected
