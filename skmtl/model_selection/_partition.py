"""From a table of labels to a part for each row."""

import numpy as np

from ._deal import deal_groups, deal_rows, deal_shares, rows_to_parts
from ._units import encode_labels, group_units, row_units


def partition(y, groups, sizes, *, missing_label, rng):
    """Return the part of every row, so that every class of every task is spread evenly.

    Parameters
    ----------
    y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels; a missing one is one more class.
    groups : array-like of shape (n_samples,), optional
        Rows of one group stay together.
    sizes : int or sequence of int
        Number of equal folds, or the sizes of the parts, each above 0.
    missing_label : object, optional
        A label that means *missing*, besides None, NaN and NA.
    rng : RandomState, optional
        Shuffles rows and classes first.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        Part numbers.
    """
    codes = encode_labels(y, missing_label=missing_label)
    order = np.arange(len(codes))
    if rng is not None:
        order = rng.permutation(len(codes))
        # which rows meet depends on the order of the classes too
        codes = np.column_stack([rng.permutation(c.max() + 1)[c] for c in codes.T])
    codes = codes[order]
    equal = isinstance(sizes, int)
    if groups is not None:
        units = group_units(codes, np.asarray(groups)[order])
        n_parts = sizes if equal else len(sizes)
        if len(units.copies) < n_parts:
            raise ValueError(
                f"{n_parts} parts need at least as many groups; got {len(units.copies)}."
            )
        shares = np.full(sizes, 1 / sizes) if equal else np.asarray(sizes) / sum(sizes)
        shuffled = deal_groups(units, shares).argmax(axis=1)[units.of_row]
    else:
        units = row_units(codes)
        parts = deal_rows(units, sizes) if equal else deal_shares(units, sizes)
        shuffled = rows_to_parts(units, parts)
    part = np.empty(len(order), dtype=np.intp)
    part[order] = shuffled
    return rng.permutation(sizes)[part] if equal and rng is not None else part
