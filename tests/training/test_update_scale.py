"""How far pretrained backbones move."""

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.backbones._info import FINE_TUNING_SCALE
from skmtl.backbones.image import describe_image_backbone
from skmtl.backbones.text import describe_text_backbone

X = np.random.default_rng(0).integers(0, 256, (24, 4, 4, 1), np.uint8)
Y = np.arange(24) % 2


def moved(**options):
    """Return how far one step of gradient descent moves a backbone that has been built."""
    keras.utils.set_random_seed(0)
    backbone = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 2)])
    model = MultiTaskClassifier(
        image_backbone=backbone, epochs=1, batch_size=24, optimizer="sgd", random_state=0
    ).set_params(branch_dropout=0.0, learning_rate=100.0, **options)
    model.fit(X, Y)
    kernel = next(v for v in model.model_.trainable_variables if v.shape == (2, 2, 1, 3))
    return np.array(kernel) - np.array(backbone.trainable_variables[0])


@pytest.mark.slow
def test_steps_are_scaled():
    whole = moved(pretrained_update_scale=1.0)
    assert np.abs(whole).max() > 1e-3
    np.testing.assert_allclose(moved(pretrained_update_scale=0.1), 0.1 * whole, atol=1e-6)
    np.testing.assert_allclose(
        moved(pretrained_update_scale={"image": 0.5}), 0.5 * whole, atol=1e-6
    )


def test_auto_leaves_layers_that_the_user_built_their_whole_steps():
    np.testing.assert_array_equal(moved(), moved(pretrained_update_scale=1.0))


def test_auto_is_short_for_whole_pretrained_models():
    assert describe_image_backbone("vgg16").update_scale == FINE_TUNING_SCALE < 0.1
    assert describe_image_backbone("vgg16", options={"weights": None}).update_scale == 1
    assert describe_image_backbone("small_cnn").update_scale == 1
    assert describe_text_backbone("mean_embedding").update_scale == 1


@pytest.mark.parametrize(
    ("scale", "error"), [("fast", ValueError), (0, ValueError), (True, TypeError)]
)
def test_other_scales_are_refused(scale, error):
    with pytest.raises(error, match=r"pretrained_update_scale must be .*> 0"):
        moved(pretrained_update_scale=scale)
