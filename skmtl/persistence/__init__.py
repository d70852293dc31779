"""Estimators in files without pickle."""

from skmtl.exceptions import ModelFileError
from skmtl.fitting.export import export_model, network_inputs
from skmtl.persistence._files import load, save

__all__ = ["ModelFileError", "export_model", "load", "network_inputs", "save"]
