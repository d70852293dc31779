import re
import warnings

import numpy as np
import pytest
from PIL import Image

from skmtl.data import lazy
from skmtl.preprocessing import _read_images
from skmtl.preprocessing._read_images import ImageFormat, describe_bad, read_images

RNG = np.random.default_rng(0)
COLOURED = RNG.integers(0, 256, (6, 4, 5, 3), dtype=np.uint8)


def as_column(cells):
    column = np.empty(len(cells), object)
    column[:] = cells
    return column


@pytest.fixture
def folder(tmp_path):
    """A folder with six files, of which the third is broken and the fifth is grey."""
    for row, pixels in enumerate(COLOURED):
        Image.fromarray(pixels).save(tmp_path / f"{row}.png")
    whole = (tmp_path / "2.png").read_bytes()
    (tmp_path / "2.png").write_bytes(whole[: len(whole) // 2])
    Image.fromarray(COLOURED[4][:, :, 0]).save(tmp_path / "4.png")
    return tmp_path


NAMES = [f"{row}.png" for row in range(6)]


def test_arrays_alike_become_one_array_without_a_change():
    for column in (COLOURED, as_column(list(COLOURED))):
        images = read_images(column)
        np.testing.assert_array_equal(images.values, COLOURED)
        assert images.format == ImageFormat((4, 5, 3), "uint8", None)
        assert images.present.all()
    assert read_images(COLOURED).values is COLOURED
    grey = as_column([None, *COLOURED[..., 0]])
    np.testing.assert_array_equal(read_images(grey).values, COLOURED[..., :1])
    assert read_images(grey).present.tolist() == [False] + [True] * 6


def test_every_kind_of_cell_gives_the_same_pixels(tmp_path):
    path, pixels = tmp_path / "one.png", COLOURED[0]
    Image.fromarray(pixels).save(path)
    content = path.read_bytes()
    cells = [
        str(path),
        path,
        content,
        memoryview(content),
        Image.open(path),
        pixels,
        {"bytes": content, "path": "elsewhere.png"},
        {"bytes": None, "path": str(path)},
        {"bytes": None, "path": None},
        None,
    ]
    images = read_images(as_column(cells))
    assert images.present.tolist() == [True] * 8 + [False] * 2
    np.testing.assert_array_equal(np.asarray(images.values), [pixels] * 8)


def test_relative_names_start_from_the_folder(folder):
    column = as_column(["0.png", {"bytes": None, "path": "1.png"}, str(folder / "3.png")])
    images = read_images(column, folder=folder)
    np.testing.assert_array_equal(np.asarray(images.values), COLOURED[[0, 1, 3]])
    with pytest.raises(ValueError, match=r"photo row 0 is a path without a file: .0\.png."):
        read_images(column, name="photo")


def test_files_are_read_when_they_are_needed(folder):
    images = read_images(as_column(NAMES[:2]), folder=folder)
    assert isinstance(images.values, lazy.LazyRows)
    assert images.values.has_row_keys


@pytest.mark.parametrize("size", [None, (8, 6), 7])
def test_grey_among_colours_becomes_rgb(folder, size):
    column = as_column([NAMES[4], NAMES[0], NAMES[3]])
    images = read_images(column, folder=folder, size=size)
    assert np.asarray(images.values).shape[-1] == 3
    assert images.format.shape[:2] == ((4, 5) if size is None else (8, 6) if size != 7 else (7, 7))
    later = read_images(as_column([NAMES[4]]), folder=folder, size=size, seen=images.format)
    np.testing.assert_array_equal(np.asarray(later.values), np.asarray(images.values)[:1])


def test_a_mode_holds_for_all_cells(folder):
    column = as_column([NAMES[4], NAMES[0], COLOURED[0], COLOURED[0][:, :, 0]])
    for mode, n_channels in (("grey", 1), ("rgb", 3)):
        images = read_images(column, folder=folder, mode=mode)
        assert np.asarray(images.values).shape == (4, 4, 5, n_channels)
        assert read_images(COLOURED, mode=mode).values.shape[-1] == n_channels


def test_grey_files_stay_grey(folder):
    images = read_images(as_column([NAMES[4]]), folder=folder)
    assert images.format.shape == (4, 5, 1)
    with pytest.raises(ValueError, match="row 1 has 3 channels, the images in fit have 1"):
        np.asarray(
            read_images(as_column([NAMES[4], NAMES[0]]), folder=folder, seen=images.format).values
        )


@pytest.mark.parametrize("is_file", [False, True])
def test_another_size_in_predict_names_the_row(folder, is_file):
    cells = NAMES[:2] if is_file else list(COLOURED[:2])
    seen = ImageFormat((4, 6, 3), "uint8")
    with pytest.raises(ValueError, match=r"row 0 has the size \(4, 5\), the images in fit .*size="):
        np.asarray(read_images(as_column(cells), folder=folder, seen=seen).values)


# -- unreadable images ---------------------------------------------------------------------


@pytest.mark.parametrize("is_large", [False, True])
def test_an_unreadable_image_is_a_missing_cell(folder, is_large, monkeypatch):
    if is_large:
        monkeypatch.setattr(lazy, "RESIDENT_BYTES", 100)
    cells = ["none.png", *NAMES, None, 3, "../x", b"no image"]
    images = read_images(as_column(cells), folder=folder, on_bad="missing", name="photo")
    assert isinstance(images.values, lazy.LazyRows) == is_large
    assert np.flatnonzero(images.present).tolist() == [1, 2, 4, 5, 6]
    np.testing.assert_array_equal(np.asarray(images.values)[[0, 1, 2]], COLOURED[[0, 1, 3]])
    assert [row for row, _ in images.bad] == [0, 3, 8, 9, 10]
    assert all(reason.startswith(f"photo row {row} ") for row, reason in images.bad)
    later = read_images(as_column(cells[:1]), on_bad="missing", seen=images.format)
    assert later.values.shape == (0, 4, 5, 3)
    assert not later.present.any()


def test_a_warning_names_the_first_rows():
    bad = [(row, f"photo row {row} is a path without a file: '{row}'.") for row in (2, 3, 5, 7)]
    text = describe_bad(bad, 90)
    assert text.startswith("4 of 90 images cannot be read and count as missing:\nphoto row 2 is")
    assert text.endswith("photo row 5 is a path without a file: '5'.\nand 1 more")


def test_a_column_without_a_readable_image_is_an_error():
    with pytest.raises(ValueError, match=r"none of the 2 images of photo .*photo row 1 is a path"):
        read_images(as_column([None, "a.png", "b.png"]), on_bad="missing", name="photo")


def test_images_of_several_sizes_are_not_bad_ones(folder):
    Image.new("RGB", (9, 9)).save(folder / "3.png")
    with pytest.raises(ValueError, match=r"row 3 has the size \(9, 9\), row 0 has \(4, 5\)"):
        read_images(as_column(NAMES), folder=folder, on_bad="missing")


# -- floats --------------------------------------------------------------------------------


def test_raw_floats_are_named():
    raw = [None, COLOURED[0] / 500, COLOURED[1].astype(float)]
    for column in (as_column(raw), np.stack(raw[1:])):
        row = len(column) - 1
        with pytest.warns(
            UserWarning, match=rf"photo row {row} has float pixels up to 2\d\d\. .*uint8"
        ):
            read_images(column, name="photo")


def test_scaled_floats_pass():
    caffe = COLOURED.astype(np.float32) - 110
    seen = read_images(COLOURED / 127.5 - 1).format
    assert seen.dtype == "float32"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        format_ = read_images(caffe).format
        bright = np.full((1, 4, 5, 3), 140, np.float32)
        read_images(bright, seen=format_)  # bright images have no negative pixels
    with pytest.warns(UserWarning, match="image row 0 has float pixels up to 140"):
        read_images(bright, seen=seen)


def test_pixels_that_are_none_name_the_row():
    pixels = COLOURED.astype(np.float32)
    pixels[4, 1, 1, 1] = np.inf
    with pytest.raises(ValueError, match="image row 4 holds NaN or infinite pixels"):
        read_images(pixels)
    with pytest.raises(ValueError, match="image row 5 holds NaN or infinite pixels"):
        read_images(as_column([None, *pixels]))
    with pytest.raises(ValueError, match=r"image row 3 must hold integers .*-1 to "):
        read_images(np.where(np.arange(6)[:, None, None, None] == 3, -1, COLOURED.astype(int)))


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"size": 0}, "image_size must be None, an int >= 1 or a pair .*; got 0"),
        ({"size": (2, 3, 4)}, r"image_size must be None, .*; got \(2, 3, 4\)"),
        ({"mode": "RGB"}, "image_mode must be one of None, 'grey', 'rgb'; got 'RGB'"),
        ({"on_bad": "drop"}, "on_bad_image must be one of 'raise', 'missing'; got 'drop'"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        read_images(COLOURED, **parameters)


def test_a_large_array_is_read_in_parts(monkeypatch):
    monkeypatch.setattr(_read_images.lazy, "RESIDENT_BYTES", 100)
    scaled = (COLOURED / 255).astype(np.float32)
    images = read_images(scaled)
    assert isinstance(images.values, lazy.LazyRows)
    np.testing.assert_array_equal(np.asarray(images.values), scaled)
    assert read_images(COLOURED).values is COLOURED  # nothing to convert: never copied
    assert re.match("float32", str(images.values.dtype))
