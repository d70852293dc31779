import importlib

import keras
import numpy as np
import pytest

from skmtl.data.pixel_scaling import BACKBONE_SCALINGS, find_scaling
from skmtl.preprocessing import ImageNormalizer

MODULES = {
    "caffe": "vgg16",
    "symmetric": "mobilenet_v2",
    "imagenet": "densenet",
    "raw": "efficientnet_v2",
}


@pytest.mark.parametrize(("scaling", "module"), list(MODULES.items()))
def test_conventions_are_those_of_keras(scaling, module):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    preprocess = importlib.import_module(f"keras.applications.{module}").preprocess_input
    expected = preprocess(pixels.astype(np.float32))
    (ours,) = ImageNormalizer(scaling=scaling).fit_transform([pixels])
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def module_of(name):
    """Return the module of keras.applications that defines an architecture."""
    if name.startswith("resnet"):
        return "resnet_v2" if name.endswith("_v2") else "resnet"
    modules = [m for m in dir(keras.applications) if m.islower() and name.startswith(m)]
    return max(modules, key=len)


@pytest.mark.parametrize("name", sorted(BACKBONE_SCALINGS))
def test_each_backbone_has_the_convention_of_its_module(name):
    pixels = np.linspace(0, 255, 27, dtype=np.float32).reshape(3, 3, 3)
    module = getattr(keras.applications, module_of(name))
    expected = module.preprocess_input(pixels.copy())
    scaling = find_scaling(name, parameter="scaling")
    ours = pixels[..., ::-1] if scaling.is_bgr else pixels
    ours = ours * np.float32(scaling.scale) + np.float32(scaling.offset)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def test_an_unknown_scaling_is_refused():
    with pytest.raises(ValueError, match=r"scaling must be one of 'raw', .*'vgg16'; got 'vgg17'"):
        find_scaling("vgg17", parameter="scaling")
