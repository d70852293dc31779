"""What each device does for itself; histories on several devices are in `test_devices`."""

import keras
import numpy as np
import tensorflow as tf

from skmtl.training.tensorflow._devices import Devices, own_state


def test_each_device_draws_its_own_masks_and_the_first_those_of_one_device():
    generator = keras.random.SeedGenerator(3)
    state, ones = tf.convert_to_tensor(generator.state), tf.ones((8, 8))
    expected = keras.random.dropout(ones, 0.5, seed=generator).numpy()
    masks = []
    for number in range(4):
        generator.state.assign(own_state(state, number))
        masks.append(keras.random.dropout(ones, 0.5, seed=generator).numpy())
    np.testing.assert_array_equal(masks[0], expected)
    assert len({mask.tobytes() for mask in masks}) == 4


def test_what_is_no_seed_is_the_same_everywhere():
    for value in (tf.ones(2), tf.constant(3)):
        assert own_state(value, 3) is value


def test_without_a_gpu_devices_are_cpus():
    assert Devices(1).names[0].endswith("CPU:0")
