"""Estimators in files without pickle."""

from skmtl._storage import ModelFileError
from skmtl.persistence._files import load, save

__all__ = ["ModelFileError", "load", "save"]
