"""Random changes of images while training."""

import keras
import numpy as np
import pytest
from differentiate import numbers

from skmtl import MultiTaskClassifier
from skmtl.columns.augmentation import AUGMENTATIONS, augment, check_augmentation
from skmtl.training.backend import is_on_cpu


def draw_images(n=16, dtype=np.uint8):
    images = np.random.default_rng(0).integers(0, 256, (n, 8, 10, 3), dtype=np.uint8)
    return images if dtype == np.uint8 else (images / 255).astype(dtype)


def model_of(steps, dtype):
    inputs = keras.Input((8, 10, 3), dtype=dtype)
    return keras.Model(inputs, augment(inputs, check_augmentation(steps)))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("steps", [*AUGMENTATIONS, list(AUGMENTATIONS)], ids=str)
def test_images_change_row_by_row_in_training_only(steps, dtype):
    images = np.repeat(draw_images(1, np.dtype(dtype)), 32, axis=0)
    model = model_of(steps, dtype)
    np.testing.assert_array_equal(numbers(model(images, training=False)), images)
    changed = numbers(model(images, training=True))
    assert changed.dtype == images.dtype
    assert changed.shape == images.shape
    assert len(np.unique(changed.reshape(32, -1), axis=0)) > 1
    assert changed.min() >= images.min() - 1e-6
    assert changed.max() <= images.max() + 1e-6


def test_flip_mirrors_left_to_right_or_nothing():
    images = draw_images(128)  # with 16 rows, all of them stayed as they are once
    changed = numbers(model_of("flip", "uint8")(images, training=True))
    is_same = [np.array_equal(a, b) for a, b in zip(changed, images, strict=True)]
    is_mirrored = [np.array_equal(a, b[:, ::-1]) for a, b in zip(changed, images, strict=True)]
    assert all(np.logical_xor(is_same, is_mirrored))
    assert 0 < sum(is_mirrored) < len(images)


def test_a_layer_of_the_user_is_copied_and_applied():
    layer = keras.layers.RandomBrightness(0.5, value_range=(0, 255))
    images = draw_images()
    changed = numbers(model_of(layer, "uint8")(images, training=True))
    assert not np.array_equal(changed, images)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (
            "mirror",
            ValueError,
            r"made of \['flip', 'shift', 'crop'\] or Keras layers; got 'mirror'",
        ),
        (["flip", 3], ValueError, "got 3"),
        ({"flip": 1}, TypeError, "must be None, a name, a Keras layer or a list of them; got dict"),
    ],
)
def test_what_is_no_augmentation_is_named(value, error, text):
    with pytest.raises(error, match=text):
        check_augmentation(value)


def test_a_layer_that_changes_the_shape_is_refused():
    inputs = keras.Input((8, 10, 3), dtype="uint8")
    with pytest.raises(ValueError, match=r"must keep the shape of the images, \(8, 10, 3\)"):
        augment(inputs, (keras.layers.CenterCrop(4, 4),))


@pytest.mark.slow
def test_training_with_augmentation_is_reproducible_and_differs_from_without():
    images = draw_images(24)
    y = np.arange(24) % 3
    options = {"epochs": 2, "random_state": 0, "branch_dropout": 0.0}
    plain = MultiTaskClassifier(**options).fit(images, y)
    one = MultiTaskClassifier(image_augmentation=["flip", "shift"], **options).fit(images, y)
    two = MultiTaskClassifier(image_augmentation=["flip", "shift"], **options).fit(images, y)
    assert one.history_ != plain.history_
    if is_on_cpu():
        assert one.history_ == two.history_
        np.testing.assert_array_equal(one.predict_proba(images), two.predict_proba(images))
    else:  # a GPU adds in any order
        np.testing.assert_allclose(one.history_["loss"], two.history_["loss"], rtol=1e-4)
