"""Names for the types in public signatures."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

PathLike: TypeAlias = str | os.PathLike[str]
RandomState: TypeAlias = int | np.random.RandomState | None
Units: TypeAlias = int | Sequence[int] | None
Widths: TypeAlias = Sequence[int]
Weights: TypeAlias = ArrayLike | None
# an option of each column or kind of column
ByColumn: TypeAlias = Mapping[Any, Any]

# a table, an array or a list with an entry per row; frames of other libraries pass as well
Rows: TypeAlias = pd.DataFrame | ArrayLike | Sequence[Any]
# one column of labels per task, or a single column
Labels: TypeAlias = pd.DataFrame | pd.Series | ArrayLike | Sequence[Any]

# in the contracts of strategies; not more precise, because importing Keras takes seconds
Tensor: TypeAlias = Any
Seed: TypeAlias = Any  # a keras.random.SeedGenerator
State: TypeAlias = dict[str, Any]  # arrays by name
Stateful: TypeAlias = tuple[Tensor, State]  # a result and the next state
