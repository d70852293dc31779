"""Estimators in files without pickle."""

from skmtl.persistence._errors import ModelFileError
from skmtl.persistence._files import load, save

__all__ = ["ModelFileError", "load", "save"]
