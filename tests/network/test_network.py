"""The whole network is a Keras model like any other, and is built at one go."""

import signal

import keras
import numpy as np
import pandas as pd
import pytest
from random_heads import with_random_heads

from skmtl import MultiTaskClassifier
from skmtl._runtime import keras_state
from skmtl.fitting.export import network_inputs
from skmtl.network import initial_values

RNG = np.random.default_rng(0)
IMAGES = np.empty(8, object)
IMAGES[:] = list(RNG.integers(0, 256, (8, 8, 8, 3)).astype(np.uint8))
X = pd.DataFrame({"image": IMAGES, "text": ["好 的", "坏 的"] * 4})
Y = pd.DataFrame({"a": [0, 1] * 4, "b": list("xyz") * 2 + ["x", "y"]})


@pytest.mark.parametrize("freeze", [False, True])
@pytest.mark.parametrize("sharing", ["hard", "none"])
def test_parts_of_the_model_can_be_used_in_other_models(freeze, sharing):
    model = MultiTaskClassifier(random_state=0, sharing=sharing).set_params(
        freeze_backbones=freeze, image_backbone__filters=[4]
    )
    whole = with_random_heads(model.initialize(X, Y)).model_
    names = [layer.name for layer in whole.layers if layer.name.endswith("_branch")]
    assert len(names) == (2 if sharing == "hard" else 4)
    outputs = [whole.get_layer(name).output for name in names]
    part = keras.Model(whole.inputs, [*outputs, *whole.outputs])
    values = [
        np.zeros((2, *(size or 1 for size in x.shape[1:])), x.dtype if x.dtype != "uint8" else "u1")
        for x in whole.inputs
    ]
    *vectors, first, second = part(values)
    assert [tuple(v.shape) for v in vectors] == [(2, *x.shape[1:]) for x in outputs]
    assert (tuple(first.shape), tuple(second.shape)) == ((2, 2), (2, 3))
    np.testing.assert_allclose(first, whole(values)[0], rtol=1e-6)


def test_ctrl_c_while_a_network_is_built_is_heeded_when_it_is_built():
    built = []

    class Interrupting(keras.layers.Layer):
        def build(self, shape):
            signal.raise_signal(signal.SIGINT)
            built.append(shape)

        def call(self, x):
            return x

    model = MultiTaskClassifier(epochs=1, image_backbone=Interrupting())
    policy = keras.config.dtype_policy()
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        model.fit(X[["image"]], Y)
    assert len(built) == 1
    assert not hasattr(model, "classes_")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert keras.config.dtype_policy() is policy
    model.set_params(image_backbone="small_cnn").fit(X[["image"]], Y)


def test_networks_differ_by_their_seed_alone():
    def weights(seed):
        network = MultiTaskClassifier(random_state=seed).initialize(X, Y)._fitted.network
        return [np.asarray(v) for v in network.trainable_variables]

    first, again, other = weights(0), weights(0), weights(1)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_keras_that_draws_seeds_elsewhere_is_an_error(monkeypatch):
    monkeypatch.setattr(keras_state, "_own_randint", lambda a, _: a)
    initial_values._known.clear()
    with pytest.raises(RuntimeError, match=r"draws its seeds from random\.randint"):
        MultiTaskClassifier().initialize(X, Y)


@pytest.mark.slow
def test_the_whole_network_gives_a_row_without_a_column_what_predict_gives():
    rng = np.random.default_rng(0)
    words = [" ".join(rng.choice(list("abcdef"), 3)) for _ in range(60)]
    X = pd.DataFrame({"x": rng.normal(size=60), "title": words})
    X.loc[::3, "x"] = np.nan
    X.loc[1::3, "title"] = None
    y = pd.DataFrame({"p": rng.integers(0, 2, 60), "q": rng.integers(0, 2, 60)})
    model = MultiTaskClassifier(columns={"title": "text"}, epochs=3, random_state=0)
    model.set_params(task_columns={"p": "x", "q": "title"}).fit(X, y)
    outputs = model.model_(network_inputs(model, X), training=False)
    for found, expected in zip(outputs, model.predict_proba(X), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
