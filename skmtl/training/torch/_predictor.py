"""Forward passes without gradients."""

import numpy as np
import torch

from skmtl.training.predictor_base import PredictorBase
from skmtl.training.shapes import block_rows, first_size
from skmtl.training.torch._garbage import freed
from skmtl.training.torch._rows import modality_rows, on_device


class Predictor(PredictorBase):
    """A forward pass without gradients."""

    def __call__(self, weights, table) -> list[np.ndarray]:
        batch, n_rows = {}, table.n_samples
        n_filled = block_rows(n_rows, first_size(table))
        for name, modality in table.modalities.items():
            positions = np.pad(modality.positions, (0, n_filled - n_rows), mode="edge")
            found = modality_rows(on_device(modality.values), on_device(positions))
            batch |= {f"{name}_{key}": value for key, value in found.items()}
        with torch.no_grad(), freed():
            return [z[:n_rows].cpu().numpy() for z in self._results(weights, batch)]


class CompiledEncoder:
    """Raw rows to features, any number of them; nothing is compiled.

    Parameters
    ----------
    model : keras.Model
        Of a frozen backbone and its pooling.
    """

    def __init__(self, model):
        self._model = model

    def __call__(self, rows) -> np.ndarray:
        """Return the features (n_rows, d) of raw rows, as float32."""
        rows = on_device(np.asarray(rows, self._model.inputs[0].dtype))
        with torch.no_grad(), freed():
            return self._model(rows, training=False).float().cpu().numpy()
