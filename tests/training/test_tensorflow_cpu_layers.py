"""Layers that train faster on a CPU against Keras' own: the same values and gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skmtl import MultiTaskClassifier
from skmtl.network.network import build_network
from skmtl.training.programs import forget_programs
from skmtl.training.tensorflow import _cpu_layers
from skmtl.training.tensorflow._cpu_layers import (
    GradientByConvolution,
    HalvingMaximum,
    with_cpu_layers,
)


@pytest.fixture
def without_onednn(monkeypatch):
    """Swap layers wherever the tests run; no program from before or afterwards is taken."""
    monkeypatch.setattr(_cpu_layers, "_has_onednn", lambda: False)
    forget_programs()
    yield
    forget_programs()


def values_and_gradients(layer, x, sources):
    """Return the outputs, and the gradients of their product with 1, 2, 3 and so on."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        weighted = y * np.arange(1, np.prod(y.shape) + 1, dtype=np.float32).reshape(y.shape)
    gradients = tape.gradient(weighted, [x, *(v.value for v in sources)])
    return [tensor.numpy() for tensor in (y, *gradients)]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    sides=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    n_channels=st.integers(1, 4),
    padding=st.sampled_from(["same", "valid"]),
)
def test_halving_has_the_bits_of_keras_even_of_equal_cells(seed, sides, n_channels, padding):
    if padding == "valid":
        sides = [side + 1 for side in sides]
    x = np.random.default_rng(seed).integers(-1, 2, (3, *sides, n_channels)).astype(np.float32)
    theirs = keras.layers.MaxPooling2D(padding=padding)
    ours = values_and_gradients(HalvingMaximum(theirs), x, [])
    for one, other in zip(ours, values_and_gradients(theirs, x, []), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    sides=st.tuples(st.integers(5, 9), st.integers(5, 9)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    channels=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from(["same", "valid"]),
    use_bias=st.booleans(),
    activation=st.sampled_from([None, "tanh"]),
)
@example(2619, (5, 5), (1, 1), (1, 1), "same", False, None)  # its gradient is a small difference
def test_convolution_has_the_values_of_keras_and_its_gradients(
    seed, sides, kernel, channels, padding, use_bias, activation
):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, *sides, channels[0])).astype(np.float32)
    theirs = keras.layers.Conv2D(
        channels[1], kernel, padding=padding, use_bias=use_bias, activation=activation
    )
    theirs.build(x.shape)
    theirs.set_weights([rng.normal(size=w.shape) for w in theirs.weights])
    ours = values_and_gradients(GradientByConvolution(theirs), x, theirs.weights)
    value, *gradients = zip(ours, values_and_gradients(theirs, x, theirs.weights), strict=True)
    np.testing.assert_allclose(*value, rtol=1e-5, atol=1e-5 * abs(value[1]).max())
    for one, other in gradients:  # sums of terms as large as the number of outputs may cancel
        atol = 1e-5 * max(abs(other).max(), ours[0].size)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=atol)


def test_large_maps_are_left_to_tensorflow():
    theirs = keras.layers.Conv2D(2, 3)
    theirs.build((1, 80, 80, 1))
    layer = GradientByConvolution(theirs)
    operations = {
        side: {
            operation.type
            for operation in tf.function(lambda x: kernel_gradient(layer, x))
            .get_concrete_function(tf.TensorSpec([1, side, side, 1]))
            .graph.get_operations()
        }
        for side in (64, 65)
    }
    assert "Conv2DBackpropFilter" in operations[65]
    assert "Conv2DBackpropFilter" not in operations[64]


def kernel_gradient(layer, x):
    """Return the gradient of the weights of the layer that `layer` stands for."""
    with tf.GradientTape() as tape:
        y = layer(x)
    return tape.gradient(y, [v.value for v in layer.layer.trainable_variables])


def pictures(n_rows=24, side=16):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n_rows, side, side, 3)).astype(np.uint8)
    return X, rng.integers(0, [3, 2], (n_rows, 2))


def swapped_layers(network) -> list:
    """Return the names of the layers of the first branch that stand for others."""
    layers = network.branches[0].model._flatten_layers()
    return [x.name for x in layers if isinstance(x, GradientByConvolution | HalvingMaximum)]


def backbone(**options):
    """Return a model within a model, with what is swapped and what is not."""
    inner = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(4, 3, name="plain", **options),
            keras.layers.MaxPooling2D(name="two"),
        ],
        name="inner",
    )
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            inner,
            keras.layers.Conv2D(4, 3, strides=2, name="strided"),
            keras.layers.Conv2D(4, 1, name="pointwise"),
            keras.layers.Conv2D(4, 2, padding="same", dilation_rate=2, name="dilated"),
            keras.layers.Conv2D(4, 2, padding="same", groups=2, name="grouped"),
            keras.layers.MaxPooling2D(3, 2, name="three"),
        ],
        name="outer",
    )


@pytest.mark.usefixtures("without_onednn")
def test_what_is_quicker_is_swapped_in_models_within_models():
    X, y = pictures()
    model = MultiTaskClassifier(image_backbone=backbone(), epochs=1, random_state=0).fit(X, y)
    network = build_network(model._fitted.spec, 0)
    swapped = with_cpu_layers(network)
    assert set(swapped_layers(swapped)) == {"plain", "two"}
    assert swapped_layers(network) == []
    ours = [id(v) for v in swapped.branches[0].model.trainable_variables]
    assert ours == [id(v) for v in network.branches[0].model.trainable_variables]


@pytest.mark.usefixtures("without_onednn")
def test_nothing_is_swapped_with_onednn_on_a_gpu_or_in_half_precision(monkeypatch):
    X, y = pictures()
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(X, y)
    network = build_network(model._fitted.spec, 0)
    assert len(swapped_layers(with_cpu_layers(network))) == 4
    half = clone(model).set_params(precision="mixed_bfloat16").fit(X, y)
    assert swapped_layers(with_cpu_layers(build_network(half._fitted.spec, 0))) == []
    with monkeypatch.context() as patched:
        patched.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
        assert with_cpu_layers(network) is network
    monkeypatch.setattr(_cpu_layers, "_has_onednn", lambda: True)
    assert with_cpu_layers(network) is network


def test_onednn_is_what_tensorflow_says(monkeypatch):
    from tensorflow.python.util import _pywrap_util_port

    assert _cpu_layers._has_onednn() is _pywrap_util_port.IsMklEnabled()
    monkeypatch.delattr(_pywrap_util_port, "IsMklEnabled")
    assert _cpu_layers._has_onednn()  # not known: TensorFlow's own layers are taken


@pytest.mark.usefixtures("without_onednn")
@pytest.mark.parametrize("penalty", [None, "l2"])
def test_a_fit_is_the_same_and_the_fitted_network_has_keras_layers(penalty, monkeypatch):
    X, y = pictures()
    model = MultiTaskClassifier(
        image_backbone=backbone(kernel_regularizer=penalty),
        epochs=3,
        batch_size=7,
        optimizer="sgd",
        random_state=0,
    )
    swapped = clone(model).fit(X, y)
    assert not any("skmtl" in type(x).__module__ for x in swapped.model_._flatten_layers())
    forget_programs()
    monkeypatch.setattr(_cpu_layers, "_has_onednn", lambda: True)
    plain = clone(model).fit(X, y)
    np.testing.assert_allclose(swapped.history_["loss"], plain.history_["loss"], rtol=1e-5)
    for ours, theirs in zip(swapped.predict_proba(X), plain.predict_proba(X), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
