"""A compiled pass through a frozen backbone."""

import jax
import keras
import numpy as np

from skmtl.training.shapes import doubled, filled


class CompiledEncoder:
    """Raw rows to features, any number of them, compiled for few numbers.

    Parameters
    ----------
    model : keras.Model
        Of a frozen backbone and its pooling.
    """

    def __init__(self, model):
        self._variables = model.variables
        self._dtype = model.inputs[0].dtype

        def call(values, rows):
            with keras.StatelessScope(zip(self._variables, values, strict=True)):
                return model(rows, training=False)

        self._call = jax.jit(call)

    def __call__(self, rows) -> np.ndarray:
        """Return the features (n_rows, d) of raw rows, as float32."""
        values = [v.value for v in self._variables]
        features = self._call(values, filled(np.asarray(rows, self._dtype), doubled(len(rows))))
        return np.array(features[: len(rows)], np.float32)
