"""What the compiled step is made of."""

import keras
import numpy as np
import tensorflow as tf

from skmtl.data.lazy import aligned_empty
from skmtl.training.tensorflow._graph import densified, padded
from skmtl.training.tensorflow._rows import planned_inputs


def test_gradient_of_an_embedding_is_dense_and_adds_up_what_falls_on_an_id():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 5, 40)
    factors = rng.normal(size=(40, 3)).astype(np.float32)
    table = keras.Variable(rng.normal(size=(7, 3)).astype(np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table.value, ids) * factors)
    found = densified(tape.gradient(loss, table.value))
    expected = np.zeros((7, 3), np.float32)
    np.add.at(expected, ids, factors)
    assert isinstance(found, tf.Tensor)
    np.testing.assert_array_equal(found, expected)


def test_a_batch_of_values_in_order_is_a_slice_of_them():
    arrays = {
        "image_values": tf.reshape(tf.range(48), [12, 4]),
        "text_values": tf.range(5),
        "text_positions": tf.range(12) - 7,
    }
    batch = planned_inputs(arrays, tf.constant([6, 7, 8]), {"image": "all", "text": "some"})
    np.testing.assert_array_equal(batch["image_inputs"], np.arange(24, 36).reshape(3, 4))
    assert batch["image_present"].numpy().all()
    np.testing.assert_array_equal(batch["text_inputs"], [0, 1])  # gathered by position
    np.testing.assert_array_equal(batch["text_present"], [False, True, True])


def test_an_aligned_array_lends_its_memory_and_any_other_is_copied():
    aligned = aligned_empty((4, 16), np.uint8)
    aligned[:] = 1
    shifted = aligned_empty((65,), np.uint8)[1:].reshape(4, 16)
    shifted[:] = 1
    for array, expected in ((aligned, 2), (shifted, 1)):
        tensor = padded(array, 4)
        array[0, 0] = 2
        assert int(tensor[0, 0]) == expected
    longer = padded(aligned, 6)
    assert longer.shape == (6, 16)
    assert not longer[4:].numpy().any()
