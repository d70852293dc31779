"""Tables that programs read: a whole table on the device, or one part after another."""

from dataclasses import replace

import numpy as np

from skmtl.data.lazy import RESIDENT_BYTES, read_ahead, rows_per_chunk


def on_device(program, rows):
    """Return the input of a program's `run` and `evaluate` for any plan.

    Parameters
    ----------
    program : Program
        Loads and computes the rows.
    rows : LabelledTable
        A small table is read now, a large one again in every epoch.

    Returns
    -------
    WholeTable or ChunkedTable
        Both have ``parts(plan)``, which yields data and plan of one call after the other.
    """
    if rows.table.nbytes > RESIDENT_BYTES:
        return ChunkedTable(program, rows)
    return WholeTable(program, replace(rows, table=rows.table.read()))


def evaluate(program, data, plan) -> dict:
    """Return the sums of `Program.evaluate` over all parts of a table."""
    sums = None
    for part, steps in data.parts(plan):
        sums = program.evaluate(part, steps, sums)
    return sums


class WholeTable:
    """A table that is on the device.

    Parameters
    ----------
    program : Program
        Loads and computes the rows.
    rows : LabelledTable
        In memory.
    """

    def __init__(self, program, rows):
        self.data = program.load(rows.table, rows.targets, rows.weights)

    def parts(self, plan):
        """Yield the data and the whole plan."""
        yield self.data, plan


class ChunkedTable:
    """A table of which some batches at a time are in memory.

    While the program runs these, a thread reads the next ones. Batches are those of the plan, in
    its order, so what is learned does not depend on the chunks.

    Parameters
    ----------
    program : Program
        Loads and computes the rows.
    rows : LabelledTable
        Labelled rows of a large table.
    """

    def __init__(self, program, rows):
        self.program = program
        self.rows = rows
        self.row_bytes = max(1, rows.table.nbytes // rows.table.n_samples)

    def parts(self, plan):
        """Yield chunk after chunk with the part of the plan that it is for."""
        size = rows_per_chunk(self.row_bytes, plan.shape[1]) // plan.shape[1]
        pieces = [plan[start : start + size] for start in range(0, len(plan), size)]
        for piece, chunk in zip(pieces, read_ahead(self._read, pieces), strict=True):
            data = self.program.load(chunk.table, chunk.targets, chunk.weights, whole=self.rows)
            places = np.full_like(piece, -1)
            places[piece >= 0] = np.arange(len(chunk.targets))
            yield data, places

    def _read(self, piece):
        chunk = self.rows.take(piece[piece >= 0])
        return replace(chunk, table=chunk.table.read())
