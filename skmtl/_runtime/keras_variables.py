"""Keras layers built without their variables, and stopped where there are too many of them."""

from contextlib import contextmanager

import keras
import ml_dtypes
import numpy as np
from keras.src.backend.common import global_state

# Keras notes here, for each thread, the variables whose values it has to draw later. There is no
# public way to see a variable before the next one is made, and an architecture of a few bytes may
# ask for any number of them.
_PENDING = "uninitialized_variables"


class TooManyVariablesError(ValueError):
    """An architecture has more variables, or larger ones, than allowed."""


class VariableCount(list):
    """The variables made so far.

    Parameters
    ----------
    max_variables, max_bytes : int
        Bounds on their number and on the sum of their sizes.
    """

    def __init__(self, max_variables, max_bytes):
        super().__init__()
        self.max_variables = max_variables
        self.max_bytes = max_bytes
        self.n_bytes = 0

    def append(self, variable):
        """Count a variable, which has a shape and no value yet."""
        dtype = variable.dtype
        n_values = int(np.prod(variable.shape, dtype=object))
        self.n_bytes += n_values * np.dtype(getattr(ml_dtypes, dtype, dtype)).itemsize
        super().append(variable)
        self.check()

    def check(self):
        """Raise `TooManyVariablesError` beyond the bounds."""
        if len(self) > self.max_variables or self.n_bytes > self.max_bytes:
            raise TooManyVariablesError(
                f"{len(self)} variables of {self.n_bytes} bytes, and perhaps more; at most "
                f"{self.max_variables} of {self.max_bytes} bytes are allowed"
            )


@contextmanager
def variables_counted(max_variables, max_bytes):
    """Build layers whose variables get no values; the layers are good for a look at them only.

    Parameters
    ----------
    max_variables, max_bytes : int
        Bounds on the number of variables and on the sum of their sizes.

    Yields
    ------
    VariableCount

    Raises
    ------
    TooManyVariablesError
        As soon as there are more.
    """
    before = global_state.get_global_attribute(_PENDING) or []
    count = VariableCount(max_variables, max_bytes)
    global_state.set_global_attribute(_PENDING, count)
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield count
        count.check()  # where Keras has swallowed the error
    finally:
        global_state.set_global_attribute(_PENDING, before)
