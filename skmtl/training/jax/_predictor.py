"""A compiled forward pass that serves every estimator of one architecture."""

import jax
import numpy as np

from skmtl.training.predictor_base import PredictorBase
from skmtl.training.shapes import doubled, filled, first_size

PREDICT_ROWS = 480  # the largest number of rows that is asked for at once


class Predictor(PredictorBase):
    """A compiled forward pass."""

    def __init__(self, network, *, stage="outputs"):
        super().__init__(network, stage=stage)
        self._compiled = jax.jit(self._outputs)

    def __call__(self, weights, table) -> list[np.ndarray]:
        first = first_size(table)
        n_rows = table.n_samples
        batch = {}
        for name, modality in table.modalities.items():
            missing = modality.positions < 0
            batch[f"{name}_inputs"] = filled(modality.values, _size(len(modality.values), first))
            padding = np.full(_size(n_rows, first) - n_rows, -1, np.int32)
            slots = np.concatenate([np.where(missing, -1, modality.positions), padding])
            batch[f"{name}_slots"] = slots.astype(np.int32)
        return [np.array(task)[:n_rows] for task in self._compiled(weights, batch)]

    def _outputs(self, weights, batch):
        present = {
            key.replace("_slots", "_present"): slots >= 0
            for key, slots in batch.items()
            if key.endswith("_slots")
        }
        return self._results(weights, batch | present)


def _size(n_rows, first) -> int:
    """Return how many rows are computed: one compilation serves many numbers of rows."""
    return max(n_rows, min(doubled(n_rows, first), PREDICT_ROWS))
