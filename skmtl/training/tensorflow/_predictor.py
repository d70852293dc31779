"""A compiled forward pass that serves every estimator of one architecture."""

import numpy as np
import tensorflow as tf

from skmtl.training.predictor_base import PredictorBase
from skmtl.training.shapes import block_rows, first_size
from skmtl.training.tensorflow._graph import FlatFunction, any_rows_spec, exact_spec
from skmtl.training.tensorflow._rows import branch_vectors, modality_inputs


class Predictor(PredictorBase):
    """A compiled forward pass."""

    def __init__(self, network, *, stage="outputs"):
        super().__init__(network, stage=stage)
        self._compiled = {}

    def __call__(self, weights, table) -> list[np.ndarray]:
        presence = {n: "all" if m.is_complete else "any" for n, m in table.modalities.items()}
        n_rows, first = table.n_samples, first_size(table)
        n_filled = block_rows(n_rows, first)
        arrays = {}
        for name, modality in table.modalities.items():
            arrays[f"{name}_values"] = modality.values
            # vectors always have positions: with and without filling, they would be traced twice
            if first == 1 and modality.is_in_order:
                continue  # nothing to gather
            positions = modality.positions
            if n_filled > n_rows:
                positions = np.pad(positions, (0, n_filled - n_rows), mode="edge")
            arrays[f"{name}_positions"] = positions
        dtypes = [modality.values.dtype for modality in table.modalities.values()]
        key = (*arrays, *presence.values(), *dtypes)
        if key not in self._compiled:

            def predict(weights, arrays):
                return self._outputs(weights, arrays, presence)

            specs = (
                [exact_spec(weight) for weight in weights],
                {n: any_rows_spec(tf.constant(a)) for n, a in arrays.items()},
            )
            self._compiled[key] = FlatFunction(predict, specs)
        return [task.numpy()[:n_rows] for task in self._compiled[key](weights, arrays)]

    def _outputs(self, weights, arrays, presence):
        batch = {}
        for name, known in presence.items():
            positions = arrays.get(f"{name}_positions")
            batch |= modality_inputs(name, arrays[f"{name}_values"], positions, known)
        return self._results(weights, batch, branch_vectors)
