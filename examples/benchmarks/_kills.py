"""Processes killed at random moments while they write: what is left must be whole.

Each function starts a process that writes without end and says what it has finished, kills it
(SIGKILL) after a random time, looks at what is there, and starts again. They return the number of
kills, or raise an AssertionError at the first loss.
"""

import multiprocessing
import random
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

context = multiprocessing.get_context("forkserver")


def preload():
    """Start processes from one that has imported what is slow, but has not started TensorFlow."""
    context.set_forkserver_preload(["keras", "pandas", "sklearn.pipeline"])


def run_and_kill(target, arguments, longest, rng) -> list:
    """Run a function in a process, kill it, and return what it had said.

    The clock starts with its first message; a process that ends by itself is not killed.
    """
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*arguments, there), daemon=True)
    process.start()
    there.close()
    said = []
    with suppress(EOFError):
        said.append(here.recv())
        time.sleep(rng.uniform(0, longest))
    process.kill()
    process.join()
    with suppress(EOFError, OSError):
        while here.poll():
            said.append(here.recv())
    here.close()
    assert said, "the process died before it had done anything"
    return said


# -- save ----------------------------------------------------------------------------------------


def make_models():
    """Return two fitted transformers of some megabytes, which need no TensorFlow to save."""
    from skmtl.preprocessing import JiebaSequencer

    texts = [[f"词{number}" for number in range(20_000)]]
    return [JiebaSequencer(max_len=length).fit(texts) for length in (8, 9)]


def save_without_end(path, connection):
    import skmtl

    models = make_models()
    for turn in range(10**9):
        skmtl.save(models[turn % 2], path)
        connection.send(turn)


def kill_saves(folder, n_kills, seed=0) -> int:
    """Kill processes that replace a model file by another one, again and again."""
    import skmtl

    rng, path = random.Random(seed), Path(folder) / "model.skmtl"
    whole = set()
    for model in make_models():
        skmtl.save(model, path)
        whole.add(path.read_bytes())
    for _ in range(n_kills):
        run_and_kill(save_without_end, (path,), 0.3, rng)
        assert path.read_bytes() in whole, "the file is neither the old nor the new one"
    assert skmtl.load(path).max_len in (8, 9)
    return n_kills


# -- folder feature cache ------------------------------------------------------------------------


def rows_of(number):
    """Return keys and features that depend on a number alone."""
    rng = np.random.default_rng(number)
    return [rng.bytes(16) for _ in range(8)], rng.normal(size=(8, 2000)).astype(np.float32)


def put_without_end(folder, start, connection):
    from skmtl.backbones import FolderFeatureCache

    cache = FolderFeatureCache(folder)
    for number in range(start, 10**9):
        cache.put_many(*rows_of(number))
        connection.send(number)


def kill_cache_writers(folder, n_kills, seed=0) -> int:
    """Kill pairs of processes that fill one folder; what they had finished must be there."""
    from skmtl.backbones import FolderFeatureCache

    rng, done = random.Random(seed), []
    for kill in range(n_kills):
        done += run_and_kill(put_without_end, (folder, 10_000 * kill), 0.1, rng)
        cache = FolderFeatureCache(folder)
        for number in [*done[-20:], done[-1] + 1]:
            keys, features = rows_of(number)
            found = cache.get_many(keys)
            for expected, feature in zip(features, found, strict=True):
                missing = feature is None and number == done[-1] + 1
                assert missing or np.array_equal(feature, expected), "a feature is lost or wrong"
        if len(list(Path(folder).iterdir())) > 300:
            done.clear()
            for path in Path(folder).iterdir():
                path.unlink()
    return n_kills


# -- checkpoints ---------------------------------------------------------------------------------


def small_data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(64, 8)).astype(np.float32)
    return X, np.stack([X[:, 0] > 0, X[:, 1] > 0.5], axis=1).astype(int)


def fit_classifier(path, epochs, connection=None):
    import keras

    from skmtl import MultiTaskClassifier

    callbacks = None
    if connection is not None:
        # said at the begin of an epoch: the checkpoint of the one before has been written
        callbacks = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, _: connection.send(epoch)
        )
    model = MultiTaskClassifier(
        epochs=epochs, random_state=0, batch_size=16, loss_weights="dwa", callbacks=callbacks,
        early_stopping=True, n_iter_no_change=10**6, checkpoint_path=path,
    )  # fmt: skip
    return model.fit(*small_data())


def fit_and_save(path, epochs, result, connection):
    fit_classifier(path, epochs, connection).set_params(callbacks=None).save(result)


def kill_fits(folder, n_kills, seed=0, epochs=4000) -> int:
    """Kill a fit again and again; the last one must end with the bits of one never killed.

    Returns
    -------
    int
        Number of kills; less than `n_kills` if the fit ended before.
    """
    import skmtl

    rng, folder, known, kills = random.Random(seed), Path(folder), 0, 0
    while kills < n_kills:
        said = run_and_kill(fit_and_save, (folder / "c", epochs, folder / "early"), 0.4, rng)
        if (folder / "early").exists():
            break
        kills += 1
        assert said[0] >= known, f"began at epoch {said[0]} after {known} were finished"
        known = said[-1]
    # the epochs that are left and no more than a few: parameters other than epochs are the same
    last = known + 3
    resumed = fit_classifier(folder / "c", last)
    whole = fit_classifier(None, last)
    assert resumed.n_iter_ >= last
    for a, b in zip(
        whole.predict_proba(small_data()[0]), resumed.predict_proba(small_data()[0]), strict=True
    ):
        assert np.array_equal(a, b), "the resumed fit ended with other bits"
    assert whole.history_ == resumed.history_
    assert not (folder / "early").exists() or skmtl.load(folder / "early").n_iter_ == epochs
    return kills
