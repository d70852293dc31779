"""How many rows are computed: filling, for compilers that want few shapes and for equal bits."""

import numpy as np

BLOCK = 48  # rows: whole blocks with 8 as with 16 numbers a register


def bucket(size) -> int:
    """Round up by at most an eighth, so that folds of almost equal size share a compilation."""
    step = max(1, 1 << max(0, int(size - 1).bit_length() - 4)) if size else 1
    return -(-size // step) * step


def doubled(size, first=1) -> int:
    """Round up to `first` times a power of two."""
    while first < size:
        first *= 2
    return first


def filled(array, size) -> np.ndarray:
    """Return an array of `size` rows, the last ones zeros."""
    if len(array) == size:
        return array
    filling = np.zeros((size - len(array), *array.shape[1:]), array.dtype)
    return np.concatenate([array, filling])


def first_size(table) -> int:
    """Return the least number of rows that a prediction computes; all numbers are multiples of it.

    Matrix products on a CPU take rows in blocks, and those left over are added up in another order:
    the last bit of a row then depends on where it stands. Vectors are cheap, so whole blocks of
    them are computed; images and texts are not.
    """
    values = [modality.values for modality in table.modalities.values()]
    return BLOCK if all(x.ndim == 2 and x.dtype.kind == "f" for x in values) else 1


def block_rows(n_rows, first) -> int:
    """Round up to whole blocks of `first_size` rows."""
    return -(-n_rows // first) * first


def is_all_labelled(weights) -> bool:
    """Return whether every row has a label for every task, and there are rows."""
    return bool(len(weights) and (weights > 0).all())
