"""A compiled pass through a frozen backbone."""

import numpy as np
import tensorflow as tf

from skmtl.training.tensorflow._graph import compiled


class CompiledEncoder:
    """Raw rows to features, any number of them, traced once.

    Parameters
    ----------
    model : keras.Model
        Of a frozen backbone and its pooling.
    """

    def __init__(self, model):
        spec = model.inputs[0]
        shape = tf.TensorSpec([None, *spec.shape[1:]], spec.dtype)
        self._call = compiled(lambda rows: model(rows, training=False), [shape])
        self._dtype = spec.dtype

    def __call__(self, rows) -> np.ndarray:
        """Return the features (n_rows, d) of raw rows, as float32."""
        return self._call(tf.constant(rows, self._dtype)).numpy().astype(np.float32)
