"""Adam's kernel against Keras' Adam."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("tensorflow", reason="a kernel of TensorFlow")
if keras.config.backend() != "tensorflow":
    pytest.skip("a kernel of TensorFlow", allow_module_level=True)

from skmtl._runtime.tensorflow_adam import FusedAdam, with_kernels


def moved(optimizer, start, gradients):
    """Return a variable and the optimizer's state after some steps."""
    variable = keras.Variable(start)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    return [np.asarray(v) for v in (variable, *optimizer.variables)]


# what both take exactly: the kernel rounds decay rates to float32, Keras the rest to 1
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    rate=st.floats(1e-4, 0.5),
    beta_1=st.floats(0.0, 0.9900000095367432, width=32),
    beta_2=st.floats(0.5, 0.9998999834060669, width=32),
    weight_decay=st.sampled_from([None, 0.01]),
    clipnorm=st.sampled_from([None, 0.5]),
)
def test_moves_as_keras_adam(seed, rate, beta_1, beta_2, weight_decay, clipnorm):
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(5, 3)).astype(np.float32)
    gradients = rng.normal(size=(7, 5, 3)).astype(np.float32)
    plain = keras.optimizers.Adam(
        rate, beta_1=beta_1, beta_2=beta_2, weight_decay=weight_decay, clipnorm=clipnorm
    )
    ours = moved(with_kernels(plain), start, gradients)
    theirs = moved(plain, start, gradients)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-6)


def test_a_schedule_is_followed():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    plain = keras.optimizers.Adam(schedule)
    gradients = np.ones((3, 2), np.float32)
    ours = moved(with_kernels(plain), np.zeros(2, np.float32), gradients)
    np.testing.assert_allclose(ours[0], [-0.175, -0.175], rtol=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [keras.optimizers.SGD(), keras.optimizers.AdamW(), keras.optimizers.Adam(amsgrad=True)],
)
def test_others_are_left_as_they_are(optimizer):
    assert with_kernels(optimizer) is optimizer


def test_a_kernel_takes_the_place_of_adam_and_keeps_its_configuration():
    plain = keras.optimizers.Adam(0.3, beta_1=0.5, weight_decay=0.1, clipnorm=2.0)
    ours = with_kernels(plain)
    assert type(ours) is FusedAdam
    assert ours.get_config() == plain.get_config()
