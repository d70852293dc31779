import io
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image, ImageOps
from sklearn.base import clone
from sklearn.compose import ColumnTransformer

from skmtl.preprocessing import ImageLoader, load_image

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)


def encode(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


# -- one cell ------------------------------------------------------------------------------


def test_every_source_of_one_image_gives_the_same_pixels(tmp_path):
    image = Image.fromarray(RGB)
    (tmp_path / "图.png").write_bytes(encode(image))
    sources = [
        RGB,
        image,
        encode(image),
        bytearray(encode(image)),
        tmp_path / "图.png",
        str(tmp_path / "图.png"),
    ]
    for source in sources:
        np.testing.assert_array_equal(load_image(source, row=0), RGB)


@given(npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_grey_png_round_trip(grey):
    pixels = load_image(encode(Image.fromarray(grey)), row=0)
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, grey[:, :, None])


def test_sixteen_bits_are_scaled_not_cut():
    deep = np.array([[0, 257, 32896, 65535]], np.uint16)
    np.testing.assert_array_equal(
        load_image(encode(Image.fromarray(deep)), row=0).ravel(), [0, 1, 128, 255]
    )
    np.testing.assert_array_equal(
        load_image(Image.fromarray(deep.astype(np.int32)), row=0).ravel(), [0, 1, 128, 255]
    )


def test_transparency_is_laid_over_white():
    rgba = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 128]]], np.uint8)
    pixels = load_image(encode(Image.fromarray(rgba)), row=0)
    np.testing.assert_array_equal(pixels, [[[255, 0, 0], [255, 255, 255], [127, 127, 127]]])
    grey_alpha = np.array([[[0, 255], [0, 0]]], np.uint8)
    np.testing.assert_array_equal(
        load_image(encode(Image.fromarray(grey_alpha)), row=0), [[[0], [255]]]
    )


def test_palette_with_a_transparent_colour():
    image = Image.fromarray(np.array([[0, 1]], np.uint8), mode=None).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    np.testing.assert_array_equal(
        load_image(encode(image), row=0), [[[10, 20, 30], [200, 100, 50]]]
    )
    np.testing.assert_array_equal(
        load_image(encode(image, transparency=0), row=0), [[[255, 255, 255], [200, 100, 50]]]
    )


def test_cmyk_becomes_rgb():
    red = encode(Image.new("RGB", (8, 8), "red").convert("CMYK"), "JPEG", quality=100)
    np.testing.assert_allclose(load_image(red, row=0)[4, 4], [255, 0, 0], atol=3)


def test_exif_orientation_is_applied():
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:, :16] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: shown upright by a quarter turn clockwise
    stored = Image.fromarray(np.rot90(upright).copy())
    pixels = load_image(encode(stored, "JPEG", exif=exif, quality=100), row=0)
    assert pixels.shape == upright.shape
    np.testing.assert_allclose(pixels, upright, atol=30)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_are_those_of_pillow(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(Image.fromarray(RGB), exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    np.testing.assert_array_equal(load_image(content, row=0), expected)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's own, of JPEG files
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize(
    "broken", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\x08\0\0\0\x09\0\x12\x01", b"Exif\0\0MM"]
)
def test_broken_exif_data_does_not_refuse_the_pixels(kind, broken):
    image = Image.fromarray(RGB)
    content = encode(image, kind, exif=broken, quality=100)
    assert load_image(content, row=0).shape == RGB.shape


@pytest.mark.parametrize(("mode", "n_channels"), [(None, 1), ("grey", 1), ("rgb", 3)])
def test_float_files_have_a_mode_too(mode, n_channels):
    content = encode(Image.fromarray(np.full((2, 3), 0.25, np.float32)), "TIFF")
    pixels = load_image(content, row=0, mode=mode)
    assert pixels.shape == (2, 3, n_channels)
    assert pixels.dtype == np.float32
    assert (pixels == 0.25).all()


def test_float_files_must_be_finite():
    content = encode(Image.fromarray(np.full((2, 3), np.inf, np.float32)), "TIFF")
    with pytest.raises(ValueError, match=r"^image row 4 holds NaN or infinite pixels"):
        load_image(content, row=4)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_an_image_without_pixels_is_refused(size):
    with pytest.raises(ValueError, match=rf"image row 1 has {size[0]} x {size[1]} pixels; allowed"):
        load_image(Image.new("RGB", size), row=1)


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (3, 2), colour) for colour in ("blue", "red")]
    content = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(load_image(content, row=0)[0, 0], [0, 0, 255])


@pytest.mark.parametrize(("mode", "n_channels"), [("grey", 1), ("rgb", 3)])
@pytest.mark.parametrize(
    "kind", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I"]
)
def test_mode_fixes_the_channels(kind, mode, n_channels):
    image = Image.new("RGBA" if kind == "RGBA" else "RGB", (4, 3), "white").convert(kind)
    pixels = load_image(image, row=0, mode=mode)
    assert pixels.shape == (3, 4, n_channels)
    assert pixels.dtype == np.uint8
    assert pixels.min() >= 254


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_mode_converts_arrays_too(channels, dtype):
    white = np.full((3, 4, channels), 255 if dtype == np.uint8 else 1, dtype)
    for mode, n_channels in (("grey", 1), ("rgb", 3)):
        pixels = load_image(white, row=0, mode=mode)
        assert pixels.dtype == dtype
        np.testing.assert_allclose(pixels, np.resize(white, (3, 4, n_channels)), rtol=1e-6)


@pytest.mark.parametrize(("mode", "n_channels"), [("grey", 1), ("rgb", 3), (None, 3)])
def test_lab_images_have_a_mode_too(mode, n_channels):
    (pixels,) = ImageLoader(mode=mode).fit_transform([Image.new("LAB", (3, 2))])
    assert pixels.shape == (2, 3, n_channels)


def test_grey_weighs_colours_as_pillow_does():
    ours = load_image(RGB, row=0, mode="grey")[:, :, 0].astype(int)
    pillow = np.asarray(Image.fromarray(RGB).convert("L")).astype(int)
    assert np.abs(ours - pillow).max() <= 1


def test_arrays_are_raw_or_scaled():
    assert load_image(RGB.astype(np.int64), row=0).dtype == np.uint8
    assert load_image(np.ones((2, 2), bool), row=0).max() == 255
    scaled = load_image(np.full((2, 2), -0.5), row=0)
    assert scaled.dtype == np.float32
    assert scaled.shape == (2, 2, 1)
    floats = load_image(Image.fromarray(np.full((2, 2), 0.25, np.float32)), row=0)
    assert floats.dtype == np.float32


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_a_missing_cell_has_no_pixels(missing):
    assert load_image(missing, row=0) is None


@pytest.mark.parametrize(
    ("cell", "error", "match"),
    [
        ("none.png", ValueError, r"photo row 7 is a path without a file: 'none.png'\."),
        (b"", ValueError, r"photo row 7 is not an image in a known format: 0 encoded bytes"),
        (b"%!PS-Adobe-3.0", ValueError, "photo row 7 is not an image in a known format"),
        (encode(Image.fromarray(RGB))[:70], ValueError, "photo row 7 cannot be decoded, 70 enc"),
        ("a\0b", ValueError, "photo row 7 cannot be read, "),
        (".", ValueError, "photo row 7 cannot be read, '.'"),
        (3, TypeError, r"photo row 7 must be a path, encoded bytes, .*; got int 3\."),
        (np.zeros((2, 2, 5)), ValueError, r"photo row 7 must have the shape .*got .*\(2, 2, 5\)"),
        (np.zeros((0, 2)), ValueError, r"photo row 7 must have the shape .*got .*\(0, 2\)"),
        (
            np.array([[256]]),
            ValueError,
            "photo row 7 must hold integers from 0 to 255.* from 256 to 256",
        ),
        (np.array([[np.nan]]), ValueError, "photo row 7 holds NaN or infinite pixels"),
        (np.array([["a"]]), TypeError, "photo row 7 must hold numbers; got an array of dtype <U1"),
    ],
)
def test_a_bad_cell_is_named(cell, error, match):
    with pytest.raises(error, match=match):
        load_image(cell, row=7, column="photo")


def test_a_decompression_bomb_is_refused_before_it_is_decoded():
    header = encode(Image.new("1", (20_000, 20_000)))[:100]  # not even the pixels are there
    with pytest.raises(ValueError, match=r"row 2 .*(20000 x 20000 pixels|decompression bomb)"):
        load_image(header, row=2)
    small = encode(Image.new("L", (100, 100)))
    with pytest.raises(ValueError, match="100 x 100 pixels; allowed are 1 to max_pixels=9999"):
        load_image(small, row=2, max_pixels=9999)
    with pytest.raises(ValueError, match="100 x 50 pixels; allowed are 1 to max_pixels=4999"):
        load_image(np.zeros((50, 100), np.uint8), row=2, max_pixels=4999)


Image.init()
has_avif = pytest.mark.skipif("AVIF" not in Image.SAVE, reason="this Pillow has no AVIF")


@pytest.mark.parametrize(
    "kind",
    ["PNG", "JPEG", "WEBP", pytest.param("AVIF", marks=has_avif), "TIFF", "GIF", "BMP", "JPEG2000"],
)
@settings(max_examples=50)
@given(noise=st.binary(max_size=60), place=st.integers(0, 200))
def test_damaged_files_raise_nothing_but_value_errors(kind, noise, place):
    whole = encode(Image.fromarray(RGB), kind)
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    try:
        assert load_image(damaged, row=1).ndim == 3
    except ValueError as error:
        assert "image row 1" in str(error)  # noqa: PT017


@has_avif
def test_a_runtime_error_of_a_decoder_is_a_value_error():
    content = bytearray(encode(Image.fromarray(RGB), "AVIF"))
    content[81] = 0  # as Pillow 13 has it: "Missing or empty image item"
    with pytest.raises(
        ValueError, match=r"image row 5 cannot be (read|decoded), \d+ encoded bytes"
    ):
        load_image(content, row=5)


# -- a column ------------------------------------------------------------------------------

CELLS = [encode(Image.fromarray(RGB)), None, RGB[:2], np.nan]


def containers():
    cells = np.empty(4, dtype=object)
    cells[:] = CELLS
    yield CELLS, (4,)
    yield tuple(CELLS), (4,)
    yield cells, (4,)
    yield pd.Series(cells), (4,)
    yield cells.reshape(-1, 1), (4, 1)
    yield pd.DataFrame({"photo": cells}), (4, 1)


@pytest.mark.parametrize(("X", "shape"), list(containers()))
def test_the_container_keeps_its_shape_and_missing_cells_stay(X, shape):
    images = ImageLoader().fit_transform(X)
    assert images.dtype == object
    assert images.shape == shape
    first, second, third, fourth = images.ravel()
    np.testing.assert_array_equal(first, RGB)
    np.testing.assert_array_equal(third, RGB[:2])
    assert second is None
    assert fourth is None


def test_one_array_of_images_stays_one_array():
    X = np.stack([RGB, RGB])
    np.testing.assert_array_equal(ImageLoader().fit_transform(X), X)
    assert ImageLoader(mode="grey").fit_transform(X).shape == (2, 5, 7, 1)
    assert ImageLoader().fit_transform(X[..., 0]).shape == (2, 5, 7, 1)


def test_threads_change_nothing_but_the_time():
    X = [encode(Image.fromarray(np.full((3, 3), i, np.uint8))) for i in range(50)]
    one, many = ImageLoader().fit_transform(X), ImageLoader(n_jobs=2).fit_transform(X)
    assert all(np.array_equal(a, b) for a, b in zip(one, many, strict=True))
    X[3] = X[30] = b"damaged"
    with pytest.raises(ValueError, match="image row 3 is not an image"):
        ImageLoader(n_jobs=2).fit_transform(X)


def test_in_a_column_transformer_with_pandas_output():
    X = pd.DataFrame({"photo": pd.Series(CELLS, dtype=object), "text": list("abcd")})
    union = ColumnTransformer(
        [("load", ImageLoader(), ["photo"]), ("keep", "passthrough", ["text"])],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    table = union.fit_transform(X)
    assert table.columns.tolist() == ["photo", "text"]
    np.testing.assert_array_equal(table["photo"][0], RGB)
    assert table["photo"].isna().tolist() == [False, True, False, True]


def test_names():
    assert ImageLoader().fit(CELLS).get_feature_names_out().tolist() == ["image"]
    frame = pd.DataFrame({"photo": pd.Series(CELLS, dtype=object)})
    loader = ImageLoader().fit(frame)
    assert loader.n_features_in_ == 1
    assert loader.get_feature_names_out().tolist() == ["photo"]
    with pytest.raises(ValueError, match="feature names should match"):
        loader.transform(frame.rename(columns={"photo": "other"}))
    with pytest.raises(ValueError, match="photo row 0 is not an image"):
        loader.transform(pd.DataFrame({"photo": [b"x"]}))


def test_input_is_not_changed_and_a_copy_does_the_same():
    X = [RGB.copy(), None]
    loader = ImageLoader(mode="grey", max_pixels=100)
    grey = loader.fit_transform(X)[0]
    np.testing.assert_array_equal(X[0], RGB)
    for copy in (clone(loader), pickle.loads(pickle.dumps(loader))):
        np.testing.assert_array_equal(copy.transform(X)[0], grey)


@pytest.mark.parametrize(
    ("X", "error", "match"),
    [
        ("photo.png", TypeError, "X must be a list, .*; got str 'photo.png'"),
        (b"abc", TypeError, "X must be a list, "),
        ({"image": []}, TypeError, "X must be a list, .*; got dict"),
        (None, TypeError, "X must be a list, .*; got NoneType"),
        (np.zeros((3, 4)), ValueError, r"X must be one column .*; got an array of shape \(3, 4\)"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), ValueError, r"X must be one column .*\(1, 2\)"),
    ],
)
def test_x_must_be_one_column(X, error, match):
    with pytest.raises(error, match=match):
        ImageLoader().fit(X)


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"mode": "RGB"}, "mode must be None, 'grey' or 'rgb'; got 'RGB'"),
        ({"max_pixels": 0}, "max_pixels must be an int >= 1; got 0"),
        ({"max_pixels": True}, "max_pixels must be an int >= 1; got bool True"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises((ValueError, TypeError), match=match):
        ImageLoader(**parameters).fit(CELLS)
