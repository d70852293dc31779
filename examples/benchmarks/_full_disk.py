"""Processes killed while they write to a disk that is full again and again.

Each writer says what it has finished. It is killed (SIGKILL) after a random time; what it had
finished, or what was there before, must be there and whole.
"""

import os
import random
import resource
import subprocess
import tempfile
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from _kills import make_models, preload, rows_of, run_and_kill

__all__ = ["PARTS", "kill_on_full_disk", "preload", "small_disk"]

_DISK_BYTES = 4 * 2**20
_LIMIT = 20_000  # bytes of a file where the disk cannot be made small; less than any writer writes


@contextmanager
def small_disk():
    """Yield a folder and what makes its disk full: "tmpfs", or "rlimit" without the right to it."""
    with tempfile.TemporaryDirectory() as folder:
        size = f"size={_DISK_BYTES}"
        with suppress(OSError):
            command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder]
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                try:
                    yield Path(folder), "tmpfs"
                finally:
                    subprocess.run(["umount", folder], check=True)
                return
        yield Path(folder), "rlimit"


def fill(folder, is_full):
    """Make the disk full but for some KB, or free it."""
    if not os.path.ismount(folder):
        limit = _LIMIT if is_full else resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(7)[1]))
        return
    ballast = Path(folder) / "ballast"
    if not is_full:
        ballast.unlink(missing_ok=True)
        return
    disk = os.statvfs(folder)
    n_bytes = disk.f_bavail * disk.f_frsize - _LIMIT
    if n_bytes > 0:
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, n_bytes)


def write_models(folder, _start, connection):
    import skmtl

    models = make_models()
    for turn in range(10**9):
        fill(folder, turn % 3 == 2)
        with suppress(OSError):
            skmtl.save(models[turn % 2], folder / "model.skmtl")
            connection.send(turn)


def check_model(folder, _said):
    import skmtl

    assert skmtl.load(folder / "model.skmtl").max_len in (8, 9)


def write_features(folder, start, connection):
    from skmtl.backbones import FolderFeatureCache

    cache = FolderFeatureCache(folder / "cache")
    for number in range(start, 10**9):
        fill(folder, number % 3 == 2)
        if number % 20 == 0:  # the disk is small: the oldest go, and nobody has heard of them since
            for path in (folder / "cache").glob("*"):
                path.unlink()
            connection.send(None)
        with suppress(OSError):
            cache.put_many(*rows_of(number))
            connection.send(number)


def check_features(folder, said):
    from skmtl.backbones import FolderFeatureCache

    cache = FolderFeatureCache(folder / "cache")
    if None in said:
        said = said[len(said) - said[::-1].index(None) :]
        said = [] if said and said[-1] % 20 == 19 else said  # perhaps killed while it removed
    for number in said:
        keys, features = rows_of(number)
        for expected, found in zip(features, cache.get_many(keys), strict=True):
            assert found is not None, f"rows {number} are lost"
            assert np.array_equal(found, expected), f"rows {number} are wrong"


def run_of(number) -> dict:
    costs = dict.fromkeys(("fit_seconds", "predict_ms_per_row", "memory_mib", "n_parameters"), 1.0)
    numbers = {"repeat": 0, "fold": number, "seed": 0, "n_train": 1, "n_test": 1}
    return {"technique": "一" * 3000, "error": None, "scores": {"a": 0.5}, **numbers, **costs}


def write_results(folder, start, connection):
    from skmtl.comparison._results_file import ResultsFile

    warnings.simplefilter("error")  # a run that could not be written is a warning
    results = ResultsFile(folder / "results.jsonl")
    for number in range(start, 10**9):
        fill(folder, number % 7 == 6)
        with suppress(UserWarning):
            results.append(str(number), run_of(number))
            connection.send(number)


def check_results(folder, said):
    from skmtl.comparison._results_file import ResultsFile

    results = ResultsFile(folder / "results.jsonl")
    for number in said:
        run = results.find(str(number))
        assert run is not None, f"run {number} is lost"
        assert run["fold"] == number, f"run {number} is another"
    (folder / "results.jsonl").unlink()


class _NoProgram:
    def values(self):
        return []

    training_state = values


def open_checkpoint(folder):
    """Return a checkpoint, and the state that its file holds."""
    from skmtl.training.checkpoint import Checkpoint

    checkpoint = Checkpoint(folder / "checkpoints", "key")
    return checkpoint, checkpoint.open(_NoProgram(), None, None, np.random.default_rng(0))


def write_checkpoints(folder, _start, connection):
    checkpoint, state = open_checkpoint(folder)
    rng = np.random.default_rng(0)
    for epoch in range(0 if state is None else state["n_epochs"] + 1, 10**9):
        fill(folder, epoch % 3 == 2)
        with suppress(OSError):
            values = [np.full(50_000, epoch, np.float32)]
            checkpoint.write(rng, {"n_epochs": epoch, "values": values})
            connection.send(epoch)


def check_checkpoint(folder, said):
    _, state = open_checkpoint(folder)
    assert state is not None, "the checkpoint is lost"
    assert state["n_epochs"] >= said[-1], f"epoch {said[-1]} is lost"
    assert (state["values"][0] == state["n_epochs"]).all(), "the checkpoint is not whole"


PARTS = {
    "save": (write_models, check_model),
    "feature cache": (write_features, check_features),
    "results file": (write_results, check_results),
    "checkpoint": (write_checkpoints, check_checkpoint),
}


def kill_on_full_disk(name, folder, n_kills, seed=0) -> int:
    """Kill a writer again and again while its disk is full now and then."""
    rng, (write, check) = random.Random(seed), PARTS[name]
    for kill in range(n_kills):
        said = run_and_kill(write, (folder, 100_000 * kill), 0.3, rng)
        fill(folder, False)
        for part in folder.rglob("*.part"):
            part.unlink()  # what was under way when the process was killed
        check(folder, said)
    return n_kills
