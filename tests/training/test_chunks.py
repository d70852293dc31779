"""Tables that are read part by part: the same results, and never more than a few parts at once."""

import weakref
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.model_selection import GridSearchCV

from skmtl import MultiTaskClassifier
from skmtl.backbones.feature_cache import MemoryFeatureCache
from skmtl.data import lazy
from skmtl.preprocessing._image_reader import ImageReader
from skmtl.training import chunks, features

OPTIONS = {"epochs": 3, "random_state": 0, "batch_size": 8, "branch_units": 8}
OPTIONS |= {"image_backbone": "small_cnn", "image_backbone__filters": (4,)}


def write_images(folder, n_rows, size=8):
    """Return arrays and the paths of their files."""
    rng = np.random.default_rng(0)
    arrays = list(rng.integers(0, 256, (n_rows, size, size, 3), dtype=np.uint8))
    paths = [str(folder / f"{row:04d}.png") for row in range(n_rows)]
    for array, path in zip(arrays, paths, strict=True):
        Image.fromarray(array).save(path)
    return arrays, paths


def make_labels(n_rows):
    y = pd.DataFrame({"a": np.arange(n_rows) % 3, "b": np.arange(n_rows) % 2}).astype(object)
    y.iloc[n_rows // 2 : n_rows // 2 + 7, 1] = None
    return y


@pytest.fixture
def tables(tmp_path):
    """The same table with arrays and with paths, with missing images and labels."""
    arrays, paths = write_images(tmp_path, 60)
    texts = pd.Series([f"词 {row % 7}" for row in range(60)], dtype=object)
    found = []
    for cells in (arrays, paths):
        X = pd.DataFrame({"image": pd.Series(cells, dtype=object), "text": texts})
        X.loc[3:9, "image"] = None
        X.loc[20:22, "text"] = None
        found.append(X)
    return *found, make_labels(60)


@pytest.fixture
def small_memory(monkeypatch):
    """A machine on which a kilobyte is large, and a part holds three batches of eight images."""
    for module in (lazy, chunks):
        monkeypatch.setattr(module, "RESIDENT_BYTES", 1000)
    monkeypatch.setattr(lazy, "CHUNK_BYTES", 3 * 8 * 8 * 8 * 3 + 3000)


def results(X, y, **options):
    model = MultiTaskClassifier().set_params(**OPTIONS | options).fit(X, y)
    return model.history_, model.predict_proba(X)


def assert_same(ours, theirs):
    assert ours[0] == theirs[0]
    for one, other in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_array_equal(one, other)


class CountBatches(keras.callbacks.Callback):
    """Wants every batch."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append((batch, logs["loss"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"early_stopping": True, "validation_fraction": 0.5}, {"gradient_aggregator": "pcgrad"}],
    ids=["early stopping", "aggregator"],
)
def test_paths_give_the_bits_of_arrays(tables, options, request):
    arrays, paths, y = tables
    expected = results(arrays, y, **options)
    assert_same(results(paths, y, **options), expected)
    request.getfixturevalue("small_memory")
    loads = []
    whole = chunks.ChunkedTable._read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            chunks.ChunkedTable, "_read", lambda self, piece: loads.append(1) or whole(self, piece)
        )
        assert_same(results(paths, y, **options), expected)
        assert len(loads) >= 3 * 2  # epochs, parts
        assert_same(results(arrays, y, **options), expected)
    files = [Path(path).read_bytes() if path else None for path in paths["image"]]
    assert_same(results(paths.assign(image=pd.Series(files, dtype=object)), y, **options), expected)


def test_callbacks_see_every_batch(tables, request):
    arrays, paths, y = tables
    expected, seen = CountBatches(), CountBatches()
    before = results(arrays, y, callbacks=[expected], fusion="late")
    request.getfixturevalue("small_memory")
    assert_same(results(paths, y, callbacks=[seen], fusion="late"), before)
    assert len(seen.steps) == 3 * 8
    assert seen.steps == expected.steps


@pytest.mark.parametrize("dtype", [np.uint8, pytest.param(np.float32, marks=pytest.mark.slow)])
def test_a_memory_mapped_array_gives_the_bits_of_one_in_memory(tmp_path, dtype, request):
    arrays, _ = write_images(tmp_path, 60)
    pixels = (np.stack(arrays) / (1 if dtype is np.uint8 else 255)).astype(dtype)
    np.save(tmp_path / "pixels.npy", pixels)
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    expected = results(pixels, make_labels(60))
    request.getfixturevalue("small_memory")
    assert_same(results(mapped, make_labels(60)), expected)


@pytest.mark.slow
@pytest.mark.usefixtures("small_memory")
def test_large_numbers_and_texts_go_in_parts_too(monkeypatch):
    X = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    texts = [f"词 {row % 7} 和 {row % 5}" for row in range(300)]
    ours = [results(table, make_labels(300), epochs=2) for table in (X, texts)]
    monkeypatch.undo()
    for table, seen in zip((X, texts), ours, strict=True):
        assert_same(seen, results(table, make_labels(300), epochs=2))


@pytest.mark.slow
def test_a_frozen_backbone_decodes_and_encodes_each_image_once(tables, request, monkeypatch):
    arrays, paths, y = tables
    frozen = {
        "freeze_backbones": {"image": True, "text": False},
        "feature_cache": MemoryFeatureCache(),
    }
    expected = results(arrays, y, **frozen)
    request.getfixturevalue("small_memory")
    decoded, encoded = [], []
    read, encode = ImageReader.__getitem__, features._encode
    monkeypatch.setattr(
        ImageReader, "__getitem__", lambda self, rows: decoded.extend(rows) or read(self, rows)
    )
    monkeypatch.setattr(
        features, "_encode", lambda e, rows, p: encoded.append(len(rows)) or encode(e, rows, p)
    )
    frozen["feature_cache"] = MemoryFeatureCache()
    assert_same(results(paths, y, **frozen), expected)
    assert sorted(decoded) == list(range(53))
    assert sum(encoded) == 53
    model = MultiTaskClassifier().set_params(**OPTIONS | frozen)
    y = y.drop(columns="b").astype(int)
    GridSearchCV(model, {"epochs": [1, 2]}, cv=2, error_score="raise").fit(paths, y)
    assert sum(encoded) == len(decoded) == 53


@pytest.mark.slow  # a process is killed and another one goes on
@pytest.mark.usefixtures("small_memory")
def test_a_killed_fit_on_files_goes_on(tables, tmp_path):
    _, paths, y = tables
    expected = results(paths, y)

    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
            if epoch == 2:
                raise KeyboardInterrupt("in epoch 2")

    folder = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt, match="in epoch 2"):
        results(paths, y, checkpoint_path=folder, callbacks=[Kill()])
    (kept,) = folder.iterdir()
    with pytest.raises(KeyboardInterrupt, match="in epoch 2"):  # the same file
        results(paths, y, checkpoint_path=folder, callbacks=[Kill()])
    assert list(folder.iterdir()) == [kept]
    assert_same(results(paths, y, checkpoint_path=folder), expected)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("small_memory")
def test_a_broken_file_leaves_the_estimator_as_it_was(tables):
    _, paths, y = tables
    model = MultiTaskClassifier().set_params(**OPTIONS)
    Path(paths["image"][40]).write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"image row 40 is not an image.*0040.png"):
        model.fit(paths, y)
    assert not hasattr(model, "classes_")
    missing = paths.assign(image=paths["image"].replace({paths["image"][40]: "/nowhere.png"}))
    with pytest.raises(ValueError, match=r"image row 40 is a path without a file: '/nowhere.png'"):
        model.fit(missing, y)


@pytest.mark.slow
def test_only_a_few_images_are_in_memory_at_a_time(tmp_path, monkeypatch):
    _, paths = write_images(tmp_path, 600, size=32)
    row_bytes = 32 * 32 * 3
    for module in (lazy, chunks):
        monkeypatch.setattr(module, "RESIDENT_BYTES", 20 * row_bytes)
    monkeypatch.setattr(lazy, "CHUNK_BYTES", 16 * row_bytes)
    monkeypatch.setattr("skmtl.training.prediction.PREDICT_ROWS", 16)
    monkeypatch.setattr(features, "BATCH_ENTRIES", 16 * row_bytes)
    alive, most, read = [0], [0], ImageReader.__getitem__

    def watched(self, rows):
        pixels = read(self, rows)
        alive[0] += len(rows)
        most[0] = max(most[0], alive[0])
        weakref.finalize(pixels, lambda: alive.__setitem__(0, alive[0] - len(rows)))
        return pixels

    monkeypatch.setattr(ImageReader, "__getitem__", watched)
    y = make_labels(600)
    # PyTorch computes on the array itself, and JAX may: its thread then lets go of it some time
    # after the result is there. So what is on the device is counted too.
    on_device = 0 if keras.config.backend() == "tensorflow" else 1
    for frozen in (False, True):
        model = MultiTaskClassifier(
            early_stopping=True, freeze_backbones=frozen, feature_cache=MemoryFeatureCache(0)
        )
        model.set_params(**OPTIONS | {"epochs": 2}).fit(pd.DataFrame({"image": paths}), y)
        model.predict(pd.DataFrame({"image": paths}))
        assert 16 <= most[0] <= (3 + on_device) * 16, frozen
        most[0] = 0
    assert alive[0] <= on_device * 16
