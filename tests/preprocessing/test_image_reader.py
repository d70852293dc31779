import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.model_selection import GridSearchCV

from skmtl import MultiTaskClassifier
from skmtl.preprocessing import ImageNormalizer, _image_reader
from skmtl.preprocessing._image_reader import ImageReader, forget_images


@pytest.fixture(autouse=True)
def _nothing_decoded():
    forget_images()
    yield
    forget_images()


@pytest.fixture
def paths(tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for row in range(9):
        pixels = rng.integers(0, 256, (12, 10, 3), dtype=np.uint8)
        paths.append(tmp_path / f"{row}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def as_cells(values):
    cells = np.empty(len(values), object)
    cells[:] = values
    return cells


@pytest.mark.parametrize("size", [None, (6, 4)], ids=["as they are", "resized"])
def test_images_are_those_of_the_transformers(paths, size):
    cells = as_cells([None, *paths])
    reader = ImageReader(cells, np.arange(1, 10), size=size)
    expected = np.stack(ImageNormalizer(size=size).fit_transform(cells)[1:])
    assert (reader.shape, reader.dtype) == (expected.shape, np.uint8)
    places = np.array([8, 0, 3, 3, 7, 1, 2])
    np.testing.assert_array_equal(reader[places], expected[places])


def test_bytes_and_arrays_are_read_too(paths):
    cells = as_cells([paths[0].read_bytes(), np.asarray(Image.open(paths[1])), str(paths[2])])
    reader = ImageReader(cells, np.arange(3))
    expected = [np.asarray(Image.open(path)) for path in paths[:3]]
    np.testing.assert_array_equal(reader[np.arange(3)], expected)
    assert not reader.has_row_keys  # an array is known by its pixels only
    assert ImageReader(cells, np.array([0, 2])).has_row_keys


def test_an_error_names_the_row_and_the_file_and_stops_the_reading(paths, monkeypatch):
    reader = ImageReader(as_cells(paths * 200), np.arange(1800))
    paths[2].write_bytes(b"no image")
    read, load = [], _image_reader.load_image

    def count(cell, *, row, **options):
        read.append(row)
        if row > 2:
            time.sleep(0.01)  # all of them would take seconds: ample time to be stopped
        return load(cell, row=row, **options)

    monkeypatch.setattr(_image_reader, "load_image", count)
    with pytest.raises(
        ValueError, match=r"image row 2 is not an image in a known format: '.*2.png"
    ):
        reader[np.arange(1800)]
    assert len(read) < 900


def test_of_several_errors_the_first_row_s_is_raised(paths, monkeypatch):
    monkeypatch.setattr(_image_reader, "thread_share", lambda: 3)
    reader = ImageReader(as_cells(paths), np.arange(9))
    load = _image_reader.load_image

    def fail(cell, *, row, **options):
        if row < 5:
            return load(cell, row=row, **options)
        time.sleep(0.05 * (9 - row))  # later rows fail sooner
        raise ValueError(f"image row {row}")

    monkeypatch.setattr(_image_reader, "load_image", fail)
    with pytest.raises(ValueError, match="image row 5"):
        reader[np.arange(9)]


@pytest.fixture
def interruptible():
    """Heed Ctrl-C, which a job in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_stops_the_reading(paths, monkeypatch):
    reader = ImageReader(as_cells(paths * 200), np.arange(1800))
    read, load = [], _image_reader.load_image

    def interrupt(cell, *, row, **options):
        read.append(row)
        if row == 2:
            time.sleep(0.3)  # Python may miss a signal for a thread that is just about to wait
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        if row > 2:
            time.sleep(0.01)
        return load(cell, row=row, **options)

    monkeypatch.setattr(_image_reader, "load_image", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        reader[np.arange(1800)]
    assert len(read) < 900


def test_images_must_be_alike(paths):
    Image.new("RGB", (5, 5)).save(paths[4])
    with pytest.raises(ValueError, match=r"row 4 has the size \(5, 5\), row 0 has \(12, 10\)"):
        ImageReader(as_cells(paths), np.arange(9))[np.arange(9)]
    seen = (12, 10, 1), "uint8"
    with pytest.raises(ValueError, match=r"row 0 has 3 channels, the images in fit have 1; .*mode"):
        ImageReader(as_cells(paths), np.arange(9), seen=seen)[np.arange(9)]
    seen = (12, 10, 3), "float32"
    with pytest.raises(ValueError, match=r"row 0 has pixels of dtype uint8, the images in fit"):
        ImageReader(as_cells(paths), np.arange(9), seen=seen)[np.arange(9)]


def test_a_missing_file_has_no_key(paths):
    reader = ImageReader(as_cells(paths), np.arange(9))
    paths[7].unlink()
    with pytest.raises(ValueError, match=r"image row 7 is a path without a file: '.*7.png"):
        reader.row_keys(np.arange(9))


def test_keys_change_with_the_content_and_nothing_else(paths, monkeypatch):
    reader = ImageReader(as_cells(paths), np.arange(9))
    with monkeypatch.context() as patch:
        patch.setattr(_image_reader, "load_image", None)  # nothing is decoded
        keys = reader.row_keys(np.arange(9))
    assert len(set(keys)) == 9
    assert reader.row_keys(np.array([4])) == [keys[4]]
    monkeypatch.chdir(paths[0].parent)
    relative = ImageReader(as_cells([Path(path.name) for path in paths]), np.arange(9))
    assert relative.row_keys(np.arange(9)) == keys
    before = paths[3].stat()
    content = bytearray(paths[3].read_bytes())
    content[-1] ^= 1
    paths[3].write_bytes(content)
    os.utime(paths[3], ns=(before.st_atime_ns, before.st_mtime_ns))  # as if nothing had happened
    changed = reader.row_keys(np.arange(9))
    assert [old != new for old, new in zip(keys, changed, strict=True)] == [
        row == 3 for row in range(9)
    ]


def test_bytes_are_known_by_themselves(paths):
    cells = as_cells([path.read_bytes() for path in paths[:2]] * 2)
    keys = ImageReader(cells, np.arange(4)).row_keys(np.arange(4))
    assert keys[:2] == keys[2:]
    assert keys[0] != keys[1]


@pytest.fixture
def decoded(monkeypatch):
    """Rows that were decoded, in their order."""
    rows, load = [], _image_reader.load_image

    def count(cell, *, row, **options):
        rows.append(row)
        return load(cell, row=row, **options)

    monkeypatch.setattr(_image_reader, "load_image", count)
    return rows


def test_a_search_decodes_every_file_once(paths, decoded):
    X = pd.DataFrame({"photo": [str(path) for path in paths]})
    y = np.arange(9) % 2
    model = MultiTaskClassifier(epochs=1, batch_size=8, random_state=0)
    GridSearchCV(model, {"learning_rate": [1e-3, 1e-2]}, cv=3, error_score="raise").fit(X, y)
    assert len(decoded) == 9


def test_a_file_that_changes_is_decoded_again(paths, decoded):
    cells = as_cells([str(paths[0]), paths[1].read_bytes()])
    first = ImageReader(cells, np.arange(2))[np.arange(2)]
    Image.new("RGB", (10, 12), "red").save(paths[0])
    second = ImageReader(cells, np.arange(2))[np.arange(2)]
    assert sorted(decoded) == [0, 0, 1]
    assert (second[0] == (255, 0, 0)).all()
    np.testing.assert_array_equal(second[1], first[1])


def test_sizes_and_modes_are_kept_apart(paths, decoded):
    cells, one = as_cells([str(paths[0])]), np.arange(1)
    for options in ({}, {"size": (5, 5)}, {"mode": "grey"}) * 2:
        images = ImageReader(cells, one, **options)[one]
        assert images.shape[1:3] == options.get("size", (12, 10))
        assert images.shape[3] == (1 if options.get("mode") == "grey" else 3)
    assert len(decoded) == 3


def test_more_images_than_fit_into_memory_are_not_kept(paths, decoded, monkeypatch):
    monkeypatch.setattr(_image_reader, "RESIDENT_BYTES", 9 * 12 * 10 * 3 - 1)
    reader = ImageReader(as_cells(paths), np.arange(9))
    for _ in range(2):
        reader[np.arange(9)]
    assert len(decoded) == 1 + 2 * 9  # the first one gives the shape
