"""What the compiled step is made of."""

import keras
import numpy as np
import tensorflow as tf

from skmtl.training.tensorflow._graph import gradient


def test_gradient_of_an_embedding_is_dense_and_adds_up_what_falls_on_an_id():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 5, 40)
    factors = rng.normal(size=(40, 3)).astype(np.float32)
    table = keras.Variable(rng.normal(size=(7, 3)).astype(np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table.value, ids) * factors)
    (found,) = gradient(tape, loss, [table])
    expected = np.zeros((7, 3), np.float32)
    np.add.at(expected, ids, factors)
    assert isinstance(found, tf.Tensor)
    np.testing.assert_array_equal(found, expected)
