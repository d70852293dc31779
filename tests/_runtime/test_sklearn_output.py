"""`set_output` of scikit-learn."""

import pytest
from sklearn.preprocessing import StandardScaler

from skmtl._runtime.sklearn_output import output_of


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_what_set_output_sets_is_found(output):
    assert output_of(StandardScaler()) is None
    assert output_of(StandardScaler().set_output(transform=output)) == output
