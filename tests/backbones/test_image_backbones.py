import keras
import numpy as np
import pytest
from differentiate import numbers
from keras import layers

from skmtl._runtime.keras_state import keras_precision
from skmtl.backbones import _applications
from skmtl.backbones._pixels import prepare_pixels
from skmtl.backbones.image import build_image_backbone, describe_image_backbone
from skmtl.data.pixel_scaling import BACKBONE_SCALINGS, SCALINGS
from skmtl.preprocessing import ImageNormalizer
from skmtl.training.backend import is_on_cpu

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


def build(name, shape=(32, 32, 3), raw=True, **options):
    return build_image_backbone(name, input_shape=shape, raw=raw, options=options)


def run(model, pixels):
    return numbers(model(pixels, training=False))


# -- from scratch --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "cells"), [(5, 2), (8, 2), (28, 4), (32, 4), (33, 3), (64, 4), (224, 4)]
)
def test_small_cnn_halves_any_image_to_a_few_cells(side, cells):
    model = build("small_cnn", (side, side, 3))
    assert model.output_shape[1:3] == (cells, cells)
    assert model.count_params() < 500_000


def test_small_cnn_takes_other_filters():
    assert build("small_cnn", filters=(4, 6)).output_shape == (None, 8, 8, 6)


def test_raw_pixels_are_scaled_inside_and_floats_are_not():
    raw, scaled = build("small_cnn"), build("small_cnn", raw=False)
    scaled.set_weights(raw.get_weights())
    tolerance = 1e-5 if is_on_cpu() else 1e-3  # GPUs take convolutions in TF32
    np.testing.assert_allclose(
        run(raw, PIXELS), run(scaled, PIXELS.astype(np.float32) / 255), atol=tolerance
    )


@pytest.mark.parametrize(
    ("precision", "rounding"),
    [("float32", 0.0), ("mixed_float16", 2.0**-10), ("mixed_bfloat16", 2.0**-7)],
)
def test_pixels_are_scaled_as_keras_rescales_them(precision, rounding):
    if keras.config.backend() != "torch":
        rounding = 0.0  # only PyTorch does not round the number that it multiplies by
    with keras_precision(precision):
        pixels = keras.Input(PIXELS.shape[1:], dtype="uint8")
        scaled = prepare_pixels(pixels, scaling=SCALINGS["unit"])
        rescaled = keras.layers.Rescaling(1 / 255)(pixels)
        ours, keras_own = keras.Model(pixels, [scaled, rescaled])(PIXELS)
    assert ours.dtype == keras_own.dtype
    ours, keras_own = (numbers(keras.ops.cast(x, "float32")) for x in (ours, keras_own))
    np.testing.assert_allclose(ours, keras_own, rtol=rounding)


# -- keras.applications --------------------------------------------------------------------


def test_every_architecture_of_keras_has_a_name():
    functions = {name.lower() for name in dir(keras.applications) if name[0].isupper()}
    assert {name.replace("_", "") for name in BACKBONE_SCALINGS} == functions


@pytest.fixture
def templates(monkeypatch):
    """A small architecture with random weights in place of the real one; counts how often it is built."""
    made = []

    def create(name, _weights, shape):
        made.append(name)
        inputs = keras.Input(shape)
        x = layers.Conv2D(4, 3, name="first")(inputs)
        return keras.Model(inputs, layers.BatchNormalization()(x))

    monkeypatch.setattr(_applications, "_create", create)
    return made


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("name", ["vgg16", "mobilenet_v2", "densenet121", "efficientnet_b0"])
def test_raw_pixels_get_the_preprocessing_of_the_architecture(name):
    raw, scaled = (build(name, raw=raw, weights=None) for raw in (True, False))
    scaled.set_weights(raw.get_weights())
    pixels = np.stack(ImageNormalizer(scaling=name).fit_transform(list(PIXELS)))
    np.testing.assert_allclose(run(raw, PIXELS), run(scaled, pixels), rtol=1e-4, atol=1e-3)


@pytest.mark.usefixtures("templates")
def test_grey_images_are_widened():
    grey = build("vgg16", (32, 32, 1), weights=None)
    colour = build("vgg16", (32, 32, 3), weights=None)
    colour.set_weights(grey.get_weights())
    np.testing.assert_allclose(
        run(grey, PIXELS[..., :1]), run(colour, np.repeat(PIXELS[..., :1], 3, axis=3)), rtol=1e-5
    )
    with pytest.raises(ValueError, match="image_backbone='vgg16' needs images of 3 channels; go"):
        build("vgg16", (32, 32, 4), weights=None)


def test_a_weights_file_is_read_once_and_every_network_has_a_copy(templates, tmp_path):
    path = tmp_path / "x.weights.h5"
    path.touch()
    first, second = (build("vgg16", weights=path) for _ in range(2))
    assert templates == ["vgg16"]
    np.testing.assert_array_equal(run(first, PIXELS), run(second, PIXELS))
    first.set_weights([weight * 0 for weight in first.get_weights()])
    assert run(first, PIXELS).std() == 0
    assert run(second, PIXELS).std() > 0
    np.testing.assert_array_equal(run(second, PIXELS), run(build("vgg16", weights=path), PIXELS))


@pytest.mark.slow
def test_a_real_architecture_with_a_real_weights_file(tmp_path):
    random = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(32, 32, 3), alpha=1.0
    )
    path = tmp_path / "mobilenet.weights.h5"
    random.save_weights(path)
    model = build("mobilenet_v2", weights=str(path))
    expected = random(keras.applications.mobilenet_v2.preprocess_input(PIXELS.astype(np.float32)))
    np.testing.assert_allclose(run(model, PIXELS), numbers(expected), rtol=1e-3, atol=1e-4)


def test_too_small_images():
    with pytest.raises(ValueError, match=r"'vgg16' does not take images of shape \(16, 16, 3\)"):
        build("vgg16", (16, 16, 3), weights=None)


def test_weights_that_are_not_there(monkeypatch):
    with pytest.raises(
        ValueError, match=r"weights must be 'imagenet', None or .* no file 'none.h5'"
    ):
        build("vgg16", weights="none.h5")

    def fail(**_):
        raise Exception("URL fetch failure on https://example.org: None -- no route to host")

    monkeypatch.setattr(keras.applications, "VGG16", fail)
    with pytest.raises(OSError, match=r"cannot be downloaded .* image_backbone__weights=path, or"):
        build("vgg16")


# -- layers of the user --------------------------------------------------------------------


def test_a_layer_is_copied_with_its_weights():
    layer = layers.Conv2D(4, 3)
    layer.build((None, None, None, 3))
    model = build(layer)
    np.testing.assert_allclose(
        run(model, PIXELS),
        numbers(layer(PIXELS.astype(np.float32) / 255)),
        rtol=1e-4,
        atol=1e-5,
    )
    before = layer.get_weights()[0].copy()
    model.set_weights([weight * 0 for weight in model.get_weights()])
    np.testing.assert_array_equal(layer.get_weights()[0], before)


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_a_model_is_copied_with_its_weights(kind):
    if kind == "functional":
        inputs = keras.Input((32, 32, 3))
        model = keras.Model(inputs, layers.Flatten()(layers.Conv2D(2, 5, strides=4)(inputs)))
    else:
        model = keras.Sequential([layers.Conv2D(2, 5, strides=4), layers.Flatten()])
        model.build((None, 32, 32, 3))
    backbone = build(model, scaling="symmetric")
    assert len(backbone.output_shape) == 2
    np.testing.assert_allclose(
        run(backbone, PIXELS), run(model, PIXELS / np.float32(127.5) - 1), rtol=1e-4, atol=1e-5
    )
    assert not set(map(id, backbone.weights)) & set(map(id, model.weights))


def test_a_layer_without_weights_is_new():
    assert not describe_image_backbone(layers.Conv2D(4, 3)).has_pretrained_weights
    assert build(layers.Conv2D(4, 3)).count_params() == 4 * 28


# -- facts and errors ----------------------------------------------------------------------


def test_facts():
    assert describe_image_backbone("small_cnn").pooling == "flatten"
    assert not describe_image_backbone("small_cnn").has_pretrained_weights
    assert describe_image_backbone("vgg16").pooling == "avg"
    assert describe_image_backbone("vgg16").has_pretrained_weights
    options = {"weights": None}
    assert not describe_image_backbone("vgg16", options=options).has_pretrained_weights


@pytest.mark.parametrize(
    ("backbone", "options", "error", "match"),
    [
        ("vgg17", {}, ValueError, r"image_backbone must be 'small_cnn', .*'vgg16', .*got 'vgg17'"),
        (None, {}, TypeError, r"must be a name or a Keras layer; got NoneType None"),
        ("small_cnn", {"filters": map(int, "4")}, TypeError, "__filters must be .* more than once"),
        ("small_cnn", {"weights": 1}, ValueError, "__weights is not an option .*__filters"),
        ("vgg16", {"filters": 1}, ValueError, "__filters is not an option .*__weights"),
        (layers.Flatten(), {"scaling": "x"}, ValueError, "image_backbone__scaling must be one of"),
    ],
)
def test_bad_backbones(backbone, options, error, match):
    with pytest.raises(error, match=match):
        build(backbone, **options)


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["small_cnn", "vgg16", "mobilenet_v3_small"])
def test_a_saved_backbone_needs_no_code_of_ours(backbone, tmp_path):
    options = {} if backbone == "small_cnn" else {"weights": None}
    model = build(backbone, (32, 32, 1), **options)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(
        run(loaded, PIXELS[..., :1]), run(model, PIXELS[..., :1]), rtol=1e-4, atol=1e-5
    )
