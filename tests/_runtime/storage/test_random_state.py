"""States of random generators that no generator has are refused."""

import copy

import numpy as np
import pytest

from skmtl._runtime.storage.random_state import as_random_state, check_pcg64, random_state_values
from skmtl.exceptions import ModelFileError


def test_a_random_state_goes_on_where_it_was():
    state = np.random.RandomState(3)
    state.randn()
    again = as_random_state(random_state_values(state))
    np.testing.assert_array_equal(again.randn(1000), state.randn(1000))


def test_the_state_of_a_fit_is_one():
    check_pcg64(np.random.default_rng(0).bit_generator.state)


WRONG = {
    "none": lambda state: state.clear(),
    "other": lambda state: state.update(bit_generator="MT19937"),
    "negative": lambda state: state["state"].update(state=-1),
    "large": lambda state: state["state"].update(inc=2**128 + 1),
    "even": lambda state: state["state"].update(inc=2),
    "bool": lambda state: state.update(has_uint32=True),
    "text": lambda state: state.update(uinteger="0"),
    "more": lambda state: state.update(x=1),
}


@pytest.mark.parametrize("edit", WRONG.values(), ids=WRONG)
def test_states_of_no_pcg64(edit):
    state = copy.deepcopy(np.random.default_rng(0).bit_generator.state)
    edit(state)
    with pytest.raises(ModelFileError, match="is in no state of PCG64"):
        check_pcg64(state)
