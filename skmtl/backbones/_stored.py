"""A backbone read from a model file: its Keras configuration instead of the name of a preset."""

import json
from dataclasses import dataclass

import keras

from skmtl._runtime.keras_config import as_config, from_config


@dataclass(frozen=True)
class StoredBackbone:
    """The architecture of a backbone, without weights.

    `skmtl.load` puts it in place of a preset, an architecture of ``keras.applications`` or a Keras
    layer: it needs neither a download nor the files that the fit read.

    Parameters
    ----------
    config : str
        JSON of the Keras configuration.
    """

    config: str

    @classmethod
    def of(cls, model) -> "StoredBackbone":
        """Read the architecture off a model; see `skmtl._runtime.keras_config.as_config`."""
        return cls(json.dumps(as_config(model)))

    def build(self) -> keras.Model:
        """Return a new model from a row to features, with random weights."""
        return from_config(json.loads(self.config))

    def get_config(self) -> dict:
        """Return the configuration, by which stored backbones differ."""
        return {"config": self.config}
