"""JPEG files that are brought to a much smaller size are decoded smaller."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from skmtl.preprocessing import ImageNormalizer, load_image
from skmtl.preprocessing._read_images import read_images
from skmtl.preprocessing._resize import resize_image


def photo(width, height, kind="JPEG", **options):
    """Return the bytes of a file that is bright on the left and red at the bottom."""
    across, down = np.linspace(255, 0, width), np.linspace(0, 255, height)
    pixels = np.empty((height, width, 3))
    pixels[..., 0], pixels[..., 1:] = down[:, None], across[None, :, None]
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, kind, **options)
    return file.getvalue()


@settings(deadline=None, max_examples=40)
@given(*[st.integers(1, 300)] * 2, *[st.integers(1, 60)] * 2)
def test_never_below_twice_the_size(width, height, to_height, to_width):
    image = load_image(photo(width, height), row=0, for_size=(to_height, to_width))
    assert (image.shape[0] < height) == (image.shape[1] < width)
    if image.shape != (height, width, 3):
        assert min(image.shape[:2]) >= 2 * max(to_height, to_width)


def test_it_is_the_same_image():
    data, size = photo(800, 640), (40, 50)
    whole, reduced = load_image(data, row=0), load_image(data, row=0, for_size=size)
    assert whole.shape == (640, 800, 3)
    assert reduced.shape == (160, 200, 3)
    expected = resize_image(whole, size, "stretch").astype(int)
    assert np.abs(resize_image(reduced, size, "stretch") - expected).max() <= 3
    read = np.asarray(read_images(np.array([data, None], object), size=size).values)[0]
    np.testing.assert_array_equal(read, resize_image(reduced, size, "stretch"))
    (scaled,) = ImageNormalizer(size=size, scaling=None).fit_transform([data])
    np.testing.assert_array_equal(scaled, read)


def test_a_photo_is_turned_upright():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # the right side is up
    data = photo(800, 400, exif=exif)
    whole, reduced = load_image(data, row=0), load_image(data, row=0, for_size=(80, 40))
    assert whole.shape == (800, 400, 3)
    assert reduced.shape == (400, 200, 3)
    assert (
        np.abs(
            resize_image(reduced, (80, 40), "stretch")
            - resize_image(whole, (80, 40), "stretch").astype(int)
        ).max()
        <= 3
    )


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP"])
def test_other_files_are_decoded_whole(kind):
    assert load_image(photo(400, 320, kind), row=0, for_size=(8, 8)).shape == (320, 400, 3)


def test_an_image_of_the_user_stays_as_it_is():
    image = Image.open(io.BytesIO(photo(400, 320)))
    assert load_image(image, row=0, for_size=(8, 8)).shape == (320, 400, 3)
    assert image.size == (400, 320)
