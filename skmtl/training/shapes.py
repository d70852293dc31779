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


def rows_by_modality(table, weights, whole=None) -> dict:
    """Return positions, presence and label completeness of a table.

    Parameters
    ----------
    table : Table
        All rows, or a part of them.
    weights : ndarray of shape (n_samples, n_tasks)
        Label weights of these rows.
    whole : LabelledTable, optional
        The table that the rows are a part of.

    Returns
    -------
    dict
        "positions" and "shares" by modality, as `planned_steps` takes them, and "all_labelled".
    """
    all_rows, all_weights = (table, weights) if whole is None else (whole.table, whole.weights)
    return {
        "positions": {name: m.positions for name, m in table.modalities.items()},
        "shares": {name: m.present.mean() for name, m in all_rows.modalities.items()},
        "all_labelled": is_all_labelled(all_weights),
    }


def is_all_labelled(weights) -> bool:
    """Return whether every row has a label for every task, and there are rows."""
    return bool(len(weights) and (weights > 0).all())


def planned_steps(rows, data) -> dict:
    """Return the rows and values that each step reads.

    Parameters
    ----------
    rows : ndarray of int32, shape (n_batches, batch_size)
        Rows of the batches, -1 for none.
    data : dict
        With the entries of `rows_by_modality`.

    Returns
    -------
    dict
        "rows", and for each modality "<modality>_take" and "<modality>_slots" of `computed_rows`.
    """
    steps = {"rows": rows}
    for name, positions in data["positions"].items():
        computed = computed_rows(rows, positions, data["shares"][name])
        steps |= {f"{name}_{key}": value for key, value in computed.items()}
    return steps


def computed_rows(rows, positions, share) -> dict:
    """Return the values that the branch of a modality computes in each batch.

    Only rows that have the modality are computed. Batches differ in their number and shapes may
    not, so there is room for a little more than there usually are, and the room that is left
    over computes some of them twice: a batch normalisation then sees no row that is not there.

    Parameters
    ----------
    rows : ndarray of int32, shape (n_batches, batch_size)
        Rows of the batches, -1 for none.
    positions : ndarray of int32, shape (n_samples,)
        Where a row's value stands, -1 where it is missing.
    share : float
        Share of all rows that have the modality.

    Returns
    -------
    dict
        "take", shape (n_batches, n_computed), positions of what is computed; "slots", shape
        (n_batches, batch_size), for each row its place among them, -1 for none.
    """
    batch_size = rows.shape[1]
    wanted = np.where(rows >= 0, positions[np.maximum(rows, 0)], -1)
    present = wanted >= 0
    counts = present.sum(axis=1)
    usual = int(np.ceil(share * batch_size)) + 2
    room = min(bucket(usual), batch_size)
    room = room if counts.max(initial=0) <= room else batch_size
    order = np.argsort(~present, axis=1, kind="stable")
    again = np.arange(room)[None, :] % np.maximum(counts, 1)[:, None]
    take = np.take_along_axis(wanted, np.take_along_axis(order, again, axis=1), axis=1)
    slots = np.where(present, np.cumsum(present, axis=1) - 1, -1)
    return {
        "take": np.maximum(take, 0).astype(np.int32),
        "slots": slots.astype(np.int32),
    }
