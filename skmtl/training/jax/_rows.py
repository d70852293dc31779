"""The rows that each step reads, planned before the epoch because compiled shapes are fixed."""

import numpy as np

from skmtl.training.shapes import bucket


def planned_steps(rows, data) -> dict:
    """Return "rows" and, by modality, "<modality>_take" and "<modality>_slots".

    Parameters
    ----------
    rows : ndarray of int32, shape (n_batches, batch_size)
        Rows of the batches, -1 for none.
    data : dict
        With "positions" and "shares" by modality, see `computed_rows`.
    """
    steps = {"rows": rows}
    for name, positions in data["positions"].items():
        take, slots = computed_rows(rows, positions, data["shares"][name])
        steps |= {f"{name}_take": take, f"{name}_slots": slots}
    return steps


def computed_rows(rows, positions, share) -> tuple:
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
    take : ndarray of int32, shape (n_batches, n_computed)
        Positions of the values that are computed.
    slots : ndarray of int32, shape (n_batches, batch_size)
        For each row its place among them, -1 for none.
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
    return np.maximum(take, 0).astype(np.int32), slots.astype(np.int32)
