import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from peak_memory import peak_memory
from PIL import Image
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError

from skmtl.preprocessing import ImageNormalizer

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (6, 9, 3), dtype=np.uint8)
IMAGES = npst.arrays(
    np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3, 4]))
)


# -- size ----------------------------------------------------------------------------------


@given(
    IMAGES,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from(["stretch", "fit", "crop"]),
    st.booleans(),
)
def test_every_image_gets_the_size_and_keeps_its_dtype(image, size, resize, is_raw):
    image = image if is_raw else image.astype(np.float32) / 255
    (image,) = ImageNormalizer(size=size, resize=resize).fit_transform([image])
    assert image.shape == (*size, image.shape[2])
    assert image.dtype == image.dtype
    lowest = 0 if resize == "fit" else image.min()
    assert lowest - 1e-6 <= image.min()
    assert image.max() <= image.max() + 1e-6


@given(IMAGES)
def test_the_right_size_changes_nothing(image):
    for resize in ("stretch", "fit", "crop"):
        normalizer = ImageNormalizer(size=image.shape[:2], resize=resize)
        np.testing.assert_array_equal(normalizer.fit_transform([image])[0], image)


def test_resize_modes_treat_the_aspect_ratio_as_named():
    wide = np.zeros((4, 8, 1), np.uint8)
    wide[:, :2] = 255  # the left quarter is white
    stretch, fit, crop = (
        ImageNormalizer(size=4, resize=mode).fit_transform([wide])[0][:, :, 0]
        for mode in ("stretch", "fit", "crop")
    )
    assert stretch[0, 0] > 200
    assert stretch[0, 2:].max() < 60
    assert fit[[0, 3]].max() == 0  # bars above and below
    assert fit[1, 0] > 200
    assert crop.max() == 0  # the white quarter lies outside


def test_shrinking_averages_every_pixel():
    checkers = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(255)
    (image,) = ImageNormalizer(size=4).fit_transform([checkers.astype(np.uint8)])
    np.testing.assert_allclose(image, 127.5, atol=8)


# -- colour and scale ----------------------------------------------------------------------


def test_mode_fixes_the_channels():
    images = [RGB, RGB[:, :, :1], Image.fromarray(RGB).convert("RGBA")]
    assert [i.shape[2] for i in ImageNormalizer(mode="rgb").fit_transform(images)] == [3, 3, 3]
    assert [i.shape[2] for i in ImageNormalizer(mode="grey").fit_transform(images)] == [1, 1, 1]


@given(IMAGES)
def test_unit_and_symmetric(image):
    (unit,) = ImageNormalizer(scaling="unit").fit_transform([image])
    (symmetric,) = ImageNormalizer(scaling="symmetric").fit_transform([image])
    assert unit.dtype == symmetric.dtype == np.float32
    np.testing.assert_allclose(unit, image / 255, atol=1e-6)
    np.testing.assert_allclose(symmetric, image / 127.5 - 1, atol=1e-6)


def test_standardize_learns_from_fit_alone():
    train = [RNG.integers(0, 200, (5, 4, 3), dtype=np.uint8) for _ in range(20)]
    normalizer = ImageNormalizer(scaling="standardize").fit([*train, None])
    pixels = np.concatenate([image.reshape(-1, 3) for image in train])
    np.testing.assert_allclose(normalizer.mean_, pixels.mean(axis=0))
    np.testing.assert_allclose(normalizer.std_, pixels.std(axis=0))
    scaled = np.concatenate([i.reshape(-1, 3) for i in normalizer.transform(train)])
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-5)
    (other,) = normalizer.transform([np.full((1, 1, 3), 255, np.uint8)])
    np.testing.assert_allclose(other[0, 0], (255 - pixels.mean(0)) / pixels.std(0), rtol=1e-5)


def test_standardize_divides_constant_pixels_by_one():
    (image,) = ImageNormalizer(scaling="standardize").fit_transform([np.full((2, 2), 9, np.uint8)])
    np.testing.assert_array_equal(image, 0)


@pytest.mark.parametrize("scaling", [None, "unit", "standardize", "vgg16"])
def test_fit_transform_is_fit_then_transform(scaling):
    X = [RGB, None, RGB[:4]]
    parameters = {"size": 5, "mode": "rgb", "scaling": scaling}
    at_once = ImageNormalizer(**parameters).fit_transform(X)
    in_turn = ImageNormalizer(**parameters).fit(X).transform(X)
    for a, b in zip(at_once, in_turn, strict=True):
        np.testing.assert_array_equal(a, b)


# -- containers ----------------------------------------------------------------------------


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_missing_cells_stay_missing_and_touch_no_other(present):
    cells = [RGB if is_present else None for is_present in present]
    X = pd.DataFrame({"image": pd.Series(cells, dtype=object)})
    images = ImageNormalizer(size=3, scaling="unit").fit_transform(X)
    assert images.shape == (len(present), 1)
    (alone,) = ImageNormalizer(size=3, scaling="unit").fit_transform([RGB])
    for image, is_present in zip(images[:, 0], present, strict=True):
        assert (image is not None) == is_present
        if is_present:
            np.testing.assert_array_equal(image, alone)


def test_one_array_in_one_array_out():
    X = np.stack([RGB, RGB])
    image = ImageNormalizer(size=(4, 5), scaling="unit").fit_transform(X)
    assert image.shape == (2, 4, 5, 3)
    assert image.dtype == np.float32
    assert ImageNormalizer().fit_transform(X).dtype == np.uint8


def test_in_a_column_transformer_with_pandas_output():
    X = pd.DataFrame({"image": pd.Series([RGB, None], dtype=object), "text": ["a", "b"]})
    union = ColumnTransformer(
        [("scale", ImageNormalizer(size=4), ["image"]), ("keep", "passthrough", ["text"])]
    ).set_output(transform="pandas")
    table = union.fit_transform(X)
    assert table.columns.tolist() == ["scale__image", "keep__text"]
    assert table["scale__image"][0].shape == (4, 4, 3)
    assert table["scale__image"][1] is None


def test_input_is_not_changed_and_a_copy_does_the_same():
    X = [RGB.copy()]
    normalizer = ImageNormalizer(size=4, scaling="standardize").fit(X)
    (image,) = normalizer.transform(X)
    np.testing.assert_array_equal(X[0], RGB)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(normalizer)).transform(X)[0], image)
    np.testing.assert_array_equal(clone(normalizer).fit_transform(X)[0], image)


# -- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"size": 0}, r"size must be None, an int >= 1 or a pair .*; got 0\."),
        ({"size": (3,)}, r"size must be None, .*; got \(3,\)"),
        ({"size": 2.5}, r"size must be None, .*; got 2.5"),
        ({"resize": "pad"}, r"resize must be one of .*'fit'.*; got 'pad'"),
        ({"mode": "bgr"}, "mode must be None, 'grey' or 'rgb'; got 'bgr'"),
        ({"scaling": "minmax"}, r"scaling must be one of .*'unit'.*'vgg16'; got 'minmax'"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        ImageNormalizer(**parameters).fit([RGB])


def test_floats_are_scaled_already():
    with pytest.raises(ValueError, match=r"image row 1 holds floats.*scaling='unit' needs raw"):
        ImageNormalizer(scaling="unit").fit_transform([RGB, RGB / 255])


def test_channels_must_fit_the_scaling():
    with pytest.raises(ValueError, match="row 0 has 1 channels, scaling='vgg16' needs 3; set mode"):
        ImageNormalizer(scaling="vgg16").fit_transform([RGB[:, :, 0]])
    with pytest.raises(ValueError, match="row 1 has 1 channels, the images before it have 3"):
        ImageNormalizer(scaling="standardize").fit([RGB, RGB[:, :, 0]])
    normalizer = ImageNormalizer(scaling="standardize").fit([RGB])
    with pytest.raises(ValueError, match="image row 0 has 1 channels, fit saw 3; set mode="):
        normalizer.transform([RGB[:, :, 0]])


def test_standardize_needs_a_image():
    with pytest.raises(ValueError, match="needs an image; all of image is missing"):
        ImageNormalizer(scaling="standardize").fit([None])


def test_transform_needs_fit():
    with pytest.raises(NotFittedError, match="not fitted yet"):
        ImageNormalizer().transform([RGB])


def test_a_panorama_is_cropped_without_a_huge_image():
    panorama = np.arange(200_000, dtype=np.uint32).astype(np.uint8)[None, :, None]
    normalizer = ImageNormalizer(size=64, resize="crop")
    (cropped,) = normalizer.fit_transform([panorama])
    assert cropped.shape == (64, 64, 1)
    most = peak_memory(lambda: normalizer.fit_transform([panorama]))
    assert most < 10 * panorama.nbytes  # the whole at this height would be 64 * 64 times as large
