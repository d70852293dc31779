"""States of NumPy's random generators, checked before compiled code trusts them.

NumPy restores any position in the table of the Mersenne Twister, and reads beyond the table on the
next draw.
"""

import numpy as np

from skmtl.exceptions import ModelFileError

_WORDS = 624


def random_state_values(state) -> list:
    """Return what `as_random_state` needs.

    Raises
    ------
    TypeError
        If the generator behind it is no Mersenne Twister.
    """
    values = state.get_state(legacy=False)
    name, inner = values["bit_generator"], values["state"]
    if name != "MT19937":
        raise TypeError(f"a RandomState over {name} cannot be saved; one over MT19937 can")
    return [name, inner["key"], inner["pos"], values["has_gauss"], values["gauss"]]


def as_random_state(values) -> np.random.RandomState:
    """Return the RandomState of what `random_state_values` returned.

    Raises
    ------
    ModelFileError
        If the generator never has such a state.
    """
    if type(values) is not list or len(values) != 5:
        raise ModelFileError("a random_state must have 5 entries")
    kind, words, position, has_gauss, gauss = values
    is_table = isinstance(words, np.ndarray) and words.dtype == np.uint32
    if (
        kind != "MT19937"
        or not is_table
        or words.shape != (_WORDS,)
        # only zeros follow from this table, and drawing a normal number from zeros never ends
        or not (words[1:].any() or words[0] >> 31)
        or type(position) is not int
        or not 0 <= position <= _WORDS
        or type(has_gauss) is not int
        or has_gauss not in (0, 1)
        or type(gauss) is not float
    ):
        raise ModelFileError(
            "a random_state is no state of MT19937: 624 words of 32 bits that are not all 0, a "
            "position from 0 to 624, 0 or 1, and a float"
        )
    state = np.random.RandomState()
    state.set_state((kind, words, position, has_gauss, gauss))
    return state


def check_pcg64(state):
    """Refuse what is no state of NumPy's default bit generator.

    Raises
    ------
    ModelFileError
        If it is none.
    """
    wanted = np.random.PCG64(0).state
    bits = {"state": 128, "inc": 128, "has_uint32": 1, "uinteger": 32}

    def is_right(value, like, name=None):
        if isinstance(like, dict):
            return (
                type(value) is dict
                and value.keys() == like.keys()
                and all(is_right(value[key], like[key], key) for key in like)
            )
        if isinstance(like, str):
            return value == like
        return type(value) is int and 0 <= value < 2 ** bits[name]

    if not is_right(state, wanted) or state["state"]["inc"] % 2 == 0:
        raise ModelFileError("its random generator is in no state of PCG64")
