"""Backbones of the user in a file: layers that are registered, models of keras.applications."""

import json
import zipfile

import keras
import numpy as np
import pytest

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.persistence import ModelFileError

NAME = "skmtl_backbones>Patches"


@keras.saving.register_keras_serializable(package="skmtl_backbones")
class Patches(keras.layers.Layer):
    """A user's layer with a weight: a product with the mean of each channel."""

    def __init__(self, units=3, n_extra=0, **options):
        super().__init__(**options)
        self.units = units
        self.n_extra = n_extra

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))
        self.extra = [self.add_weight(shape=(1,)) for _ in range(self.n_extra)]

    def call(self, x):
        return keras.ops.mean(x, axis=(1, 2)) @ self.kernel

    def compute_output_shape(self, shape):
        return (shape[0], self.units)

    def get_config(self):
        return super().get_config() | {"units": self.units, "n_extra": self.n_extra}


IMAGES = np.random.default_rng(0).integers(0, 255, (12, 6, 6, 3), np.uint8)


@pytest.fixture(scope="module")
def fitted():
    model = MultiTaskClassifier(epochs=1, random_state=0, trunk_units=(4,))
    layer = Patches()
    layer.build((None, 6, 6, 3))
    return model.set_params(image_backbone=layer).fit(IMAGES, [0, 1] * 6)


def test_a_registered_layer_is_saved_and_loaded(fitted, tmp_path):
    fitted.save(tmp_path / "a")
    again = skmtl.load(tmp_path / "a")
    np.testing.assert_array_equal(fitted.predict_proba(IMAGES), again.predict_proba(IMAGES))
    assert type(again.image_backbone) is Patches
    again.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_process_that_has_not_registered_it_refuses(fitted, tmp_path):
    fitted.save(tmp_path / "a")
    registered = keras.saving.get_custom_objects()
    kind = registered.pop(NAME)
    try:
        with pytest.raises(ModelFileError, match=r"Patches.*import it before load"):
            skmtl.load(tmp_path / "a")
    finally:
        registered[NAME] = kind


def configs(node):
    """Yield the configuration of every own layer within JSON."""
    if isinstance(node, dict):
        if node.get("class_name") == "Patches":
            yield node["config"]
        for part in node.values():
            yield from configs(part)
    elif isinstance(node, list):
        for part in node:
            yield from configs(part)


@pytest.mark.parametrize("wrong", [{"units": 10**9}, {"n_extra": 10**7}], ids=["large", "many"])
@pytest.mark.parametrize("place", ["params", "network"])
def test_weights_of_a_registered_layer_are_bounded(place, wrong, fitted, tmp_path):
    path = tmp_path / "a"
    fitted.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    node = json.loads(members["skmtl.json"])
    changed = list(configs(node["estimator"][place]))
    assert changed
    for config in changed:
        config.update(wrong)
    members["skmtl.json"] = json.dumps(node).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ModelFileError, match=r"more weights than it holds|more or larger"):
        skmtl.load(path)


@pytest.mark.slow
def test_a_model_of_keras_applications_is_saved_and_loaded(tmp_path):
    options = {"weights": None, "include_top": False, "input_shape": (32, 32, 3), "alpha": 0.35}
    backbone = keras.applications.MobileNetV2(**options)
    images = np.random.default_rng(0).integers(0, 255, (6, 32, 32, 3), np.uint8)
    model = MultiTaskClassifier(epochs=1, random_state=0, image_backbone=backbone)
    model.set_params(freeze_backbones=True).fit(images, [0, 1] * 3)
    model.save(tmp_path / "a")
    again = skmtl.load(tmp_path / "a")
    np.testing.assert_array_equal(model.predict_proba(images), again.predict_proba(images))
