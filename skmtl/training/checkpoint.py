"""Checkpoints: the state of a fit after its last finished epoch, kept until the fit ends."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from skmtl._runtime.storage import no_such_object, read_values, write_values
from skmtl._runtime.storage.random_state import check_pcg64
from skmtl.data.lazy import LazyRows
from skmtl.exceptions import ModelFileError
from skmtl.training.programs import optimizer_key

FORMAT = 1


class Checkpoint:
    """A file in a folder, named by the digest of everything that a fit depends on.

    A fit with other parameters, rows or initial weights has another name: it never resumes from
    another fit's file, and any number of fits may share a folder.

    Parameters
    ----------
    folder : str or path
        Created at the first write.
    key : str
        Text that is equal for equal parameters; see `parameter_key`.
    """

    def __init__(self, folder, key):
        self.folder = Path(folder)
        self.key = key
        self.path = None

    def open(self, program, rows, validation, rng) -> dict | None:
        """Return the state where this fit stopped, None if it is new.

        Parameters
        ----------
        program : Program
            Started.
        rows, validation : LabelledTable or None
            Training and validation rows.
        rng : numpy.random.Generator
            Source of the shuffles, unused so far.

        Raises
        ------
        ValueError
            If the file is there and cannot be read.
        """
        digest = hashlib.blake2b(f"{FORMAT} {self.key}".encode(), digest_size=20)
        digest.update(json.dumps(rng.bit_generator.state).encode())
        for array in _arrays(program, rows, validation):
            digest.update(repr((array.shape, array.dtype.name)).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        self.path = self.folder / f"fit-{digest.hexdigest()}.checkpoint"
        if not self.path.exists():
            return None
        try:
            state = read_values(self.path, _no_object, _check)
            check_pcg64(state.get("rng"))
        except ModelFileError as error:
            raise ValueError(
                f"checkpoint_path: {os.fspath(self.path)!r} cannot be read: {error}. Delete it to "
                "start from the beginning."
            ) from error
        rng.bit_generator.state = state["rng"]
        return state

    def write(self, rng, state):
        """Write the state of the fit; a kill leaves the file of this epoch or of the one before.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the shuffles.
        state : dict
            Plain values and arrays.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        values = {"format": FORMAT, "rng": rng.bit_generator.state} | state
        write_values(self.path, values, "checkpoint", no_such_object)

    def remove(self):
        """Delete the file: the fit has ended."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def parameter_key(spec, optimizer, weighting, aggregator, **settings) -> str:
    """Return a text that is equal for fits of equal parameters, also in another process.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    optimizer : keras.optimizers.Optimizer
        A new one.
    weighting, aggregator : strategies
        The fit's strategies.
    **settings : dict
        Plain values that training depends on.
    """
    # rows hold the ids of words already; a set of words has another order in another process
    plain = [replace(branch, words=None) for branch in spec.branches]
    strategies = [
        None if one is None else [type(one).__module__, type(one).__qualname__, one.get_params()]
        for one in (weighting, aggregator, spec.sharing)
    ]
    parts = [
        replace(spec, branches=tuple(plain)).key,
        optimizer_key(optimizer),
        repr(keras.ops.convert_to_numpy(optimizer.learning_rate).tolist()),
        [one if one is None else one.program_key() for one in (weighting, aggregator)],
        strategies,
        sorted(settings.items()),
    ]
    return repr(parts)


def _arrays(program, rows, validation):
    yield from program.values()
    yield from program.training_state()
    for part in (rows, validation):
        if part is not None:
            yield part.targets
            yield part.weights
            for _, modality in sorted(part.table.modalities.items()):
                yield from _contents(modality.values)
                yield modality.positions


def _contents(values):
    """Yield arrays that tell values apart, reading no more than must be."""
    if not isinstance(values, LazyRows):
        yield values
        return
    if values.has_row_keys:
        yield np.frombuffer(b"".join(values.row_keys()), np.uint8)
    else:
        yield from map(np.asarray, values.blocks())


def _check(manifest):
    if manifest.get("format") != FORMAT:
        raise ModelFileError(f"it has the format {manifest.get('format')!r}")


def _no_object(node, _reader):
    raise ModelFileError(f"it has an object of the kind {node.get('$')!r}")
