"""Outputs of a network for a table, part by part."""

import numpy as np

from skmtl.data.lazy import read_ahead
from skmtl.training.device_memory import in_fitting_parts

PREDICT_ROWS = 480  # whole blocks of 48: see the predictor
# 8 MiB of pixels are 32 MiB of float32: from there on malloc asks the system for fresh memory each
# time, which takes longer than to compute on it
PREDICT_BYTES = 2**23


def predicted(predictor, weights, table, prepare) -> list[np.ndarray]:
    """Return the outputs ``(n_samples, n_outputs)`` of each task, such as probabilities.

    Parameters
    ----------
    predictor : Predictor
        For the architecture.
    weights : list of tensor
        What its `weights` returned.
    table : Table
        Raw input by modality.
    prepare : callable
        From a part of the table to what the predictor takes, in memory.

    Raises
    ------
    DeviceMemoryError
        If the device has no memory for a single row.
    """
    row_bytes = max(1, table.nbytes // max(1, table.n_samples))
    size = min(PREDICT_ROWS, max(1, PREDICT_BYTES // row_bytes))

    def compute(block):
        return _block_parts(predictor, weights, block)

    if table.n_samples <= size:
        parts = compute(prepare(table))
        return parts[0] if len(parts) == 1 else _filled(table.n_samples, parts)
    rows = np.arange(table.n_samples)
    blocks = (table.take(rows[start : start + size]) for start in range(0, len(rows), size))
    # what is read from elsewhere is read while the block before it is computed
    ready = read_ahead(prepare, blocks) if table.is_lazy else map(prepare, blocks)
    return _filled(table.n_samples, (part for block in ready for part in compute(block)))


def _filled(n_samples, parts) -> list[np.ndarray]:
    """Return the outputs of all parts; none is in memory twice, as by a concatenation."""
    outputs, n_done = [], 0
    for part in parts:
        if not outputs:
            outputs = [np.empty((n_samples, *one.shape[1:]), one.dtype) for one in part]
        n_more = len(part[0])
        for whole, one in zip(outputs, part, strict=True):
            whole[n_done : n_done + n_more] = one
        n_done += n_more
    return outputs


def outputs_of(predictor, values, table) -> list[np.ndarray]:
    """Return what a predictor makes of a network's values, for features in place of raw input."""
    return predicted(predictor, predictor.weights(values), table, lambda part: part.read())


def _block_parts(predictor, weights, block) -> list:
    """Return the outputs for a block: at once, where the device has memory for it."""

    def compute(start, stop):
        is_whole = stop - start == block.n_samples
        return predictor(weights, block if is_whole else block.take(np.arange(start, stop)))

    return in_fitting_parts(compute, 0, block.n_samples, "predict")
